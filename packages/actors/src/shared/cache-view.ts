import { ActorDownError, type ActorRef } from '@troupe/runtime'
import { LRUCache } from 'lru-cache'
import { LoadError } from '../errors.ts'
import { checkFunction, checkOptions } from '../options.ts'
import { type TurnPorts, takeTurn } from '../turn.ts'
import { Visit, type Visitor } from '../visit.ts'
import type { Cache, Found } from './cache.ts'
import { frozen } from './frozen.ts'
import { checkKey } from './key.ts'

export interface CacheViewOptions {
  /**
   * Milliseconds for which this isolate keeps a copy of what it has read, and does not ask: reads of it are those of a Map. For so
   * long it may miss that somebody has set or deleted the key. Default 0: every read asks.
   */
  readonly nearMs?: number
  /** Copies that are kept. Default 1 000. */
  readonly nearMax?: number
}

export interface GetOptions {
  /** Milliseconds above 0 for a load by somebody else. Default 30 000. */
  readonly timeoutMs?: number
}

const OPTIONS = { nearMs: true, nearMax: true } as const
const GET_OPTIONS = { timeoutMs: true } as const
/** Others wait for what is said so. */
const PATIENTLY = { whenFull: 'wait' } as const

/**
 * One isolate's way to a Cache.
 *
 * ```ts
 * const users = new CacheView<User>(this.context, cache, { nearMs: 100 })
 * const user = await users.get(id, () => readUser(id))
 * ```
 */
export class CacheView<V> {
  readonly #cache: ActorRef<Cache>
  readonly #visit: Visit
  readonly #near: LRUCache<string, { readonly value: V }> | undefined

  /** `visitor`: a system (its host), or an actor's `this.context`. */
  constructor(visitor: Visitor, cache: ActorRef<Cache>, options: CacheViewOptions = {}) {
    const { nearMs = 0, nearMax = 1_000 } = checkOptions(options, OPTIONS, 'CacheView')
    this.#cache = cache
    this.#visit = new Visit(visitor, cache)
    this.#near = nearMs > 0 ? new LRUCache({ max: nearMax, ttl: nearMs }) : undefined
  }

  /** What this isolate has of the key, frozen; undefined when it has nothing. It asks nobody. */
  peek(key: string): V | undefined {
    return this.#near?.get(key)?.value
  }

  /**
   * The value. If there is none, `load` makes it, here or in the isolate that was first to ask, and it is cached; it must not be
   * undefined. Rejects with what `load` throws; with LoadError when another isolate's has; with LeaseTimeoutError.
   */
  async get(key: string, load: () => V | Promise<V>, options: GetOptions = {}): Promise<V> {
    const near = this.peek(key)
    if (near !== undefined) return near
    const { timeoutMs = 30_000 } = checkOptions(options, GET_OPTIONS, 'CacheView.get')
    checkFunction(load, 'CacheView.get: load')
    checkKey(key, 'CacheView.get')
    try {
      // Nearly always it is there, and then this is all.
      const hit = (await this.#cache.ask.hit(key)) as V | undefined
      if (hit !== undefined) return this.#keep(key, hit)
    } catch (error) {
      // It may come back within the time.
      if (!(error instanceof ActorDownError)) throw error
    }
    return await this.#findOrLoad(key, load, timeoutMs)
  }

  async #findOrLoad(key: string, load: () => V | Promise<V>, timeoutMs: number): Promise<V> {
    const ticket = this.#visit.newTicket()
    for (const untilMs = performance.now() + timeoutMs; ; ) {
      const found = await takeTurn<Found | null>(this.#visit, this.#turns(key), ticket, Math.max(1, untilMs - performance.now()))
      // The bell has rung: whatever it is, it can be found now.
      if (found === null) continue
      if ('failed' in found) throw new LoadError(`${this.#cache.path}: ${key}`, found.failed)
      if ('load' in found) return await this.#load(ticket, key, load)
      if (found.refresh) void this.#load(ticket, key, load).catch(() => undefined)
      return this.#keep(key, found.value as V)
    }
  }

  async set(key: string, value: V): Promise<void> {
    await this.#cache.ask.set(key, value)
    this.#keep(key, value)
  }

  async delete(key: string): Promise<void> {
    this.#near?.delete(key)
    await this.#cache.ask.delete(key)
  }

  #turns(key: string): TurnPorts<Found | null> {
    return {
      path: `${this.#cache.path}: ${key}`,
      ask: (ticket) => this.#visit.call((guest) => this.#cache.ask.find(guest, ticket, key)),
      giveUp: (ticket) => this.#tell((guest) => this.#cache.tell(PATIENTLY).giveUp(guest, ticket, key)),
    }
  }

  async #load(ticket: number, key: string, load: () => V | Promise<V>): Promise<V> {
    const guest = this.#visit.guest!
    try {
      const value = await load()
      await this.#cache.ask(PATIENTLY).loaded(guest, ticket, key, value)
      return this.#keep(key, value)
    } catch (error) {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      void this.#cache.tell(PATIENTLY).fail(guest, ticket, key, why)
      throw error
    }
  }

  /** Before an introduction there is nothing to tell. */
  #tell(tell: (guest: number) => unknown): void {
    const { guest } = this.#visit
    if (guest !== undefined) void tell(guest)
  }

  #keep(key: string, value: V): V {
    if (this.#near === undefined) return value
    const kept = frozen(value)
    this.#near.set(key, { value: kept })
    return kept
  }
}
