import type { QueuePlatform } from './queue-thread.ts'

const TURN_MS = 1
const OPERATIONS_PER_LOOK = 32

/** An asynchronous loop that never has to wait would keep the event loop from turning: now and then its result comes a turn later. */
export class QueueTurns {
  readonly #platform: QueuePlatform
  #operations = 0
  #turnMs = 0

  constructor(platform: QueuePlatform) {
    this.#platform = platform
  }

  /** Asked after each operation that has not waited. */
  get isDue(): boolean {
    if (++this.#operations % OPERATIONS_PER_LOOK !== 0) return false
    return this.#platform.clock.nowMs() - this.#turnMs > TURN_MS
  }

  next<R>(value: R): Promise<R> {
    return new Promise((resolve) =>
      this.#platform.nextTurn(() => {
        this.#turnMs = this.#platform.clock.nowMs()
        resolve(value)
      }),
    )
  }
}
