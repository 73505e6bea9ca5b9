import { Actor, type ActorClass, type AnyRef, type Signal } from '@troupe/runtime'
import { checkOptions } from '../options.ts'

export interface ShardedOptions {
  /** The class of a shard: its constructor gets the key, and then `args`. */
  readonly actor: { readonly module: string; readonly name: string }
  readonly args?: readonly unknown[]
  /** Milliseconds without a call after which a shard is stopped. Default 60 000; Infinity: never. */
  readonly idleMs?: number
}

/** `system.spawn(Sharded, { name: 'carts', args: [shardsOf(Cart, { idleMs: 10_000 })] })`: the options with the class in them. */
export function shardsOf<A, P extends readonly unknown[]>(
  actor: ActorClass<A, readonly [key: string, ...P]>,
  options: Omit<ShardedOptions, 'actor' | 'args'> & { readonly args?: P } = {},
): ShardedOptions {
  return { ...options, actor: { module: actor.module, name: actor.name } }
}

interface Shard {
  readonly ref: Promise<AnyRef>
  usedMs: number
  isReady: boolean
}

/**
 * An actor for each key: started when it is first used, stopped when it was not used for a while, and never more than one at a time,
 * because a key is the name of one child. Shards are children of this actor, and end with it.
 */
export class Sharded extends Actor {
  static readonly module = import.meta.url
  readonly #options: ShardedOptions
  readonly #shards = new Map<string, Shard>()
  /** Those that are being stopped: until they have ended, their names are taken. */
  readonly #ending = new Map<string, Promise<void>>()

  constructor(options: ShardedOptions) {
    super()
    this.#options = checkOptions(options, { actor: true, args: true, idleMs: true }, 'Sharded')
  }

  override onStart(): void {
    const { idleMs = 60_000 } = this.#options
    if (Number.isFinite(idleMs)) setInterval(() => this.#stopIdle(idleMs), Math.max(5, idleMs / 4))
  }

  /** The actor of a key, started if need be. */
  async of(key: string): Promise<AnyRef> {
    const known = this.#shards.get(key)
    if (known !== undefined) known.usedMs = performance.now()
    return await (known ?? this.#start(key)).ref
  }

  /** These are in use, and are not idle. */
  touch(keys: readonly string[]): void {
    for (const key of keys) {
      const shard = this.#shards.get(key)
      if (shard !== undefined) shard.usedMs = performance.now()
    }
  }

  keys(): string[] {
    return [...this.#shards.keys()]
  }

  /** One has ended for good: the next who needs it gets a new one. */
  override onSignal(signal: Signal): void {
    if (signal.type !== 'terminated') return
    const key = keyOf(signal.path.slice(signal.path.lastIndexOf('/') + 1))
    this.#shards.delete(key)
  }

  #start(key: string): Shard {
    const shard: Shard = { ref: this.#spawn(key), usedMs: performance.now(), isReady: false }
    this.#shards.set(key, shard)
    shard.ref.then(
      () => {
        // A start may take longer than it may be idle.
        shard.isReady = true
        shard.usedMs = performance.now()
      },
      () => {
        if (this.#shards.get(key) === shard) this.#shards.delete(key)
      },
    )
    return shard
  }

  async #spawn(key: string): Promise<AnyRef> {
    await this.#ending.get(key)
    const { actor, args = [] } = this.#options
    const spawn = this.context.spawn as (actor: unknown, options: object) => Promise<AnyRef>
    const ref = await spawn.call(this.context, actor, { name: nameOf(key), args: [key, ...args] })
    this.context.watch(ref)
    return ref
  }

  #stopIdle(idleMs: number): void {
    for (const [key, shard] of this.#shards) if (shard.isReady && performance.now() - shard.usedMs >= idleMs) this.#stop(key, shard)
  }

  #stop(key: string, shard: Shard): void {
    this.#shards.delete(key)
    const ended = shard.ref
      .then((ref) => {
        // Its notice would come when its successor is there, and would be taken for that one's.
        this.context.unwatch(ref)
        return this.context.supervisor(this.context.path).terminateChild(nameOf(key))
      })
      // It had ended by itself.
      .catch(() => undefined)
      .then(() => {
        if (this.#ending.get(key) === ended) this.#ending.delete(key)
      })
    this.#ending.set(key, ended)
  }
}

/** A key is any text, and a name is not: what is no letter or digit is written as ~ and its code. Long ones are no names. */
function nameOf(key: string): string {
  return `k${key.replaceAll(/[^A-Za-z0-9]/gu, (char) => `~${char.codePointAt(0)!.toString(36)}.`)}`
}

function keyOf(name: string): string {
  return name.slice(1).replaceAll(/~([0-9a-z]+)\./g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 36)))
}
