import type { Cancel, Clock } from '../base/clock.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { SCAN_MS } from '../base/limits.ts'
import type { StackWatch } from '../isolate/isolate.ts'
import type { Arena } from '../queue/arena.ts'
import { MESSAGES, REPLIES } from '../queue/layout.ts'
import type { Names } from '../queue/names.ts'
import { hasReady } from '../queue/ready.ts'
import { isDebugged, isInWait, lastPong, methodIn, shownProgress } from '../queue/seat.ts'
import type { ActorLife } from './actor-life.ts'

/** A look that comes later than this after the last one has seen nothing: the process was stopped, or this thread was held up. */
const LATE_MS = 3 * SCAN_MS
/** Half of `hangAfterMs` is left for the answer to a ping, within these bounds: a busy machine may let a thread wait. */
const PING_MS_MIN = 3 * SCAN_MS
const PING_MS_MAX = 5_000
/** So many timely looks must have found the ping unanswered. */
const LOOKS = 2
/** The verdict does not wait for a stack that does not come. */
const FRAMES_MS = 50

export interface HangPorts {
  readonly clock: Clock
  /** Lets the host say whether somebody is debugging the process: only its main thread knows (`setDebugged`). */
  askIfDebugged(): void
}

/** An isolate that has a message in progress, or waiting. */
interface Suspect {
  readonly incarnation: number
  readonly progress: number
  /** When it was first seen with this message. */
  sinceMs: number
  /** Until when its event loop is known to have turned. */
  aliveMs: number
  /** The ping that its event loop has not answered yet, and how many timely looks have found it so. */
  ping: number | undefined
  pingedMs: number
  looks: number
  stack: StackWatch | undefined
  cancel: Cancel | undefined
}

/**
 * Finds isolates that hang: one message has kept the event loop from turning for `hangAfterMs`. It is seen from outside, by
 * the control side's scan. Which message is in progress is a word that the isolate stores anyway; when it began is when this
 * side saw it first; and only an isolate that has had the same message for long is pinged. So it costs nothing per message,
 * and no timer in any isolate.
 *
 * Not hung: who awaits (its event loop answers), who is in a blocking wait of the runtime (it has its own deadline), who is
 * being debugged. Time in which nobody could look (the process was stopped, this thread was held up) does not count.
 */
export class HangWatch {
  readonly #arena: Arena
  readonly #names: Names
  readonly #ports: HangPorts
  readonly #suspects = new Map<ActorLife, Suspect>()
  #lastMs: number
  #pings = 0

  constructor(arena: Arena, names: Names, ports: HangPorts) {
    this.#arena = arena
    this.#names = names
    this.#ports = ports
    this.#lastMs = ports.clock.nowMs()
  }

