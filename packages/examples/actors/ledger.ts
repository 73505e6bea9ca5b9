import { Actor } from '@troupe/runtime'

export class Ledger extends Actor {
  static readonly module = import.meta.url
  #entries: number[] = []

  enter(amount: number): void {
    if (!Number.isFinite(amount)) throw new RangeError(`${amount} is not an amount`)
    this.#entries.push(amount)
  }

  entries(): readonly number[] {
    return this.#entries
  }

  incarnation(): number {
    return this.context.incarnation
  }
}
