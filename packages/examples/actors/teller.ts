import { Actor } from '@troupe/runtime'

/** A class of one's own. Where it is not registered it arrives as a RemoteError with its name, code and fields. */
class OverdrawnError extends Error {
  readonly code = 'OVERDRAWN'
  readonly missing: number
  override get name(): string {
    return 'OverdrawnError'
  }

  constructor(missing: number, cause: unknown) {
    super(`${missing} are missing`, { cause })
    this.missing = missing
  }
}

export class Teller extends Actor {
  static readonly module = import.meta.url
  #balance = 100

  withdraw(amount: number): number {
    if (amount <= 0) throw new RangeError(`${amount} is not an amount`)
    if (amount > this.#balance) throw new OverdrawnError(amount - this.#balance, new Error(`the balance is ${this.#balance}`))
    this.#balance -= amount
    return this.#balance
  }

  note(_text: unknown): void {}

  leave(): void {
    process.exit(3)
  }
}
