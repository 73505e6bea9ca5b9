import { Actor, type ActorRef } from '@troupe/runtime'
import type { Auction } from './auction.ts'

export class Bidder extends Actor {
  static readonly module = import.meta.url
  readonly #limit: number
  #paid = 0

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  /** Introduces itself: `selfAs` is its own ref, to be sent to others. */
  async join(auction: ActorRef<Auction>): Promise<number> {
    return await auction.ask.register(this.context.selfAs<Bidder>())
  }

  bid(price: number): boolean {
    return price <= this.#limit
  }

  pay(price: number): number {
    this.#paid += price
    return this.#paid
  }
}
