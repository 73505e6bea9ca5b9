import type { QueuePlatform } from './queue-thread.ts'
import { Spinner } from './spinner.ts'

/** A moment of spinning at one end of a queue saves a wake-up when the other end is at work. */
export class QueueSpin {
  readonly #spinner: Spinner

  constructor({ spinMs, clock }: QueuePlatform) {
    this.#spinner = new Spinner(spinMs, () => clock.nowMs())
  }

  /** Tries again, for a moment, as long as that gives `nothing`. */
  again(attempt: () => number, nothing: number): number {
    let result = nothing
    this.#spinner.spin(() => (result = attempt()) !== nothing)
    return result
  }
}
