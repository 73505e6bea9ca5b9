import { type ActorRef, ActorStoppedError, type AskOptions } from '@troupe/runtime'
import type { Sharded } from './sharded.ts'

interface Known<A> {
  readonly ref: ActorRef<A>
  touchedMs: number
}

/** A shard is said to be in use so often, at most; its `idleMs` should be several times as long. */
const TOUCH_MS = 250
const KNOWN_MAX = 10_000

/**
 * One isolate's way to a Sharded: finds the actor of a key, and remembers it.
 *
 * ```ts
 * const carts = new Shards<Cart>(sharded)
 * await carts.ask(user.id, (cart) => cart.add(item))
 * ```
 */
export class Shards<A> {
  readonly #sharded: ActorRef<Sharded>
  readonly #known = new Map<string, Known<A>>()

  constructor(sharded: ActorRef<Sharded>) {
    this.#sharded = sharded
  }

  /** The ref of a key's actor. It may be stopped when it was idle: `ask` finds the next one by itself. */
  async of(key: string): Promise<ActorRef<A>> {
    const known = this.#known.get(key)
    const nowMs = performance.now()
    if (known === undefined) return await this.#find(key)
    if (nowMs - known.touchedMs > TOUCH_MS) {
      known.touchedMs = nowMs
      this.#sharded.tell.touch([key])
    }
    return known.ref
  }

  /** Asks the actor of a key. One that was stopped before it began is asked again at its next address. Rejects as asks do. */
  async ask<R>(
    key: string,
    call: (shard: ActorRef<A>['ask'] extends (options: AskOptions) => infer M ? M : never) => Promise<R>,
    options: AskOptions = {},
  ): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      const ref = await this.of(key)
      try {
        return await call(ref.ask(options) as never)
      } catch (error) {
        // Not begun: it may be asked once more. The actor had just been stopped, or its coordinator restarted.
        if (!(error instanceof ActorStoppedError) || attempt === ATTEMPTS) throw error
        if (this.#known.get(key)?.ref === ref) this.#known.delete(key)
      }
    }
  }

  async #find(key: string): Promise<ActorRef<A>> {
    const ref = (await this.#sharded.ask({ timeoutMs: FIND_MS, whenFull: 'wait' }).of(key)) as ActorRef<A>
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(key, { ref, touchedMs: performance.now() })
    return ref
  }
}

const ATTEMPTS = 5
/** Of a start. */
const FIND_MS = 30_000
