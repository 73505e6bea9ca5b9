import type { QueuePlatform } from './queue-thread.ts'

const TURN_MS = 1
const OPERATIONS_PER_ROW = 32

/** An asynchronous loop that never has to wait would keep the event loop from turning: now and then its result comes a turn later. */
export class QueueTurns {
  readonly #platform: QueuePlatform
  readonly #onRow: (() => void) | undefined
  #operations = 0
  #turnMs = 0

  /** `onRow`: called now and then, when there have been some operations that have not waited. */
  constructor(platform: QueuePlatform, onRow?: () => void) {
    this.#platform = platform
    this.#onRow = onRow
  }

  /** Asked after each operation that has not waited. */
  get isDue(): boolean {
    this.#operations = (this.#operations + 1) % OPERATIONS_PER_ROW
    if (this.#operations !== 0) return false
    this.#onRow?.()
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
