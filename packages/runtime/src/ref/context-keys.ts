import { InvalidArgumentError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'

/** What is used of an AsyncLocalStorage. */
export interface ContextStorage<T> {
  getStore(): T | undefined
  run<R>(value: T, call: () => R): R
}

/** As W3C's Trace Context has them in the headers of the same names. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string | undefined
}

/** The name of `traceContext` among the keys. */
export const TRACE = 'trace'

const storages = new Map<string, ContextStorage<unknown>>()

/**
 * Names an AsyncLocalStorage, so that its value can travel with messages: `registerContext('tenant', tenant)`. Call it in the
 * module that makes the storage, so that both sides have it, and list the name in `ActorSystem.start({ context: ['tenant'] })`.
 *
 * @throws {InvalidArgumentError} if the name is taken by another storage, or is none, or the storage is none
 */
export function registerContext<T>(name: string, storage: ContextStorage<T>): void {
  if (typeof name !== 'string' || name === '') throw new InvalidArgumentError(`a context needs a name, and ${shown(name)} is none.`)
  if (typeof storage?.run !== 'function' || typeof storage.getStore !== 'function')
    throw new InvalidArgumentError(
      `the context "${name}" is registered with ${shown(storage)}, and must be with an AsyncLocalStorage: registerContext('${name}', new AsyncLocalStorage()).`,
    )
  const known = storages.get(name)
  if (known !== undefined && known !== storage)
    throw new InvalidArgumentError(`the context "${name}" is registered already, with another storage: give each a name of its own.`)
  storages.set(name, storage as ContextStorage<unknown>)
}

export function contextStorage(name: string): ContextStorage<unknown> | undefined {
  return storages.get(name)
}

/** The names that a system was given. Each must be registered by then: a misspelt one would travel nowhere, and say nothing. */
export function checkContext(names: readonly string[] = []): readonly string[] {
  if (!Array.isArray(names)) throw new InvalidArgumentError(`context must be a list of names, and is ${shown(names)}.`)
  for (const name of names) {
    if (storages.has(name)) continue
    throw new InvalidArgumentError(
      `context has ${shown(name)}, which nothing is registered for. Call registerContext(${shown(name)}, storage) before the start. Registered: ${[...storages.keys()].join(', ')}.`,
    )
  }
  return [...new Set(names)]
}
