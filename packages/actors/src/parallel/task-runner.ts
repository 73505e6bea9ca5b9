import { Actor, registerError, type Shared, TroupeError } from '@troupe/runtime'
import { type FunctionSource, functionOf } from './portable-function.ts'
import { Stretches } from './stretches.ts'

/** What is done with the items of a chunk. */
export type ChunkKind = 'map' | 'filter' | 'reduce' | 'forEach'

/** A typed array in memory that all isolates see. */
export type SharedNumbers = Shared<Float64Array<SharedArrayBuffer>>

/** The items themselves; or the bounds of a range; or the bounds of a part of shared memory. */
export type ChunkItems = ArrayLike<unknown> | { readonly from: number; readonly to: number; readonly shared?: SharedNumbers }

export interface Chunk {
  readonly kind: ChunkKind
  /** Index of its first item in the whole. */
  readonly index: number
  readonly items: ChunkItems
  /** Where the results of a `map` over shared memory go; they are not sent then. */
  readonly into?: SharedNumbers | undefined
  /** Where a `reduce` begins. */
  readonly initial?: unknown
  /** Milliseconds after which it is given back, done so far. */
  readonly sliceMs: number
}

export interface ChunkDone {
  /** So many of its items, from its first on. */
  readonly count: number
  readonly ms: number
  /** A result for each; for `filter` 1 or 0 for each; for `reduce` one; for `forEach` none. */
  readonly values: unknown
  /** What the function threw at the item behind those. */
  readonly failure?: { readonly error: unknown }
}

/** The runner has been restarted, or was never told of that function. */
export class UnknownFunctionError extends TroupeError {
  readonly code = 'TROUPE_UNKNOWN_FUNCTION'
}
registerError(UnknownFunctionError)

/** One isolate of a crew: runs functions that it was told, one at a time. */
export class TaskRunner extends Actor {
  static readonly module = import.meta.url
  readonly #functions = new Map<number, (...args: readonly unknown[]) => unknown>()

  async learn(id: number, source: FunctionSource): Promise<void> {
    this.#functions.set(id, await functionOf(source, (module) => this.context.load(module)))
  }

  forget(id: number): void {
    this.#functions.delete(id)
  }

  run(id: number, args: readonly unknown[]): unknown {
    return this.#known(id)(...args)
  }

  async chunk(id: number, { kind, index, items, initial, sliceMs, into }: Chunk): Promise<ChunkDone> {
    const work = this.#known(id)
    const from = 'from' in items ? items.from : 0
    const length = 'from' in items ? items.to - from : items.length
    const list = 'from' in items ? (items.shared as ArrayLike<unknown> | undefined) : items
    const clock = new Stretches(sliceMs)
    const values: unknown[] = []
    let failure: { readonly error: unknown } | undefined
    let total = initial
    let i = 0
    try {
      for (let end = clock.next(0, length); end > i; end = clock.next(i, length)) {
        for (; i < end; i++) {
          const item = list === undefined ? from + i : list[from + i]
          let value = kind === 'reduce' ? work(total, item, index + i) : work(item, index + i)
          if (typeof value === 'object' && isThenable(value)) value = await value
          if (into !== undefined) into[index + i] = value as number
          else if (kind === 'reduce') total = value
          else if (kind !== 'forEach') values.push(kind === 'filter' ? (value ? 1 : 0) : value)
        }
      }
    } catch (error) {
      failure = { error }
    }
    const result = kind === 'reduce' ? total : compact(values, items)
    return { count: i, ms: clock.elapsedMs(), values: result, ...(failure && { failure }) }
  }

  #known(id: number): (...args: readonly unknown[]) => unknown {
    const known = this.#functions.get(id)
    if (known === undefined) throw new UnknownFunctionError(`${this.context.path} does not know function ${id} in this incarnation`)
    return known
  }
}

/** Numbers go back as bytes where they came as bytes. */
function compact(values: unknown[], items: Chunk['items']): unknown {
  if (!ArrayBuffer.isView(items) || values.length === 0) return values
  return (items.constructor as unknown as { from(values: readonly unknown[]): unknown }).from(values)
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
