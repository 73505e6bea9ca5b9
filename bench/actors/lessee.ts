import { type LeasePool, Leases } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Measures in its own isolate: what a borrow and a return take there, and an ask of the same pool. */
export class Lessee extends Actor {
  static readonly module = import.meta.url
  readonly #pool: ActorRef<LeasePool>
  readonly #leases: Leases<object>

  constructor(pool: ActorRef<LeasePool>) {
    super()
    this.#pool = pool
    this.#leases = new Leases(this.context, pool, { create: () => ({}), destroy: () => undefined })
  }

  async borrow(ms: number): Promise<number> {
    return await medianMicros(ms, async () => {
      await using _ = await this.#leases.borrow()
    })
  }

  async ask(ms: number): Promise<number> {
    return await medianMicros(ms, () => this.#pool.ask.stats())
  }
}

async function medianMicros(ms: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (const untilMs = performance.now() + ms; performance.now() < untilMs; ) {
    const startedMs = performance.now()
    await call()
    times.push((performance.now() - startedMs) * 1_000)
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!
}
