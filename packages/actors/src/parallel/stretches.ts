/** A look at the clock costs as much as a small item does: it is looked at after so much work, more or less. */
const LOOK_MS = 0.01
/** And after so many items at the latest: the next ones may be a thousand times as dear as those before. */
const STRETCH_MAX = 64

/** Cuts a slice of time into stretches of items, so that small items do not pay for looking at the clock. */
export class Stretches {
  readonly #sliceMs: number
  readonly #begunMs = performance.now()
  #lastMs = this.#begunMs
  #stretch = 1

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs
  }

  /** How far to go from `at` before the next look; `at` itself when the slice is over, or there is nothing left. */
  next(at: number, length: number): number {
    const nowMs = performance.now()
    if (at > 0) {
      if (nowMs - this.#begunMs >= this.#sliceMs) return at
      const isShort = nowMs - this.#lastMs < LOOK_MS
      this.#stretch = isShort ? Math.min(STRETCH_MAX, this.#stretch * 2) : Math.max(1, this.#stretch >> 1)
      this.#lastMs = nowMs
    }
    return Math.min(length, at + this.#stretch)
  }

  elapsedMs(): number {
    return performance.now() - this.#begunMs
  }
}
