import { type Cache, CacheView, type RateLimiter, Rates } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'

export interface Checked {
  readonly checks: number
  readonly allowed: number
}

/** Gives a value, and does nothing for it. */
export class Shelf extends Actor {
  static readonly module = import.meta.url
  readonly #value: unknown

  constructor(value: unknown) {
    super()
    this.#value = value
  }

  value(_key: string): unknown {
    return this.#value
  }
}

/** Measures in its own isolate what a read of a cache and a check of a rate take there. */
export class Reader extends Actor {
  static readonly module = import.meta.url

  /** As whoever uses a cache does: with a function that would load it. */
  async read(cache: ActorRef<Cache>, ms: number): Promise<number> {
    const view = new CacheView<unknown>(this.context, cache)
    return await medianMicros(ms, () => view.get('key', noLoad))
  }

  /** The same value of an actor that only holds it. */
  async ask(shelf: ActorRef<Shelf>, ms: number): Promise<number> {
    return await medianMicros(ms, () => shelf.ask.value('key'))
  }

  /** Of the copy in this isolate; a thousand at a time, since one is less than the clock can tell. */
  async peek(cache: ActorRef<Cache>, ms: number): Promise<number> {
    const view = new CacheView<unknown>(this.context, cache, { nearMs: 60_000 })
    await view.get('key', noLoad)
    const thousand = await medianMicros(ms, async () => {
      for (let i = 0; i < 1_000; i++) if (view.peek('key') === undefined) throw new Error('there is no copy')
    })
    return thousand / 1_000
  }

  async check(limiter: ActorRef<RateLimiter>, ms: number): Promise<Checked> {
    const rates = new Rates(limiter)
    let checks = 0
    let allowed = 0
    for (const untilMs = performance.now() + ms; performance.now() < untilMs; ) {
      for (let i = 0; i < 100; i++) if (await rates.check('key')) allowed++
      checks += 100
      // A thread that never has to wait would keep its event loop from turning.
      if (checks % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    return { checks, allowed }
  }
}

function noLoad(): never {
  throw new Error('there is no value')
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
