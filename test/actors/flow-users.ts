import { setTimeout as sleep } from 'node:timers/promises'
import { type Sharded, Shards, Subscription, type Topic, type WhenSlow } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Subscribes to a topic. */
export class Listener extends Actor {
  static readonly module = import.meta.url
  readonly #heard: string[] = []

  constructor(topic?: ActorRef<Topic>, whenSlow: WhenSlow = 'drop') {
    super()
    if (topic !== undefined) new Subscription(this.context, topic, 'hear', { whenSlow, waitMs: 20_000 })
  }

  hear(text: string): void {
    this.#heard.push(text)
  }

  heard(): string[] {
    return this.#heard
  }

  async sleep(ms: number): Promise<void> {
    await sleep(ms)
  }
}

/** One shard: says who it is, and for how long it has been there. */
export class Cart extends Actor {
  static readonly module = import.meta.url
  readonly #key: string
  #items = 0

  constructor(key: string) {
    super()
    this.#key = key
  }

  add(): string {
    return `${this.#key}: ${++this.#items}`
  }

  who(): string {
    return `${this.#key} in ${this.context.path}`
  }
}

/** Uses shards from an isolate of its own. */
export class Shopper extends Actor {
  static readonly module = import.meta.url
  readonly #carts: Shards<Cart>

  constructor(sharded: ActorRef<Sharded>) {
    super()
    this.#carts = new Shards(sharded)
  }

  async who(key: string): Promise<string> {
    return await this.#carts.ask(key, (cart) => cart.who())
  }
}

/** Writes down when it was told. */
export class Bell extends Actor {
  static readonly module = import.meta.url
  readonly #rings: number[] = []

  ring(atMs: number): void {
    this.#rings.push(atMs)
  }

  rings(): number[] {
    return this.#rings
  }
}