  /** Called every SCAN_MS, with all that have something in progress or waiting; who else lives is no suspect. */
  scan(lives: Iterable<ActorLife>): void {
    const nowMs = this.#tick()
    const left = new Set(this.#suspects.keys())
    for (const life of lives) if (this.#look(life, nowMs)) left.delete(life)
    for (const life of left) this.#clear(life)
  }

  /** The time, and what it means: if it has jumped, nothing is known of the time in between. */
  #tick(): number {
    const nowMs = this.#ports.clock.nowMs()
    const gapMs = nowMs - this.#lastMs
    this.#lastMs = nowMs
    if (gapMs <= LATE_MS) return nowMs
    for (const suspect of this.#suspects.values()) {
      suspect.sinceMs += gapMs
      suspect.aliveMs += gapMs
      forgetPing(suspect)
    }
    return nowMs
  }

  /** Whether it is a suspect. */
  #look(life: ActorLife, nowMs: number): boolean {
    const { hangAfterMs, address, incarnation } = life
    if (hangAfterMs === undefined || hangAfterMs === Number.POSITIVE_INFINITY) return false
    const progress = shownProgress(this.#arena, address.seat)
    if (progress === 0 && !hasReady(this.#arena, MESSAGES, address.seat) && !hasReady(this.#arena, REPLIES, address.seat)) return false
    const suspect = this.#suspects.get(life)
    if (suspect?.incarnation !== incarnation || suspect.progress !== progress) {
      this.#clear(life)
      const fresh = { incarnation, progress, sinceMs: nowMs, aliveMs: nowMs }
      this.#suspects.set(life, { ...fresh, ping: undefined, pingedMs: 0, looks: 0, stack: undefined, cancel: undefined })
    } else this.#examine(life, suspect, hangAfterMs, nowMs)
    return true
  }

  #examine(life: ActorLife, suspect: Suspect, hangAfterMs: number, nowMs: number): void {
    const answered = suspect.ping !== undefined && lastPong(this.#arena, life.address.seat) === suspect.ping
    if (answered || isInWait(this.#arena, life.address.seat) || isDebugged(this.#arena)) {
      suspect.aliveMs = nowMs
      return forgetPing(suspect)
    }
    if (suspect.ping === undefined) {
      // One look earlier than it must be, so that the time for an answer does not put off the verdict.
      const pingMs = Math.min(PING_MS_MAX, Math.max(PING_MS_MIN + SCAN_MS, hangAfterMs / 2))
      if (nowMs - suspect.aliveMs >= hangAfterMs - pingMs) this.#ping(life, suspect, hangAfterMs, nowMs)
      return
    }
    suspect.looks++
    if (suspect.looks === 1) suspect.stack = life.watchStack()
    if (suspect.looks >= LOOKS && nowMs >= dueMs(suspect, hangAfterMs)) void this.#verdict(life, suspect)
  }

  /** The last look comes when the time is over, and not at the next scan after that. */
  #ping(life: ActorLife, suspect: Suspect, hangAfterMs: number, nowMs: number): void {
    suspect.ping = ++this.#pings
    suspect.pingedMs = nowMs
    suspect.looks = 0
    life.post({ type: 'ping', ping: suspect.ping })
    this.#ports.askIfDebugged()
    suspect.cancel = this.#ports.clock.after(dueMs(suspect, hangAfterMs) - nowMs, () => {
      if (this.#suspects.get(life) === suspect) this.#look(life, this.#tick())
    })
  }

  async #verdict(life: ActorLife, suspect: Suspect): Promise<void> {
    this.#suspects.delete(life)
    suspect.cancel?.()
    const frames = await this.#framesOf(suspect)
    const { seat } = life.address
    // It may have come back at the last moment.
    if (life.incarnation !== suspect.incarnation || shownProgress(this.#arena, seat) !== suspect.progress) return
    if (suspect.ping === lastPong(this.#arena, seat)) return
    const method = this.#names.nameOf(methodIn(suspect.progress)) ?? ''
    await life.kill({ kind: 'hung', method, ageMs: Math.round(this.#ports.clock.nowMs() - suspect.sinceMs), frames } satisfies ExitReason)
  }

  #framesOf({ stack }: Suspect): Promise<readonly string[]> {
    if (stack === undefined) return Promise.resolve([])
    const isLate = new Promise<readonly string[]>((resolve) => this.#ports.clock.after(FRAMES_MS, () => resolve([])))
    return Promise.race([stack.topFrames(), isLate])
  }

  #clear(life: ActorLife): void {
    const suspect = this.#suspects.get(life)
    if (suspect !== undefined) forgetPing(suspect)
    this.#suspects.delete(life)
  }
}

/** When it has been silent for long enough, and has had time for its answer. */
function dueMs({ aliveMs, pingedMs }: Suspect, hangAfterMs: number): number {
  return Math.max(aliveMs + hangAfterMs, pingedMs + PING_MS_MIN)
}

function forgetPing(suspect: Suspect): void {
  suspect.cancel?.()
  // Whoever watches is told to stop.
  void suspect.stack?.topFrames()
  suspect.ping = suspect.stack = suspect.cancel = undefined
  suspect.looks = 0
}
