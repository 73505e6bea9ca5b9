import { type ContextStorage, contextStorage } from './context-keys.ts'

/** What AsyncLocalStorage does, for inner layers. */
export interface AsyncContext {
  /** A storage of our own. */
  storage<T>(): ContextStorage<T>
  /** The function, to be run in the context of now. */
  bind<F extends (...args: never) => unknown>(call: F): F
}

/** The values of the system's keys, in their order; undefined: the key has none. */
export type Carried = readonly unknown[]

let context: AsyncContext | undefined
let passing: ContextStorage<Carried> | undefined

/** Until the edge has done this, nothing travels. */
export function installAsyncContext(installed: AsyncContext): void {
  context = installed
}

/**
 * What travels with messages beside their arguments: the values of the keys that the system lists, last in the arguments of a
 * record that says so. There is none in a system that lists no key, and a message for which no key has a value is as any other.
 */
export class Carrier {
  readonly #keys: readonly string[]

  constructor(keys: readonly string[]) {
    this.#keys = keys
    passing ??= context!.storage()
  }

  /** The values of now. What this thread has no storage for goes on as it came. */
  outgoing(): Carried | undefined {
    const came = passing!.getStore()
    const values = this.#keys.map((key, i) => {
      const storage = contextStorage(key)
      return storage === undefined ? came?.[i] : storage.getStore()
    })
    return values.some((value) => value !== undefined) ? values : undefined
  }

  /** Runs a handler, with nothing but what its message brought: not what the one before it has left behind. */
  enter<R>(carried: unknown, handle: () => R): R {
    const values: Carried = Array.isArray(carried) ? carried : []
    let run = handle
    for (const [i, key] of this.#keys.entries()) {
      const [storage, inner] = [contextStorage(key), run]
      if (storage !== undefined) run = () => storage.run(values[i], inner)
    }
    return passing!.run(values, run)
  }

  /** For what is called later, by somebody else: a timer's task, a callback. */
  bind<F extends (...args: never) => unknown>(call: F): F {
    return context!.bind(call)
  }
}
