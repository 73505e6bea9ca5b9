import { InvalidArgumentError, share } from '@troupe/runtime'
import { checkOptions, checkWhole } from '../options.ts'
import { checkHome, type Home } from './crew.ts'
import { placeOf } from './crew-place.ts'
import { type Items, isNumberArray, isShared, type NumberArray, sourceOfItems } from './item-source.ts'
import type { ParRunOptions } from './par-job.ts'
import { ParRun } from './par-run.ts'
import { type AnyFunction, type Portable, sourceOf } from './portable-function.ts'
import type { ChunkKind, SharedNumbers } from './task-runner.ts'

export interface ParOptions extends ParRunOptions {
  /** Where its isolates are started, and count: a system, or an actor's `this.context`. Default: a system of its own, which ends by itself. */
  readonly system?: Home
  /** Isolates that work at a time. Default: as many as the process may use processors, a container's quota included. */
  readonly threads?: number
  /** Ends it: the promise rejects with the signal's reason, and nothing more is begun. */
  readonly signal?: AbortSignal
  /** Called after each chunk, with how many items are done, and of how many; undefined: an iterable that has not ended. */
  readonly onProgress?: (done: number, total: number | undefined) => void
  /**
   * Milliseconds of work on the calling thread, at a stretch, before anything goes to isolates: small inputs are done by then. Default 1;
   * 0: never here, for items that block for long. A `ModuleFunction` never runs here.
   */
  readonly hereMs?: number
}

const OPTIONS = { system: true, threads: true, signal: true, onProgress: true, hereMs: true } as const

/** What `par(items)` gives: the methods of an array, each in as many isolates as there are processors. */
export interface Par<T> {
  /** The results, in the order of the items. */
  map<R>(fn: Portable<(item: T, index: number) => R>): Promise<Awaited<R>[]>
  /** The items for which `fn` is true, in their order. */
  filter(fn: Portable<(item: T, index: number) => unknown>): Promise<T[]>
  forEach(fn: Portable<(item: T, index: number) => unknown>): Promise<void>
  /**
   * `fn` is called in each chunk, beginning with `initial` each time, which must change nothing (0 for a sum). `combine` puts the
   * chunks' results together, in their order, on the calling thread; it may be left out where `fn` itself can do that.
   */
  reduce(fn: (total: T, item: T, index: number) => T | Promise<T>, initial: T): Promise<T>
  reduce<R>(fn: Portable<(total: R, item: T, index: number) => R | Promise<R>>, initial: R, combine: (a: R, b: R) => R): Promise<R>
}

/**
 * A parallel `map`, `filter`, `forEach` and `reduce`: `await par(files).map(parse)`.
 *
 * Items are arrays, iterables (asynchronous ones, too: items are taken as they are worked at, and none ahead), typed arrays or a
 * `range`. A function is one that needs nothing from around it, or one of `functionsIn(module)`: NotPortableError. Items and results
 * are copied. The promise rejects with ParError at the first item that fails, with its index; also when its isolate ended.
 */
export function par(items: NumberArray | Iterable<number>, options?: ParOptions): Par<number>
export function par<T>(items: readonly T[] | Iterable<T> | AsyncIterable<T>, options?: ParOptions): Par<T>
export function par<T>(items: Items<T>, options: ParOptions = {}): Par<T> {
  if (typeof items !== 'object' || items === null)
    throw new InvalidArgumentError(`par: the items are ${String(items)}, and must be an array, a range, a typed array or an iterable.`)
  const { system, threads } = checkOptions(options, OPTIONS, 'par')
  if (system !== undefined) checkHome(system, 'par')
  if (threads !== undefined) checkWhole(threads, 'par: threads')
  return new ParCall<T>(items, options)
}

class ParCall<T> implements Par<T> {
  readonly #items: Items<T>
  readonly #options: ParOptions

  constructor(items: Items<T>, options: ParOptions) {
    this.#items = items
    this.#options = options
  }

  async map<R>(fn: Portable<(item: T, index: number) => R>): Promise<Awaited<R>[]> {
    const into = isShared(this.#items) ? sharedLike(this.#items) : undefined
    const results: NumberArray | unknown[] = into ?? (isNumberArray(this.#items) ? like(this.#items, this.#items.length) : [])
    await this.#run(
      'map',
      fn,
      (index, count, values) => {
        for (let i = 0; i < count; i++) results[index + i] = (values as number[])[i]!
      },
      { into },
    )
    return results as Awaited<R>[]
  }

  async filter(fn: Portable<(item: T, index: number) => unknown>): Promise<T[]> {
    const kept: { readonly index: number; readonly some: readonly T[] }[] = []
    const items = this.#items
    // Iterables cannot be read again: what is handed out is remembered.
    const seen: T[] = []
    const remembered = Array.isArray(items) || 'length' in items ? items : remember(items as Iterable<T>, seen)
    const at = (index: number): T =>
      Array.isArray(items) || isNumberArray(items) ? (items[index] as T) : 'from' in items ? ((items.from + index) as T) : seen[index]!
    await this.#run(
      'filter',
      fn,
      (index, count, values) => {
        const some: T[] = []
        for (let i = 0; i < count; i++) if ((values as ArrayLike<number>)[i] === 1) some.push(at(index + i))
        if (some.length > 0) kept.push({ index, some })
      },
      { items: remembered },
    )
    return kept.sort((a, b) => a.index - b.index).flatMap(({ some }) => some)
  }

  async forEach(fn: Portable<(item: T, index: number) => unknown>): Promise<void> {
    await this.#run('forEach', fn, () => {})
  }

  async reduce<R>(fn: Portable<(total: R, item: T, index: number) => R | Promise<R>>, initial: R, combine?: (a: R, b: R) => R): Promise<R> {
    const put = combine ?? (fn as unknown as (a: R, b: R) => R)
    const parts: { readonly index: number; readonly total: R }[] = []
    await this.#run('reduce', fn, (index, _, total) => parts.push({ index, total: total as R }), { initial })
    const inOrder = parts.sort((a, b) => a.index - b.index)
    return inOrder.reduce((total, part) => put(total, part.total), initial)
  }

  #run(
    kind: ChunkKind,
    fn: Portable<AnyFunction>,
    collect: (index: number, count: number, values: unknown) => void,
    {
      items,
      initial,
      into,
    }: { readonly items?: Items<unknown>; readonly initial?: unknown; readonly into?: SharedNumbers | undefined } = {},
  ): Promise<void> {
    const { system, ...options } = this.#options
    const job = { kind, fn, source: sourceOf(fn), collect, initial, into }
    return new ParRun(sourceOfItems(items ?? this.#items), job, placeOf(system), options).run()
  }
}

async function* remember<T>(items: Iterable<T> | AsyncIterable<T>, seen: T[]): AsyncIterable<T> {
  for await (const item of items) {
    seen.push(item)
    yield item
  }
}

type NumberArrayOf = new (from: number | SharedArrayBuffer) => NumberArray

function like(items: NumberArray, from: number | SharedArrayBuffer): NumberArray {
  return new (items.constructor as NumberArrayOf)(from)
}

function sharedLike(items: NumberArray): SharedNumbers {
  return share(like(items, new SharedArrayBuffer(items.byteLength)) as Float64Array<SharedArrayBuffer>)
}
