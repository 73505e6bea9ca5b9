import type { Codec } from '../codec/codec.ts'
import type { Batch } from './passed-iterable.ts'
import { itemsIn } from './stream-items.ts'

type Result = IteratorResult<unknown, undefined>

/** The other side of a PassedIterable: an async iterable again, for as long as the ask is out. It is one batch ahead of its reader. */
export class ReceivedIterable implements AsyncIterableIterator<unknown, undefined> {
  readonly #codec: Codec
  readonly #pull: (leaves: boolean) => Promise<unknown>
  #items: unknown[] = []
  #first = 0
  #ahead: Promise<unknown> | undefined
  #isOver = false
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(codec: Codec, pull: (leaves: boolean) => Promise<unknown>) {
    this.#codec = codec
    this.#pull = pull
  }

  next(): Promise<Result> {
    if (this.#waiting === 0 && this.#first < this.#items.length) return Promise.resolve(this.#take())
    this.#waiting++
    const next = this.#last.then(() => this.#step()).finally(() => this.#waiting--)
    this.#last = next.catch(() => undefined)
    return next
  }

  /** Ends the iterable where it comes from; that is not waited for. */
  async return(): Promise<Result> {
    if (!this.#isOver) {
      this.#end()
      this.#ahead?.catch(() => undefined)
      this.#pull(true).catch(() => undefined)
    }
    return { value: undefined, done: true }
  }

  async throw(error: unknown): Promise<never> {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #step(): Promise<Result> {
    while (!this.#isOver && this.#first === this.#items.length) await this.#more()
    return this.#first < this.#items.length ? this.#take() : { value: undefined, done: true }
  }

  async #more(): Promise<void> {
    try {
      const batch = (await (this.#ahead ?? this.#pull(false))) as Batch
      this.#ahead = undefined
      if (batch === undefined) return this.#end()
      if (this.#isOver) return
      const isAlone = !(batch instanceof Uint8Array)
      const bytes = isAlone ? batch.alone : batch
      this.#items = itemsIn(this.#codec, isAlone, { bytes, start: 0, end: bytes.length })
      this.#first = 0
      this.#ahead = this.#pull(false)
      // It is looked at when it is its turn.
      this.#ahead.catch(() => undefined)
    } catch (error) {
      this.#end()
      throw error
    }
  }

  #take(): Result {
    const value = this.#items[this.#first]
    this.#items[this.#first++] = undefined
    return { value, done: false }
  }

  #end(): void {
    this.#isOver = true
    this.#items = []
    this.#first = 0
  }
}
