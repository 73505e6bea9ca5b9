import { SpinRatio } from '../queue/spin.ts'
import type { Linger } from './linger.ts'

const SPINS_PER_LOOK = 20
/**
 * Whoever is sure waits so many times as long: the other end may be collecting garbage. A sleep in the middle of dense traffic
 * costs more than its wake-up, because that may put both threads on one core (vigil.ts).
 */
const SURE_FACTOR = 8

/** Waits for something by looking for it again and again, for a moment, if that has paid lately (D4). */
export class Spinner {
  readonly #spinMs: number
  readonly #nowMs: () => number
  readonly #linger: Linger | undefined
  readonly #ratio = new SpinRatio()

  /**
   * `spinMs`: 0 on a machine with one core, where whoever spins keeps the other from working. `linger`: for what comes in
   * rows.
   */
  constructor(spinMs: number, nowMs: () => number, linger?: Linger) {
    this.#spinMs = spinMs
    this.#nowMs = nowMs
    this.#linger = linger
  }

  /** True as soon as `isThere` is. Costs nothing when spinning does not pay. */
  spin(isThere: () => boolean): boolean {
    if (this.#spinMs === 0 || !this.#ratio.shouldSpin()) return false
    this.#linger?.wait()
    const untilMs = this.#nowMs() + (this.#ratio.isSure ? this.#spinMs * SURE_FACTOR : this.#spinMs)
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
