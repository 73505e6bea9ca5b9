import { Actor, registerError, TroupeError } from '@troupe/runtime'
import { type FunctionSource, functionOf } from './portable-function.ts'
import { Stretches } from './stretches.ts'

/** What is done with the items of a chunk. */
export type ChunkKind = 'map' | 'filter' | 'reduce' | 'forEach'

export interface Chunk {
  readonly kind: ChunkKind
  /** Index of its first item in the whole. */
  readonly index: number
  /** Its items; for a range its bounds only. */
  readonly items: ArrayLike<unknown> | { readonly from: number; readonly to: number }
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

  async chunk(id: number, { kind, index, items, initial, sliceMs }: Chunk): Promise<ChunkDone> {
    const work = this.#known(id)
    const first = 'from' in items ? items.from : undefined
    const length = 'from' in items ? items.to - items.from : items.length
    const list = items as ArrayLike<unknown>
    const clock = new Stretches(sliceMs)
    const values: unknown[] = []
    let failure: { readonly error: unknown } | undefined
    let total = initial
    let i = 0
    try {
      for (let end = clock.next(0, length); end > i; end = clock.next(i, length)) {
        for (; i < end; i++) {
          const item = first === undefined ? list[i] : first + i
          let value = kind === 'reduce' ? work(total, item, index + i) : work(item, index + i)
          if (typeof value === 'object' && isThenable(value)) value = await value
          if (kind === 'reduce') total = value
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
