import type { ActorRef } from '@troupe/runtime'
import { checkOptions } from '../options.ts'
import { takeTurn } from '../turn.ts'
import { Visit, type Visitor } from '../visit.ts'
import type { ActorPool } from './actor-pool.ts'
import { BORROW, type BorrowOptions } from './leases.ts'
import { Returns } from './returns.ts'

/** An actor that nobody else calls for as long as it is lent: `await using lease = await converters.borrow()`. */
export interface ActorLease<A> extends AsyncDisposable {
  readonly ref: ActorRef<A>
  /** `isBroken`: its actor is replaced by a new one. */
  giveBack(options?: { readonly isBroken?: boolean }): Promise<void>
}

/**
 * One isolate's way to an ActorPool.
 *
 * ```ts
 * const converters = new ActorLeases<Converter>(this.context, pool)
 * await using lease = await converters.borrow({ timeoutMs: 1_000 })
 * await lease.ref.ask.convert(file)
 * ```
 */
export class ActorLeases<A> {
  readonly #pool: ActorRef<ActorPool>
  readonly #visit: Visit
  readonly #returns: Returns

  /** `visitor`: a system (its host), or an actor's `this.context`. */
  constructor(visitor: Visitor, pool: ActorRef<ActorPool>) {
    this.#pool = pool
    this.#returns = new Returns(pool)
    this.#visit = new Visit(visitor, pool)
  }

  /** Rejects with LeaseTimeoutError. A pool that was restarted has new actors: those that were lent before have ended. */
  async borrow(options: BorrowOptions = {}): Promise<ActorLease<A>> {
    const { timeoutMs = 5_000 } = checkOptions(options, BORROW, 'borrow')
    const ticket = this.#visit.newTicket()
    const end = (isBroken: boolean): void => {
      const { guest } = this.#visit
      if (guest !== undefined) this.#returns.giveBack(guest, ticket, isBroken)
    }
    const ports = {
      path: this.#pool.path,
      ask: (mine: number, signal?: AbortSignal) =>
        this.#visit.call((guest) => this.#pool.ask({ whenFull: 'wait', ...(signal && { signal }) }).borrow(guest, mine), signal),
      giveUp: () => end(false),
    }
    const ref = (await takeTurn(this.#visit, ports, ticket, timeoutMs)) as ActorRef<A>
    let isBack = false
    const giveBack = async ({ isBroken = false } = {}): Promise<void> => {
      if (!isBack) end(isBroken)
      isBack = true
    }
    return { ref, giveBack, [Symbol.asyncDispose]: () => giveBack() }
  }
}
