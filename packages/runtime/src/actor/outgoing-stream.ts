import { type Encoded, sizeOf } from '../codec/encoded.ts'
import * as E from '../mailbox/envelope.ts'
import { ItemsWriter, STREAM_BYTES_MAX, STREAM_ITEMS_MAX } from '../ref/stream-items.ts'

export interface OutgoingStreamPorts {
  encode(item: unknown): Encoded
  /** Sends a record of items to who reads the stream. Throws when there is no memory for it. */
  send(kind: number, payload: Encoded): void
  /** Whether an error is only the consequence of the end of the stream: its own signal's. */
  isAbort(error: unknown): boolean
}

/** Turns of the microtask queue without a new item, after which those at hand are sent: what a generator yields one right after the other needs three. */
const IDLE_TURNS = 8

/**
 * One stream that an actor gives: takes items from the method's generator as long as the reader has room for them, and sends
 * those that come one right after the other together. An item that is alone waits for nothing but the microtasks at hand.
 */
export class OutgoingStream {
  readonly #generator: Iterator<unknown> | AsyncIterator<unknown>
  readonly #ports: OutgoingStreamPorts
  readonly #items = new ItemsWriter()
  /** Records that the reader has not taken, oldest first: how many items were sent up to each, and its bytes. */
  readonly #inFlight: { readonly upTo: number; readonly bytes: number }[] = []
  #bytesInFlight = 0
  #sent = 0
  #taken = 0
  #isCancelled = false
  #idleTurns = -1
  #resume: (() => void) | undefined
  readonly #turn = (): void => this.#afterTurn()

  constructor(generator: Iterator<unknown> | AsyncIterator<unknown>, ports: OutgoingStreamPorts) {
    this.#generator = generator
    this.#ports = ports
  }

  /** Resolves with what the generator returns, when it has ended; rejects with what it throws. */
  async run(): Promise<unknown> {
    try {
      for (;;) {
        while (!this.#isCancelled && !this.#hasRoom()) await this.#room()
        if (this.#isCancelled) return await this.#leave()
        const next = this.#generator.next()
        const { done, value } = next instanceof Promise ? await next : (next as IteratorResult<unknown>)
        if (this.#isCancelled && done !== true) return await this.#leave()
        if (done === true) return value
        this.#add(value)
      }
    } catch (error) {
      if (this.#isCancelled && this.#ports.isAbort(error)) return undefined
      throw error
    } finally {
      // What came before the end is read before the end.
      if (!this.#isCancelled) this.#flush()
      this.#isCancelled = true
    }
  }

  /** The reader has taken so many items, counted from the first; the count wraps. */
  credit(taken: number): void {
    // Whoever has taken what was never sent is up to nothing good.
    if (((this.#sent - taken) | 0) < 0 || ((taken - this.#taken) | 0) < 0) return
    this.#taken = taken
    while (this.#inFlight.length > 0 && ((taken - this.#inFlight[0]!.upTo) | 0) >= 0) this.#bytesInFlight -= this.#inFlight.shift()!.bytes
    this.#wake()
  }

  /** The reader has gone: the generator is ended as a `break` ends it, with its `finally`. */
  cancel(): void {
    this.#isCancelled = true
    this.#wake()
  }

  async #leave(): Promise<unknown> {
    const ended = await this.#generator.return?.(undefined)
    return ended?.value
  }

  #hasRoom(): boolean {
    const items = (this.#sent + this.#items.count - this.#taken) | 0
    return items < STREAM_ITEMS_MAX && (this.#bytesInFlight < STREAM_BYTES_MAX || this.#inFlight.length === 0)
  }

  #room(): Promise<void> {
    this.#flush()
    return this.#hasRoom() ? Promise.resolve() : new Promise((resolve) => (this.#resume = resolve))
  }

  #wake(): void {
    const resume = this.#resume
    this.#resume = undefined
    resume?.()
  }

  #add(item: unknown): void {
    const encoded = this.#ports.encode(item)
    if (!this.#items.hasRoomFor(encoded)) this.#flush()
    if (this.#items.hasRoomFor(encoded)) this.#items.add(encoded)
    else this.#send(E.ITEM, encoded, 1)
    if (this.#idleTurns < 0 && this.#items.count > 0) queueMicrotask(this.#turn)
    this.#idleTurns = 0
  }

  #afterTurn(): void {
    if (this.#items.count > 0 && this.#idleTurns++ < IDLE_TURNS) return queueMicrotask(this.#turn)
    this.#idleTurns = -1
    this.#flushOrFail()
  }

  /** Nobody awaits a turn: what cannot be sent now is tried again, and then fails, where somebody does. */
  #flushOrFail(): void {
    try {
      this.#flush()
    } catch {
      this.#wake()
    }
  }

  #flush(): void {
    const { count } = this.#items
    if (count > 0 && !this.#isCancelled) this.#send(E.ITEMS, this.#items.take(), count)
  }

  #send(kind: number, payload: Encoded, count: number): void {
    const bytes = sizeOf(payload)
    this.#ports.send(kind, payload)
    this.#sent = (this.#sent + count) | 0
    this.#bytesInFlight += bytes
    this.#inFlight.push({ upTo: this.#sent, bytes })
  }
}

/** Whether a method is written as a generator: its caller is given a stream. */
export function isGeneratorMethod(method: object): boolean {
  return GENERATORS.some((prototype) => Object.prototype.isPrototypeOf.call(prototype, method))
}

const GENERATORS = [Object.getPrototypeOf(async function* () {}), Object.getPrototypeOf(function* () {})] as readonly object[]
