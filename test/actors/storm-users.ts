import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cache,
  CacheView,
  type LeasePool,
  Leases,
  type RateLimiter,
  Rates,
  type Sharded,
  Shards,
  Subscription,
  type Topic,
} from '@troupe/actors'
import { Actor, type ActorRef, type Shared } from '@troupe/runtime'

/** Words that all threads see: they survive who writes them. */
export const WORD = {
  allowed: 0,
  twoOwners: 1,
  tooManyHolders: 2,
  wrongValues: 3,
  borrowed: 4,
  read: 5,
  shardCalls: 6,
  heard: 7,
  ids: 8,
  /** Odd while a customer is being killed: what it held is not cleared away yet. */
  killing: 9,
  /** Who holds a lease: a customer's number in each, or 0. */
  holders: 16,
  keys: 64,
}
/** Leases at a time. */
export const SIZE = 3
export const KEYS = 3
export const WORDS = 128
export type Words = Shared<Int32Array<SharedArrayBuffer>>

/**
 * Writes its number into a word, and looks a little later whether it is still there. A holder that is killed in between looks no more;
 * two that live at a time would see each other.
 */
async function alone(words: Words, word: number, fault: number, ms: number): Promise<void> {
  const id = Atomics.add(words, WORD.ids, 1) + 1
  Atomics.store(words, word, id)
  await sleep(ms)
  if (Atomics.load(words, word) !== id) Atomics.add(words, fault, 1)
}

/** Does something with one of so many leases. Where there is no place among the holders, and nobody is being killed, one lease is too many. */
async function held(words: Words, customer: number, work: () => Promise<void>): Promise<void> {
  const killing = Atomics.load(words, WORD.killing)
  const places = Array.from({ length: SIZE }, (_, i) => WORD.holders + i)
  const place = places.find((word) => Atomics.compareExchange(words, word, 0, customer) === 0)
  if (place === undefined && killing % 2 === 0 && Atomics.load(words, WORD.killing) === killing) Atomics.add(words, WORD.tooManyHolders, 1)
  await work()
  if (place !== undefined) Atomics.store(words, place, 0)
}

/** After a customer's death. */
export function clearPlacesOf(words: Words, customer: number): void {
  for (let word = WORD.holders; word < WORD.holders + SIZE; word++) Atomics.compareExchange(words, word, customer, 0)
}

/** The owner of one key. */
export class Owner extends Actor {
  static readonly module = import.meta.url
  readonly #word: number
  readonly #words: Words

  constructor(key: string, words: Words) {
    super()
    this.#word = WORD.keys + Number(key)
    this.#words = words
  }

  async work(): Promise<void> {
    await alone(this.#words, this.#word, WORD.twoOwners, 1)
    Atomics.add(this.#words, WORD.shardCalls, 1)
  }
}

export interface Services {
  readonly pool: ActorRef<LeasePool>
  readonly cache: ActorRef<Cache>
  readonly limiter: ActorRef<RateLimiter>
  readonly sharded: ActorRef<Sharded>
  readonly topic: ActorRef<Topic>
}

/** Uses everything at once, for as long as it lives. */
export class Customer extends Actor {
  static readonly module = import.meta.url
  readonly #services: Services
  readonly #words: Words
  readonly #number: number
  readonly #slots: Leases<{ slot: number }>

  /** `number`: above 0, and its own. */
  constructor(services: Services, words: Words, number: number) {
    super()
    this.#number = number
    this.#services = services
    this.#words = words
    this.#slots = new Leases(this.context, services.pool, { create: () => ({ slot: 0 }), destroy: () => undefined, idleMs: 20 })
    new Subscription(this.context, services.topic, 'hear')
  }

  override onStart(): void {
    // What it asks for may fail: everything around it dies.
    for (const work of [() => this.#borrow(), () => this.#read(), () => this.#check(), () => this.#shard()]) void this.#forEver(work)
  }

  hear(): void {
    Atomics.add(this.#words, WORD.heard, 1)
  }

  async #forEver(work: () => Promise<void>): Promise<never> {
    for (;;) {
      await work().catch(() => undefined)
      await sleep(1)
    }
  }

  async #borrow(): Promise<void> {
    await using _ = await this.#slots.borrow({ timeoutMs: 10_000 })
    await held(this.#words, this.#number, () => sleep(Math.random() * 3))
    Atomics.add(this.#words, WORD.borrowed, 1)
  }

  async #read(): Promise<void> {
    const key = `k${Math.floor(Math.random() * 4)}`
    const view = new CacheView<string>(this.context, this.#services.cache)
    const value = await view.get(key, async () => {
      await sleep(2)
      return `value of ${key}`
    })
    Atomics.add(this.#words, value === `value of ${key}` ? WORD.read : WORD.wrongValues, 1)
    if (Math.random() < 0.2) await view.delete(key)
  }

  async #check(): Promise<void> {
    const rates = new Rates(this.#services.limiter)
    for (let i = 0; i < 50; i++) {
      // Counted first: who is killed in between has taken none too many.
      if (await rates.check('all')) Atomics.add(this.#words, WORD.allowed, 1)
    }
  }

  async #shard(): Promise<void> {
    const shards = new Shards<Owner>(this.#services.sharded)
    await shards.ask(String(Math.floor(Math.random() * KEYS)), (owner) => owner.work(), { timeoutMs: 10_000 })
  }
}
