import { Actor, type ActorRef, type AnyRef, InvalidArgumentError, type Signal } from '@troupe/runtime'
import { checkOptions } from '../options.ts'
import { tellByName, tellWhenRoom } from './called-by-name.ts'

/**
 * When the mailbox of a subscriber is full: `drop` this message for it (a dead letter says so), `unsubscribe` it, or `wait` until
 * there is room, and all publishers with it.
 */
export type WhenSlow = 'drop' | 'unsubscribe' | 'wait'

export interface SubscribeOptions {
  /** Default `drop`. */
  readonly whenSlow?: WhenSlow
  /** For `wait`: milliseconds above 0 until the message is dropped after all. Default 5 000. */
  readonly waitMs?: number
}

const OPTIONS = { whenSlow: true, waitMs: true } as const

interface Subscriber {
  readonly ref: AnyRef
  readonly method: string
  readonly whenSlow: WhenSlow
  readonly waitMs: number
}

/** How many subscribers got it, and how many did not. */
export interface Published {
  readonly accepted: number
  readonly dropped: number
}

/**
 * Tells each message to all who have subscribed, in the order in which it got them. A subscriber is an address: it stays one through
 * restarts, and is none any more when it has ended. What a subscriber does with a message is a method of its own.
 */
export class Topic extends Actor {
  static readonly module = import.meta.url
  readonly #subscribers = new Map<string, Subscriber>()

  /** Subscribing again with the same method changes the options. */
  subscribe(ref: AnyRef, method: string, { whenSlow = 'drop', waitMs = 5_000 }: SubscribeOptions = {}): void {
    this.context.watch(ref)
    this.#subscribers.set(keyOf(ref, method), { ref, method, whenSlow, waitMs })
  }

  unsubscribe(ref: AnyRef, method: string): void {
    this.#subscribers.delete(keyOf(ref, method))
  }

  /** Asked, it says how many have got it in their mailboxes; told, it just goes. */
  async publish(...args: readonly unknown[]): Promise<Published> {
    let accepted = 0
    let dropped = 0
    for (const [key, { ref, method, whenSlow, waitMs }] of this.#subscribers) {
      const isIn = whenSlow === 'wait' ? await tellWhenRoom(ref, method, args, waitMs) : tellByName(ref, method, args)
      isIn ? accepted++ : dropped++
      if (!isIn && whenSlow === 'unsubscribe') this.#subscribers.delete(key)
    }
    return { accepted, dropped }
  }

  subscribers(): string[] {
    return [...this.#subscribers.keys()]
  }

  override onSignal(signal: Signal): void {
    if (signal.type !== 'terminated') return
    for (const [key, { ref }] of this.#subscribers) if (ref.path === signal.path) this.#subscribers.delete(key)
  }
}

const REPEAT_MS = 500

function keyOf({ path }: AnyRef, method: string): string {
  return `${path}.${method}`
}

/** An actor's subscription, said again from time to time: a topic that was restarted has forgotten it. */
export class Subscription implements Disposable {
  readonly #topic: ActorRef<Topic>
  readonly #timer: NodeJS.Timeout
  readonly #ref: AnyRef
  readonly #method: string

  /** `method`: of the actor whose `self` it is. */
  constructor(subscriber: { readonly self: AnyRef }, topic: ActorRef<Topic>, method: string, options: SubscribeOptions = {}) {
    checkOptions(options, OPTIONS, 'Subscription')
    // A topic that is told nonsense would crash, with all who have subscribed.
    if (typeof (subscriber.self as AnyRef | undefined)?.path !== 'string')
      throw new InvalidArgumentError(
        "Subscription: the subscriber is an actor's this.context. The host has no mailbox: let an actor hear it.",
      )
    this.#topic = topic
    this.#ref = subscriber.self
    this.#method = method
    const subscribe = (): boolean => topic.tell.subscribe(subscriber.self, method, options)
    subscribe()
    this.#timer = setInterval(subscribe, REPEAT_MS).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#topic.tell.unsubscribe(this.#ref, this.#method)
  }
}
