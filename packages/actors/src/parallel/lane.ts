import type { Runner } from './crew.ts'

const AHEAD_MS = 1
const WINDOW_MAX = 512
/** Measured from answer to answer, so with this thread's own part in it. */
const TINY_MS = 0.03

/**
 * One isolate of an executor, and what is on its way to it: about `AHEAD_MS` of work, so that it never waits and nothing waits
 * long behind another task.
 */
export class Lane {
  readonly at: number
  runner: Runner | undefined
  isStarting = false
  sent = 0
  #window = 1
  #msPerTask = AHEAD_MS
  #lastMs = 0

  constructor(at: number) {
    this.at = at
  }

  get hasRoom(): boolean {
    return this.sent < this.#window
  }

  /** Handing its tasks out costs as much as doing them. */
  get isTiny(): boolean {
    return this.#msPerTask < TINY_MS
  }

  send(): void {
    if (this.sent++ === 0) this.#lastMs = performance.now()
  }

  /** Between two answers of a busy isolate lies one task. `isAlone`: never more than one is on its way. */
  answered(isAlone: boolean): void {
    const nowMs = performance.now()
    this.#msPerTask += (nowMs - this.#lastMs - this.#msPerTask) / 8
    this.#lastMs = nowMs
    this.sent--
    if (!isAlone) this.#window = Math.max(1, Math.min(WINDOW_MAX, Math.round(AHEAD_MS / this.#msPerTask)))
  }

  /** After a death: what its next incarnation takes, nobody knows. */
  beginAgain(): void {
    this.#window = 1
  }
}
