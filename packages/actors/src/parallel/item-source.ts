import { share } from '@troupe/runtime'
import { Range } from './range.ts'
import type { ChunkItems, SharedNumbers } from './task-runner.ts'

export interface Taken {
  /** Of the first of them. */
  readonly index: number
  readonly count: number
  readonly items: ChunkItems
}

export interface Rest {
  readonly items: ChunkItems
  readonly from: number
  readonly to: number
}

/** Without a copy, for whoever is in the same thread. */
export function itemAt(items: ChunkItems, i: number): unknown {
  if (!('from' in items)) return items[i]
  return items.shared === undefined ? items.from + i : items.shared[items.from + i]
}

/** Hands out items in order, each once. */
export interface ItemSource {
  /** Undefined: known only at the end. */
  readonly length: number | undefined
  /** At most so many of the next ones; undefined when there are none. Iterables are asked one item after another, and none ahead. */
  take(max: number): Taken | undefined | Promise<Taken | undefined>
  /** All that are left, for whoever works at them here and now, and then skips those that are done. Undefined: an iterable. */
  readonly rest: Rest | undefined
  skip?(count: number): void
  /** No more will be taken. */
  end(): void
}

export type Items<T> = readonly T[] | Range | NumberArray | Iterable<T> | AsyncIterable<T>

export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

export function isNumberArray(items: unknown): items is NumberArray {
  return ArrayBuffer.isView(items) && !(items instanceof DataView)
}

/** In memory that isolates see as this thread does: nothing of it has to be sent. */
export function isShared(items: unknown): items is Float64Array<SharedArrayBuffer> {
  return isNumberArray(items) && (items.buffer as unknown) instanceof SharedArrayBuffer
}

export function sourceOfItems(items: Items<unknown>): ItemSource {
  if (items instanceof Range) return new Indexed(items, items.length, (from, to) => ({ from: items.from + from, to: items.from + to }))
  if (isShared(items)) {
    const shared = share(items) as unknown as SharedNumbers
    return new Indexed(items, items.length, (from, to) => ({ shared, from, to }))
  }
  if (isNumberArray(items)) return new Indexed(items, items.length, (from, to) => items.subarray(from, to))
  if (Array.isArray(items)) return new Indexed(items, items.length, (from, to) => items.slice(from, to))
  if (Symbol.asyncIterator in items) return new Iterated(items[Symbol.asyncIterator]())
  return new Iterated((items as Iterable<unknown>)[Symbol.iterator]())
}

class Indexed implements ItemSource {
  readonly length: number
  readonly #all: ChunkItems
  readonly #between: (from: number, to: number) => ChunkItems
  #next = 0

  constructor(all: ChunkItems, length: number, between: (from: number, to: number) => ChunkItems) {
    this.#all = all
    this.length = length
    this.#between = between
  }

  get rest(): Rest {
    return { items: this.#all, from: this.#next, to: this.length }
  }

  skip(count: number): void {
    this.#next += count
  }

  take(max: number): Taken | undefined {
    const index = this.#next
    const count = Math.min(max, this.length - index)
    if (count === 0) return undefined
    this.#next += count
    return { index, count, items: this.#between(index, index + count) }
  }

  end(): void {
    this.#next = this.length
  }
}

/** A slow iterable's items are worked at before a chunk of them has come together. */
const PATIENCE_MS = 5

/** One at a time: two that ask an iterator at once would each get half of an order. */
class Iterated implements ItemSource {
  readonly length = undefined
  readonly rest = undefined
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>
  #turn: Promise<unknown> = Promise.resolve()
  #next = 0
  #isDone = false

  constructor(iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#iterator = iterator
  }

  take(max: number): Promise<Taken | undefined> {
    const mine = this.#turn.then(() => this.#take(max))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #take(max: number): Promise<Taken | undefined> {
    const items: unknown[] = []
    const sinceMs = performance.now()
    while (!this.#isDone && items.length < max && (items.length === 0 || performance.now() - sinceMs < PATIENCE_MS)) {
      const { done, value } = await this.#iterator.next()
      if (done === true) this.#isDone = true
      else items.push(value)
    }
    if (items.length === 0) return undefined
    const index = this.#next
    this.#next += items.length
    return { index, count: items.length, items }
  }

  end(): void {
    if (this.#isDone) return
    this.#isDone = true
    // As `break` does in a loop; how the iterator takes it is its own matter.
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined)
  }
}
