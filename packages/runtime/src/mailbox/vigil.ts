/** A sleep shorter than this was hardly worth it: the next message was on its way. */
const SHORT_SLEEP_MS = 0.5
/** So many short sleeps in a row, and the thread stays awake for once. */
const SLEEPS_MIN = 32
const SLEEPS_MAX = 32_768
/** A scheduler moves one of two threads that are both awake to another core within 6 to 20 ms (Linux 6.18, two cores). */
const VIGIL_MS = 20

/**
 * Two threads that take turns on one core never part: when one sleeps as soon as the other works, the scheduler sees a core
 * with one thread, and leaves them there for seconds, at 10 to 15 times the time of a round trip. If a thread's sleeps are
 * all short, it stays awake for a moment, in turns of its event loop, and so does its partner, whose sleeps are as short.
 * Then the scheduler sees two, and parts them. Where that does not help (more busy threads than cores) it is tried half as
 * often each time.
 */
export class Vigil {
  #shortSleeps = 0
  #sleepsNeeded = SLEEPS_MIN
  #sleptAtMs = 0
  #untilMs = 0

  /** The thread is about to sleep: true when it should not yet. */
  isKept(nowMs: number): boolean {
    if (nowMs < this.#untilMs) return true
    this.#sleptAtMs = nowMs
    if (this.#shortSleeps < this.#sleepsNeeded) return false
    this.#shortSleeps = 0
    this.#sleepsNeeded = Math.min(SLEEPS_MAX, this.#sleepsNeeded * 2)
    this.#untilMs = nowMs + VIGIL_MS
    return true
  }

  woken(nowMs: number): void {
    const sleptMs = nowMs - this.#sleptAtMs
    if (sleptMs < SHORT_SLEEP_MS) this.#shortSleeps++
    else {
      this.#shortSleeps = 0
      // Another kind of traffic: what was tried before says nothing about it.
      if (sleptMs > VIGIL_MS) this.#sleepsNeeded = SLEEPS_MIN
    }
  }
}
