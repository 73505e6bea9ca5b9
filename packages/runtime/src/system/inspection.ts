import type { Clock } from '../base/clock.ts'
import type { MeasuredCpu, MeasuredLoop, MeasuredMemory } from '../isolate/measured.ts'
import type { Inspection } from '../isolate/requests.ts'
import type { Arena } from '../queue/arena.ts'
import { mailboxDepth } from '../queue/mailbox-depth.ts'
import type { Names } from '../queue/names.ts'
import { methodIn, shownMemory, shownProgress } from '../queue/seat.ts'
import type { ActorLife } from './actor-life.ts'

/** How long a window is, at least, over which a loop's use is told. */
const WINDOW_MS = 1_000

interface Track {
  readonly incarnation: number
  progress: number
  /** When that was seen first. */
  sinceMs: number
  /** The loop's use at the beginning of this window, and of the one before. */
  windows: readonly [MeasuredLoop, MeasuredLoop]
  /** The last that was measured, and when: who is stuck in native code answers no more. */
  memory: MeasuredMemory | undefined
  cpu: MeasuredCpu | undefined
  measuredMs: number
}

const NOTHING: MeasuredLoop = { activeMs: 0, idleMs: 0 }

/**
 * The evidence about each isolate, from the control side: what it is doing and since when, from words in shared memory; how busy
 * it is and what it uses, from Node. Nothing of it needs the isolate to do anything, so it is there while that is wedged.
 */
export class Inspector {
  readonly #arena: Arena
  readonly #names: Names
  readonly #clock: Clock
  readonly #tracks = new Map<ActorLife, Track>()
  #windowMs: number

  constructor(arena: Arena, names: Names, clock: Clock) {
    this.#arena = arena
    this.#names = names
    this.#clock = clock
    this.#windowMs = clock.nowMs()
  }

  /** Called at every scan, with all that live, and with those of them that may have begun or ended something: an age is as exact as that. */
  scan(lives: Iterable<ActorLife>, busy: Iterable<ActorLife>): void {
    for (const life of busy) this.#look(life)
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#windowMs < WINDOW_MS) return
    this.#windowMs = nowMs
    const gone = new Set(this.#tracks.keys())
    for (const life of lives) {
      gone.delete(life)
      const track = this.#look(life)
      const loop = life.isolate?.loop?.()
      if (loop !== undefined) track.windows = [loop, track.windows[0]]
    }
    for (const life of gone) this.#tracks.delete(life)
  }

  /** All, or the one at a path. */
  inspect(lives: ReadonlyMap<string, ActorLife>, path: string | undefined): Promise<readonly Inspection[]> {
    const chosen = path === undefined ? [...lives.values()] : [lives.get(path)].filter((life) => life !== undefined)
    return Promise.all(chosen.map((life) => this.inspectOne(life)))
  }

  async inspectOne(life: ActorLife): Promise<Inspection> {
    const measured = await life.isolate?.measure?.()
    const track = this.#look(life)
    const nowMs = this.#clock.nowMs()
    this.#keep(life, track, measured?.memory, measured?.cpu, nowMs)
    const { progress, memory, cpu, measuredMs } = track
    const { seat, path } = life.address
    return {
      path,
      incarnation: life.incarnation,
      isReady: life.isReady,
      mailboxDepth: mailboxDepth(this.#arena, seat),
      method: progress === 0 ? undefined : (this.#names.nameOf(methodIn(progress)) ?? '?'),
      methodAgeMs: progress === 0 ? undefined : Math.round(nowMs - track.sinceMs),
      ...useOf(track, measured?.loop ?? NOTHING),
      cpuUserMs: cpu?.userMs,
      cpuSystemMs: cpu?.systemMs,
      heapBytes: memory?.heapBytes,
      heapLimitBytes: memory?.heapLimitBytes,
      externalBytes: memory?.externalBytes,
      measuredAgoMs: memory && Math.round(nowMs - measuredMs),
    }
  }

  #look(life: ActorLife): Track {
    const nowMs = this.#clock.nowMs()
    const progress = shownProgress(this.#arena, life.address.seat)
    let track = this.#tracks.get(life)
    if (track?.incarnation !== life.incarnation) {
      // Objects of its own: what a window is replaced by is as many, so that counts of objects show what is kept too long (test/soak).
      const windows = [{ ...NOTHING }, { ...NOTHING }] as const
      const fresh = { memory: undefined, cpu: undefined, measuredMs: nowMs }
      track = { incarnation: life.incarnation, progress, sinceMs: nowMs, windows, ...fresh }
      this.#tracks.set(life, track)
    }
    if (track.progress !== progress) Object.assign(track, { progress, sinceMs: nowMs })
    return track
  }

  #keep(life: ActorLife, track: Track, memory: MeasuredMemory | undefined, cpu: MeasuredCpu | undefined, nowMs: number): void {
    track.cpu = cpu ?? track.cpu
    if (memory !== undefined) return void Object.assign(track, { memory, measuredMs: nowMs })
    const shown = shownMemory(this.#arena, life.address.seat, nowMs)
    if (shown !== undefined) Object.assign(track, { memory: shown.memory, measuredMs: nowMs - shown.agoMs })
  }
}

/** Over the last one to two windows; since its start, if it is younger. */
function useOf({ windows }: Track, loop: MeasuredLoop): Pick<Inspection, 'loopUse' | 'loopActiveMs' | 'loopIdleMs'> {
  const activeMs = loop.activeMs - windows[1].activeMs
  const wholeMs = activeMs + loop.idleMs - windows[1].idleMs
  return { loopUse: wholeMs > 0 ? activeMs / wholeMs : 0, loopActiveMs: loop.activeMs, loopIdleMs: loop.idleMs }
}
