import type { Cancel, Clock } from '../base/clock.ts'
import { REST_MS, SCAN_MS } from '../base/limits.ts'
import type { Arena } from '../queue/arena.ts'
import { endRest, rest, rouse } from '../queue/rest.ts'

/** So many looks in a row must have found everybody asleep, and nobody woken in between. */
const QUIET_LOOKS = 4

/**
 * When the control side looks at all seats: every SCAN_MS. When all have been asleep for a while it rests until somebody is woken,
 * for REST_MS at most: an idle service costs as good as nothing then.
 */
export class Scans {
  readonly #arena: Arena
  readonly #clock: Clock
  readonly #look: () => number | undefined
  #cancel: Cancel = () => {}
  #isStopped = false
  #mark: number | undefined
  #quiet = 0

  /** `look`: returns the mark of a system that sleeps, the same each time until somebody is woken; undefined: somebody is awake. */
  constructor(arena: Arena, clock: Clock, look: () => number | undefined) {
    this.#arena = arena
    this.#clock = clock
    this.#look = look
    this.#lookIn(SCAN_MS)
  }

  /** Something begins that is worth a look, by other ways than a message. */
  rouse(): void {
    rouse(this.#arena)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
    endRest(this.#arena)
  }

  #lookIn(delayMs: number): void {
    if (this.#isStopped) return
    this.#cancel = this.#clock.after(delayMs, () => {
      const mark = this.#look()
      this.#quiet = mark !== undefined && mark === this.#mark ? this.#quiet + 1 : 0
      this.#mark = mark
      if (this.#quiet < QUIET_LOOKS) this.#lookIn(SCAN_MS)
      else this.#rest()
    })
  }

  #rest(): void {
    const roused = rest(this.#arena)
    let delayMs = SCAN_MS
    this.#cancel = this.#clock.after(REST_MS, () => {
      delayMs = 0
      endRest(this.#arena)
    })
    // Whoever was woken before the word was there did not see it.
    if (this.#look() !== this.#mark) this.rouse()
    void (roused ?? Promise.resolve()).then(() => {
      this.#cancel()
      this.#lookIn(delayMs)
    })
  }
}
