import { InvalidArgumentError } from '../base/errors.ts'
import type { ActorsIn } from '../ref/ref-types.ts'
import { moduleUrl } from './actor-place.ts'

const named = new Set<string>()

/** The modules that this thread has named so far, the first one first. */
export function namedModules(): readonly string[] {
  return [...named]
}

/**
 * The actors of a module by name, without loading it here: neither its code nor what it imports. Each is used exactly as
 * the class. That a class of that name is exported is checked when an isolate loads the module.
 *
 * ```ts
 * const { Indexer } = actorsIn<typeof import('./indexer.ts')>(new URL('./indexer.ts', import.meta.url))
 * await system.spawn(Indexer, { args: ['/data'] })
 * ```
 */
export function actorsIn<M>(module: URL | string): ActorsIn<M> {
  const url = moduleUrl(typeof module === 'string' ? module : module.href)
  if (url === undefined)
    throw new InvalidArgumentError(
      `actorsIn(${JSON.stringify(String(module))}): give a file: URL or an absolute path, as in actorsIn(new URL('./indexer.ts', import.meta.url)).`,
    )
  named.add(url)
  const places = new Map<string, { readonly module: string; readonly name: string }>()
  const get = (_: object, name: string | symbol): unknown => {
    if (typeof name !== 'string') return undefined
    if (!places.has(name)) places.set(name, Object.freeze({ module: url, name }))
    return places.get(name)
  }
  return new Proxy(Object.freeze({}), { get }) as ActorsIn<M>
}
