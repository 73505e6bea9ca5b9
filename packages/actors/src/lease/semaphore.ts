import type { ActorRef } from '@troupe/runtime'
import type { Visitor } from '../visit.ts'
import type { LeasePool } from './lease-pool.ts'
import { type BorrowOptions, type Lease, Leases } from './leases.ts'

const PERMIT = { create: () => undefined, destroy: () => undefined, idleMs: 0 }

/**
 * A limit and nothing else: at most so many holders at a time, of all isolates together. The permits are a LeasePool's: a dead
 * holder's come back. `await using permit = await semaphore.acquire()`; with a pool of 1 it is a mutex.
 */
export class Semaphore {
  readonly #leases: Leases<undefined>

  /** `visitor`: a system (its host), or an actor's `this.context`. `permits`: a LeasePool. */
  constructor(visitor: Visitor, permits: ActorRef<LeasePool>) {
    this.#leases = new Leases(visitor, permits, PERMIT)
  }

  /** Rejects with LeaseTimeoutError. */
  acquire(options?: BorrowOptions): Promise<Lease<undefined>> {
    return this.#leases.borrow(options)
  }
}
