import type { Clock } from '../../packages/runtime/src/base/clock.ts'

/** A clock that a test moves. */
export class HandClock implements Clock {
  ms = 0
  readonly #timers = new Set<{ readonly atMs: number; readonly task: () => void }>()

  nowMs(): number {
    return this.ms
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.ms + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get waiting(): number {
    return this.#timers.size
  }

  /** Runs what is due. */
  run(): void {
    for (const timer of [...this.#timers]) if (timer.atMs <= this.ms && this.#timers.delete(timer)) timer.task()
  }
}
