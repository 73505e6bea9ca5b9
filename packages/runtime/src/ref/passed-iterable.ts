import { InvalidArgumentError } from '../base/errors.ts'
import { copyOf, type Encoded } from '../codec/encoded.ts'
import { ItemsWriter } from './stream-items.ts'

/** Turns of the microtask queue in which an item counts as at hand (see actor/outgoing-stream.ts). */
const IDLE_TURNS = 8

/** What is sent at a time: several small items, one large one, or nothing: the end. */
export type Batch = Uint8Array | { readonly alone: Uint8Array } | undefined

/**
 * An async iterable among the arguments of an ask, on the side that has passed it. Who consumes it asks for what is at hand, and
 * only then more is taken out of it: at least one item, at most as many as fit into one record.
 */
export class PassedIterable {
  readonly #iterable: AsyncIterable<unknown>
  readonly #encode: (item: unknown) => Encoded
  readonly #items = new ItemsWriter()
  #iterator: AsyncIterator<unknown> | undefined
  /** Asked of the iterator, and not sent yet. */
  #next: Promise<IteratorResult<unknown>> | undefined
  #large: Uint8Array | undefined
  #failure: { readonly error: unknown } | undefined
  #isOver = false
  #release: (error: Error) => void = () => {}
  readonly #released: Promise<never>

  constructor(iterable: AsyncIterable<unknown>, encode: (item: unknown) => Encoded) {
    this.#iterable = iterable
    this.#encode = encode
    // One that fails before it is read, as an open file that is not there, would end this process by an event that nobody hears. Who reads
    // it gets the error then.
    if (isReadable(iterable)) iterable.on('error', () => undefined)
    this.#released = new Promise((_, reject) => (this.#release = reject))
    this.#released.catch(() => undefined)
  }

  /** `leaves`: nothing more is wanted. Rejects with what the iterable throws, after the items before it. */
  async pull(leaves: unknown): Promise<Batch> {
    if (leaves === true) this.close()
    if (this.#large !== undefined) return this.#alone()
    for (;;) {
      const isFirst = this.#items.count === 0
      if (this.#isOver && this.#failure === undefined) break
      if (this.#failure !== undefined) {
        if (!isFirst) break
        const { error } = this.#failure
        this.#failure = undefined
        throw error
      }
      const result = await this.#result(isFirst)
      if (result === undefined && this.#failure !== undefined) continue
      if (result === undefined) break
      this.#next = undefined
      if (result.done === true) this.#isOver = true
      else this.#add(result.value)
      if (this.#large !== undefined) return isFirst ? this.#alone() : copyOf(this.#items.take())
    }
    return this.#items.count === 0 ? undefined : copyOf(this.#items.take())
  }

  /** The ask has ended, or its callee has left the loop: the iterable is ended as a `break` ends it. */
  close(): void {
    this.#release(new InvalidArgumentError('the ask that the iterable was passed to has ended'))
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = undefined
    void this.#end()
  }

  /** Nobody waits for that, and nobody hears of what it throws. One that was never read is ended too: a generator that has not begun, an open file. */
  async #end(): Promise<void> {
    try {
      if (this.#iterator !== undefined) return void (await this.#iterator.return?.())
      // A Readable's iterator destroys it only once it has been read from.
      if (isReadable(this.#iterable)) this.#iterable.destroy()
      else await this.#iterable[Symbol.asyncIterator]().return?.()
    } catch {}
  }

  /** Undefined: there is none at hand, or it has failed. The first one is waited for. */
  async #result(isFirst: boolean): Promise<IteratorResult<unknown> | undefined> {
    let result: IteratorResult<unknown> | undefined
    try {
      this.#iterator ??= this.#iterable[Symbol.asyncIterator]()
      this.#next ??= Promise.resolve(this.#iterator.next())
      if (isFirst) return await Promise.race([this.#next, this.#released])
      let failure: { readonly error: unknown } | undefined
      this.#next.then(
        (value) => (result = value),
        (error: unknown) => (failure = { error }),
      )
      for (let turns = 0; turns < IDLE_TURNS && result === undefined && failure === undefined; turns++) await undefined
      if (failure !== undefined) throw failure.error
    } catch (error) {
      this.#failed(error)
      if (isFirst) return undefined
    }
    return result
  }

  #failed(error: unknown): void {
    this.#isOver = true
    this.#next = undefined
    this.#failure = { error }
  }

  /** An item that cannot be sent ends it, as if it had thrown. */
  #add(item: unknown): void {
    try {
      const encoded = this.#encode(item)
      if (this.#items.hasRoomFor(encoded)) this.#items.add(encoded)
      else this.#large = copyOf(encoded)
    } catch (error) {
      this.close()
      this.#failed(error)
    }
  }

  #alone(): Batch {
    const alone = this.#large!
    this.#large = undefined
    return { alone }
  }
}

/** What is used of a stream of Node. */
interface ReadableLike {
  on(event: 'error', listener: () => void): unknown
  destroy(): unknown
}

function isReadable(iterable: object): iterable is ReadableLike {
  return (['pipe', 'destroy', 'on'] as const).every((name) => typeof (iterable as Record<string, unknown>)[name] === 'function')
}
