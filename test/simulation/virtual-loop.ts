import type { Clock } from '../../packages/runtime/src/base/clock.ts'

interface Task {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** An event loop of its own: turns, timers and the clock of everything that runs in a simulation. Time passes only when nothing is left to do. */
export class VirtualLoop {
  nowMs = 0
  #tasks: Task[] = []
  #order = 0
  /** What a task threw, or a promise was rejected with: the first. */
  failure: unknown

  readonly clock: Clock = {
    nowMs: () => this.nowMs,
    after: (delayMs, run) => this.at(this.nowMs + delayMs, run),
  }

  post(run: () => void): void {
    this.at(this.nowMs, run)
  }

  at(atMs: number, run: () => void): () => void {
    const task = { atMs, order: this.#order++, run }
    const behind = this.#tasks.findIndex((other) => other.atMs > atMs)
    if (behind < 0) this.#tasks.push(task)
    else this.#tasks.splice(behind, 0, task)
    return () => {
      const at = this.#tasks.indexOf(task)
      if (at >= 0) this.#tasks.splice(at, 1)
    }
  }

  /** Runs until a time, or until `isDone`. Every promise that can settle has settled before the next task runs. */
  async runUntil(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    for (;;) {
      await settled()
      if (this.failure !== undefined) throw this.failure
      const [next] = this.#tasks
      if (isDone() || next === undefined || next.atMs > untilMs) break
      this.#tasks.shift()
      this.nowMs = Math.max(this.nowMs, next.atMs)
      try {
        next.run()
      } catch (error) {
        this.failure ??= error
      }
    }
    if (!isDone()) this.nowMs = Math.max(this.nowMs, untilMs)
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
