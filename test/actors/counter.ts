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
  fail(text: string): never {
    throw new RangeError(text)
  }
  async later(n: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return n
  }
}
