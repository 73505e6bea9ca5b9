import { Actor } from '@troupe/runtime'

/** What Comlink clients call. */
export class Tally extends Actor {
  static readonly module = import.meta.url
  #total = 0

  add(n: number): number {
    return (this.#total += n)
  }

  fail(text: string): never {
    throw new RangeError(text)
  }

  reset(): void {
    this.#total = 0
  }
}
