import { SpinRatio } from '../queue/spin.ts'
import type { QueuePlatform } from './queue-thread.ts'

const TRIES_PER_LOOK = 8

/**
 * A moment of spinning at one end of a queue saves a wake-up when the other end is at work: it is used by its hit ratio (D4).
 */
export class QueueSpin {
  readonly #platform: QueuePlatform
  readonly #ratio = new SpinRatio()

  constructor(platform: QueuePlatform) {
    this.#platform = platform
  }

  /** Tries again, for a moment, as long as that gives `nothing`. */
  again(attempt: () => number, nothing: number): number {
    const { spinMs, clock } = this.#platform
    if (spinMs === 0 || !this.#ratio.shouldSpin()) return nothing
    const untilMs = clock.nowMs() + spinMs
    do {
      for (let i = 0; i < TRIES_PER_LOOK; i++) {
        const result = attempt()
        if (result === nothing) continue
        this.#ratio.hit()
        return result
      }
    } while (clock.nowMs() < untilMs)
    this.#ratio.miss()
    return nothing
  }
}
