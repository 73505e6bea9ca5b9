import { SpinRatio } from '../queue/spin.ts'

const SPINS_PER_LOOK = 20

/** Waits for something by looking for it again and again, for a moment, if that has paid lately (D4). */
export class Spinner {
  readonly #spinMs: number
  readonly #nowMs: () => number
  readonly #ratio = new SpinRatio()

  /** `spinMs`: 0 on a machine with one core, where whoever spins keeps the other from working. */
  constructor(spinMs: number, nowMs: () => number) {
    this.#spinMs = spinMs
    this.#nowMs = nowMs
  }

  /** True as soon as `isThere` is. Costs nothing when spinning does not pay. */
  spin(isThere: () => boolean): boolean {
    if (this.#spinMs === 0 || !this.#ratio.shouldSpin()) return false
    const untilMs = this.#nowMs() + this.#spinMs
    do {
      for (let i = 0; i < SPINS_PER_LOOK; i++) {
        if (!isThere()) continue
        this.#ratio.hit()
        return true
      }
    } while (this.#nowMs() < untilMs)
    this.#ratio.miss()
    return false
  }
}
