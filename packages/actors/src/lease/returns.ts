import type { ActorRef } from '@troupe/runtime'

interface Lender {
  giveBack(guest: number, ticket: number, isGone: boolean): void
}

/** How what was lent is given back. It is not lost because there is no room to say so now: it is said when there is. */
export class Returns {
  readonly #now: (guest: number, ticket: number, isGone: boolean) => boolean
  readonly #later: (guest: number, ticket: number, isGone: boolean) => Promise<boolean>

  constructor(pool: ActorRef<Lender>) {
    this.#now = pool.tell({ whenFull: 'refuse' }).giveBack
    this.#later = pool.tell({ whenFull: 'wait', timeoutMs: Number.POSITIVE_INFINITY }).giveBack
  }

  giveBack(guest: number, ticket: number, isGone: boolean): void {
    if (!this.#now(guest, ticket, isGone)) void this.#later(guest, ticket, isGone)
  }
}
