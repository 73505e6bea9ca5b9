import { STREAM_BYTES_MAX, STREAM_ITEMS_MAX } from './stream-items.ts'

/** Taken items that are told to the giver at once: a fraction of what it may be ahead, so that it need never stand still. */
const CREDIT_ITEMS = STREAM_ITEMS_MAX / 4
const CREDIT_BYTES = STREAM_BYTES_MAX / 4

/**
 * What has come of one stream and is not taken yet. It says how much has been taken, and the giver sends only as much as there
 * is room for: so a stream of any length takes the same memory.
 */
export class StreamReader {
  readonly #credit: (taken: number) => void
  #items: unknown[] = []
  #first = 0
  /** For records that are not taken whole: how many items have come up to each, and its bytes. */
  #records: { readonly upTo: number; readonly bytes: number }[] = []
  #received = 0
  #taken = 0
  #credited = 0
  #bytesUncredited = 0
  #end: { readonly value?: unknown; readonly error?: unknown; readonly isError: boolean } | undefined
  #isLeaving = false
  /** Something has come, or the stream has ended. */
  onNews: () => void = () => {}

  constructor(credit: (taken: number) => void) {
    this.#credit = credit
  }

  /** Whether the method runs, or has run: something of it has come. */
  get hasBegun(): boolean {
    return this.#received > 0
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  get hasNews(): boolean {
    return this.#first < this.#items.length || this.hasEnded
  }

  /** The items of one record. */
  arrived(items: readonly unknown[], bytes: number): void {
    this.#received += items.length
    if (this.#isLeaving) return
    for (const item of items) this.#items.push(item)
    this.#records.push({ upTo: this.#received, bytes })
    this.onNews()
  }

  ended(value: unknown): void {
    this.#end ??= { value, isError: false }
    this.onNews()
  }

  failed(error: unknown): void {
    this.#end ??= { error, isError: true }
    this.onNews()
  }

  /** Nothing is wanted any more, but the end. */
  leave(): void {
    this.#isLeaving = true
    this.#items = []
    this.#first = 0
  }

  /** The next item, or the end; throws the stream's error, once. Only when there is news. */
  take(): IteratorResult<unknown, unknown> {
    if (this.#first < this.#items.length) {
      const value = this.#items[this.#first]
      this.#items[this.#first++] = undefined
      if (this.#first === this.#items.length) {
        this.#items = []
        this.#first = 0
      }
      this.#count()
      return { value, done: false }
    }
    const { value, error, isError } = this.#end!
    this.#end = { value: undefined, isError: false }
    if (isError) throw error
    return { value, done: true }
  }

  #count(): void {
    this.#taken++
    if (this.#records[0]?.upTo === this.#taken) this.#bytesUncredited += this.#records.shift()!.bytes
    if (this.#taken - this.#credited < CREDIT_ITEMS && this.#bytesUncredited < CREDIT_BYTES) return
    this.#credited = this.#taken
    this.#bytesUncredited = 0
    if (!this.hasEnded) this.#credit(this.#taken | 0)
  }
}
