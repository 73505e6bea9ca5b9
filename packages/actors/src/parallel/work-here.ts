import { ParError } from '../errors.ts'
import { type ItemSource, itemAt, type Rest } from './item-source.ts'
import type { ParJob, ParState } from './par-job.ts'
import type { AnyFunction } from './portable-function.ts'
import { Stretches } from './stretches.ts'
import { isThenable } from './task-runner.ts'

type Work = (...args: readonly unknown[]) => unknown

/** The part of a `par` that is done on the calling thread, a slice of time after the other. */
export class WorkHere {
  readonly #items: ItemSource
  readonly #job: ParJob
  readonly #state: ParState
  readonly #work: Work
  /** Of a `reduce`. */
  #total: { value: unknown } | undefined

  constructor(items: ItemSource, job: ParJob, state: ParState) {
    this.#items = items
    this.#job = job
    this.#state = state
    this.#work = job.fn as AnyFunction as Work
  }

  /** Items for so long. True when there are none left. Rejects with ParError. */
  async slice(ms: number): Promise<boolean> {
    const clock = new Stretches(ms)
    const before = this.#state.done
    const { rest } = this.#items
    const isOver = rest === undefined ? await this.#sliceOfIterable(clock) : await this.#sliceOfRest(clock, rest)
    this.#state.msPerItem = clock.elapsedMs() / Math.max(1, this.#state.done - before)
    return isOver
  }

  /** Of a `reduce`, the total as far as it was done here is handed in like that of a chunk. */
  end(): void {
    if (this.#total !== undefined) this.#job.collect(0, this.#state.done, this.#total.value)
  }

  async #sliceOfRest(clock: Stretches, { items, from, to }: Rest): Promise<boolean> {
    let i = from
    for (let end = from + clock.next(0, to - from); end > i; end = from + clock.next(i - from, to - from)) {
      for (; i < end; i++) {
        const pending = this.#one(i, itemAt(items, i))
        if (pending === undefined) continue
        await pending
        if (this.#state.failure !== undefined) throw this.#state.failure.error
      }
    }
    this.#items.skip?.(i - from)
    return i === to
  }

  async #sliceOfIterable(clock: Stretches): Promise<boolean> {
    let count = 0
    for (let end = clock.next(0, 1); end > count; end = clock.next(count, count + 1)) {
      const taken = await this.#items.take(1)
      if (taken === undefined) return true
      await this.#one(taken.index, itemAt(taken.items, 0))
      if (this.#state.failure !== undefined) throw this.#state.failure.error
      count++
    }
    return false
  }

  #one(index: number, item: unknown): Promise<void> | undefined {
    const { kind, initial } = this.#job
    // A copy, as in the other isolates: what `fn` adds to it must not be where they begin.
    if (kind === 'reduce') this.#total ??= { value: typeof initial === 'object' ? structuredClone(initial) : initial }
    let value: unknown
    try {
      value = kind === 'reduce' ? this.#work(this.#total!.value, item, index) : this.#work(item, index)
    } catch (error) {
      throw new ParError(index, error)
    }
    if (typeof value !== 'object' || !isThenable(value)) return this.#keep(index, value)
    return Promise.resolve(value).then(
      (later) => this.#keep(index, later),
      (error: unknown) => {
        throw new ParError(index, error)
      },
    )
  }

  #keep(index: number, value: unknown): undefined {
    const { kind, collect } = this.#job
    if (kind === 'reduce') this.#total!.value = value
    else if (kind !== 'forEach') collect(index, 1, [kind === 'filter' ? (value ? 1 : 0) : value])
    this.#state.done++
  }
}
