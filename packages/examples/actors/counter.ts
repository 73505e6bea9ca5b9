import { setTimeout as sleep } from 'node:timers/promises'
import { Actor } from '@troupe/runtime'

export class Counter extends Actor {
  static readonly module = import.meta.url
  #total: number

  constructor(start = 0) {
    super()
    this.#total = start
  }

  add(n: number): number {
    this.#total += n
    return this.#total
  }

  /** One message at a time, also across awaits: nothing else changes the total meanwhile. */
  async addSlowly(n: number, afterMs: number): Promise<number> {
    const before = this.#total
    await sleep(afterMs)
    this.#total = before + n
    return this.#total
  }

  total(): number {
    return this.#total
  }
}
