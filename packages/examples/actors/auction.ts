import { Actor, type ActorRef } from '@troupe/runtime'
import type { Bidder } from './bidder.ts'

export interface Sale {
  readonly winner: ActorRef<Bidder>
  readonly price: number
}

export class Auction extends Actor {
  static readonly module = import.meta.url
  readonly #bidders: ActorRef<Bidder>[] = []

  register(bidder: ActorRef<Bidder>): number {
    return this.#bidders.push(bidder)
  }

  /** Asks the bidders itself, from its thread to theirs: the main thread is not on the way. */
  async sell(startPrice: number): Promise<Sale> {
    let winner: ActorRef<Bidder> | undefined
    for (let price = startPrice; ; price += 10) {
      const answers = await Promise.all(this.#bidders.map((bidder) => bidder.ask.bid(price)))
      const highest = this.#bidders.find((_, i) => answers[i])
      if (highest === undefined) {
        if (winner === undefined) throw new Error(`nobody bids ${startPrice}`)
        return { winner, price: price - 10 }
      }
      winner = highest
    }
  }
}
