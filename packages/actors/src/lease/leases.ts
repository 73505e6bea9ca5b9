import type { ActorRef } from '@troupe/runtime'
import { checkFunction, checkOptions } from '../options.ts'
import { type TurnPorts, takeTurn } from '../turn.ts'
import { Visit, type Visitor } from '../visit.ts'
import { IdleResources, type Resource } from './idle-resources.ts'
import type { Claim, LeasePool, Recall } from './lease-pool.ts'
import { Returns } from './returns.ts'

export interface BorrowOptions {
  /** Milliseconds above 0 until LeaseTimeoutError, the making of a resource not included. Default 5 000. Infinity: no limit. */
  readonly timeoutMs?: number
}

/** One resource, for as long as it is needed: `await using lease = await db.borrow()`. */
export interface Lease<R> extends AsyncDisposable {
  readonly resource: R
  /** Gives it back. `isBroken`: the resource is destroyed, and the next borrower gets a new one. Giving back twice is giving back once. */
  giveBack(options?: { readonly isBroken?: boolean }): Promise<void>
}

const RESOURCE = { create: true, destroy: true, check: true, idleMs: true } as const
export const BORROW = { timeoutMs: true } as const

const KEEP_ALIVE_MS = 500
const TIMEOUT_MS = 5_000

/**
 * One isolate's way to a LeasePool: borrows, makes the resources of this isolate, and keeps those that are not needed now for
 * the next borrower, until they are old or another isolate needs their place.
 *
 * ```ts
 * const db = new Leases(this.context, pool, { create: connect, destroy: (client) => client.end() })
 * await using lease = await db.borrow({ timeoutMs: 1_000 })
 * await lease.resource.query('select 1')
 * ```
 */
export class Leases<R> implements AsyncDisposable {
  readonly #pool: ActorRef<LeasePool>
  readonly #visit: Visit
  readonly #turns: TurnPorts<number>
  readonly #idle: IdleResources<R>
  readonly #returns: Returns
  /** Tickets of what is held now, by slot. */
  readonly #held = new Map<number, number>()
  #keepAlive: NodeJS.Timeout | undefined

  /** `visitor`: a system (its host), or an actor's `this.context`. */
  constructor(visitor: Visitor, pool: ActorRef<LeasePool>, resource: Resource<R>) {
    checkOptions(resource, RESOURCE, 'Leases')
    for (const name of ['create', 'destroy'] as const) checkFunction(resource[name], `Leases: ${name}`)
    this.#pool = pool
    this.#returns = new Returns(pool)
    const { borrow } = pool.ask
    const call = (ticket: number) => (guest: number) => borrow(guest, ticket)
    this.#turns = {
      path: pool.path,
      ask: (ticket, signal) => this.#visit.call(call(ticket), signal),
      giveUp: (ticket) => this.#tell((guest) => this.#pool.tell.giveUp(guest, ticket)),
    }
    this.#visit = new Visit(visitor, pool, (guest) => this.#claim(guest))
    this.#visit.listenToAll((news) => this.#recalled((news as Recall).recall))
    this.#idle = new IdleResources(resource, (slot) => this.#tell((guest) => this.#pool.tell.vacated(guest, slot)))
  }

  /** Rejects with LeaseTimeoutError, or with what `create` throws. */
  async borrow(options: BorrowOptions = {}): Promise<Lease<R>> {
    const { timeoutMs = TIMEOUT_MS } = checkOptions(options, BORROW, 'borrow')
    const ticket = this.#visit.newTicket()
    const slot = await takeTurn<number>(this.#visit, this.#turns, ticket, timeoutMs)
    this.#held.set(slot, ticket)
    this.#startKeepAlive()
    try {
      const resource = this.#idle.take(slot)
      return this.#lease(slot, ticket, resource instanceof Promise ? await resource : resource)
    } catch (error) {
      this.#giveBack(slot, ticket, true)
      throw error
    }
  }

  /** Destroys the idle resources of this isolate. What is lent comes back as before. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#keepAlive)
    this.#keepAlive = undefined
    await this.#idle.clear()
  }

  #lease(slot: number, ticket: number, resource: R): Lease<R> {
    let isBack = false
    const giveBack = async ({ isBroken = false } = {}): Promise<void> => {
      if (isBack) return
      isBack = true
      const isGone = isBroken || !this.#idle.isKept
      if (isGone) await this.#idle.destroy(resource)
      else this.#idle.put(slot, resource)
      this.#giveBack(slot, ticket, isGone)
    }
    return { resource, giveBack, [Symbol.asyncDispose]: () => giveBack() }
  }

  #giveBack(slot: number, ticket: number, isGone: boolean): void {
    this.#held.delete(slot)
    this.#tell((guest) => this.#returns.giveBack(guest, ticket, isGone))
  }

  /** Before an introduction there is nothing to tell. */
  #tell(tell: (guest: number) => unknown): void {
    const { guest } = this.#visit
    if (guest !== undefined) tell(guest)
  }

  /** Another isolate waits for a place, and this resource is idle here; or it is in use again, and the pool will ask again. */
  #recalled(slot: number): void {
    if (this.#held.has(slot)) return
    void this.#idle.drop(slot)
  }

  /** A pool that was restarted is told what is here, before anything else. What it does not accept has gone to somebody else. */
  async #claim(guest: number): Promise<void> {
    const claims: Claim[] = [
      ...[...this.#held].map(([slot, ticket]) => ({ slot, ticket })),
      ...this.#idle.slots().map((slot) => ({ slot, ticket: undefined })),
    ]
    if (claims.length === 0) return
    const accepted = await this.#pool.ask.claim(guest, claims)
    for (const [i, { slot, ticket }] of claims.entries()) if (!accepted[i] && ticket === undefined) void this.#idle.drop(slot)
  }

  /** As long as something of the pool is here, it is asked whether it still knows. */
  #startKeepAlive(): void {
    if (this.#keepAlive !== undefined) return
    this.#keepAlive = setInterval(() => void this.#stayAlive(), KEEP_ALIVE_MS).unref()
    void this.#stayAlive()
  }

  async #stayAlive(): Promise<void> {
    if (this.#held.size === 0 && this.#idle.slots().length === 0) {
      clearInterval(this.#keepAlive)
      this.#keepAlive = undefined
      return
    }
    try {
      const { bell, recalls } = await this.#visit.call((guest) => this.#pool.ask.keepAlive(guest, this.#idle.isKept))
      if (bell !== undefined) this.#visit.hear(bell)
      for (const slot of recalls) this.#recalled(slot)
    } catch {
      // The pool is down, or has ended: what is lent stays usable, and the next round tries again.
    }
  }
}
