import { pause } from '../queue/atomics.ts'

const PAUSES_MIN = 16
/** Some 5 µs, where a pause takes 36 ns. */
const PAUSES_MAX = 128
/** One more item for so many pauses, or the wait was not worth it. */
const PAUSES_PER_ITEM = 32
/** After a wait that was not worth it. */
const SIT_OUT = 32
/** Items for which it is done, or not, before the two ways are compared, and so many times as long the better one is kept. */
const TRIAL_ITEMS = 1_024
const TRIALS_KEPT = 30

/**
 * Two threads at the ends of a queue take cache lines from each other: if the faster one follows the slower at its heels,
 * every item costs both of them several. So whoever has caught up lets a moment go by before it looks again, and then finds
 * several items (or places) at a time. The wait grows as long as it brings more of them, and stops when it does not: one
 * item at a time, to and fro, is held up by a microsecond, one time in 32. Where few are on their way at once and somebody
 * waits for the answers, it brings several and delays them all the same; so the two ways are tried in turn, and the one that
 * gets on faster is kept for a while.
 */
export class Linger {
  readonly #nowMs: () => number
  #pauses = 0
  #sitOut = 0
  #inARow = 1
  #isOn = true
  #itemsLeft = TRIAL_ITEMS
  #trial = 0
  #startedMs = 0
  #withMs = Number.POSITIVE_INFINITY

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** One more was there at once. */
  hit(): void {
    this.#inARow++
    if (--this.#itemsLeft === 0) this.#nextTrial()
  }

  /** There is nothing at the moment, and somebody is about to look for it again and again. Returns how many pauses that took. */
  wait(): number {
    if (--this.#itemsLeft === 0) this.#nextTrial()
    this.#pauses = this.#isOn ? this.#pausesNow() : 0
    this.#inARow = 1
    for (let i = 0; i < this.#pauses; i++) pause()
    return this.#pauses
  }

  #pausesNow(): number {
    if (this.#sitOut > 0) {
      this.#sitOut--
      return 0
    }
    if (this.#inARow * PAUSES_PER_ITEM > this.#pauses) return Math.min(PAUSES_MAX, Math.max(PAUSES_MIN, this.#pauses * 2))
    this.#sitOut = SIT_OUT
    return 0
  }

  /** The first is with it, the second without, and then the better of the two. */
  #nextTrial(): void {
    const nowMs = this.#nowMs()
    const tookMs = nowMs - this.#startedMs
    this.#startedMs = nowMs
    this.#itemsLeft = TRIAL_ITEMS
    this.#trial = (this.#trial + 1) % (2 + TRIALS_KEPT)
    if (this.#trial === 1) {
      this.#withMs = tookMs
      this.#isOn = false
    } else if (this.#trial === 2) this.#isOn = this.#withMs < tookMs
    else if (this.#trial === 0) this.#isOn = true
  }
}
