import type { Cancel, Clock } from '../base/clock.ts'
import { StreamReader } from './stream-reader.ts'

export interface IncomingStreamPorts {
  readonly clock: Clock
  /** For each item by itself. */
  readonly timeoutMs: number
  /** When the call that this stream is read for is over; Infinity: never, or for none. */
  readonly untilMs: number
  /** Sends the call. What comes of it goes to the reader. */
  begin(reader: StreamReader): void
  credit(taken: number): void
  /** Tells the giver that nobody reads any more. `isLast`: no end of the stream is waited for. */
  leave(isLast: boolean): void
  timeoutError(): Error
  /** `/user/lists.list()`. */
  callText(): string
  /** Blocks the thread until that is so; false when it was not at `deadlineMs`. */
  block(isSo: () => boolean, deadlineMs: number): boolean
}

type Result = IteratorResult<unknown, unknown>
interface Waiter {
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * A stream that its reader has dropped, without `return` and before its end: its giver would wait for ever. So nothing that lives as
 * long as the call may hold the object that the reader has, unless it is just waiting for it.
 */
const dropped = new FinalizationRegistry<{ readonly ports: IncomingStreamPorts; readonly reader: StreamReader }>(({ ports, reader }) => {
  if (reader.hasEnded) return
  reader.leave()
  ports.leave(true)
})

/** What both colours of stream have in common. */
class Incoming {
  protected readonly ports: IncomingStreamPorts
  protected readonly reader: StreamReader
  #isBegun = false

  constructor(ports: IncomingStreamPorts) {
    this.ports = ports
    this.reader = new StreamReader((taken) => ports.credit(taken))
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `[stream of ${this.ports.callText()}]`
  }

  /** A stream that nobody reads is never sent. */
  protected begin(): void {
    if (this.#isBegun) return
    this.#isBegun = true
    dropped.register(this, { ports: this.ports, reader: this.reader })
    this.ports.begin(this.reader)
  }

  protected deadlineMs(): number {
    return Math.min(this.ports.clock.nowMs() + this.ports.timeoutMs, this.ports.untilMs)
  }

  protected timedOut(): void {
    this.ports.leave(true)
    this.reader.failed(this.ports.timeoutError())
  }

  /** Returns whether an end will come: the method has begun, and its `finally` is to be waited for. */
  protected leave(): boolean {
    if (!this.#isBegun || this.reader.hasEnded) {
      this.#isBegun = true
      this.reader.leave()
      this.reader.ended(undefined)
      return false
    }
    const isAwaited = this.reader.hasBegun
    this.reader.leave()
    this.ports.leave(!isAwaited)
    if (!isAwaited) this.reader.ended(undefined)
    return isAwaited
  }
}

/** The caller's side of a stream, as the AsyncGenerator that the method is. What is passed to `next` is not sent. */
export class IncomingStream extends Incoming implements AsyncGenerator<unknown, unknown, unknown> {
  readonly #waiters: Waiter[] = []
  #timer: Cancel | undefined

  next(): Promise<Result> {
    this.begin()
    if (this.#waiters.length === 0 && this.reader.hasNews) {
      try {
        return Promise.resolve(this.reader.take())
      } catch (error) {
        return Promise.reject(error as Error)
      }
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.reader.onNews = () => this.#serve()
      this.#arm()
    })
  }

  /** As a `break` does: resolves when the method has ended, its `finally` included. */
  async return(value?: unknown): Promise<Result> {
    if (this.leave()) await this.next()
    return { value: await value, done: true }
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

  get [Symbol.toStringTag](): string {
    return 'AsyncGenerator'
  }

  #serve(): void {
    while (this.#waiters.length > 0 && this.reader.hasNews) {
      const { resolve, reject } = this.#waiters.shift()!
      try {
        resolve(this.reader.take())
      } catch (error) {
        reject(error)
      }
    }
    this.#timer?.()
    this.#timer = undefined
    if (this.#waiters.length > 0) this.#arm()
    else this.reader.onNews = () => {}
  }

  #arm(): void {
    const deadlineMs = this.deadlineMs()
    if (this.#timer !== undefined || deadlineMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.ports.clock.after(Math.max(0, deadlineMs - this.ports.clock.nowMs()), () => {
      this.#timer = undefined
      this.timedOut()
    })
  }
}

/** The same for synchronous code: each step blocks the thread until the next item is there. */
export class IncomingStreamSync extends Incoming implements IterableIterator<unknown, unknown, unknown> {
  next(): Result {
    this.begin()
    if (!this.reader.hasNews && !this.ports.block(() => this.reader.hasNews, this.deadlineMs())) this.timedOut()
    return this.reader.take()
  }

  return(value?: unknown): Result {
    if (this.leave()) this.next()
    return { value, done: true }
  }

  throw(error: unknown): never {
    this.return()
    throw error
  }

  [Symbol.iterator](): this {
    return this
  }

  [Symbol.dispose](): void {
    this.return()
  }

  get [Symbol.toStringTag](): string {
    return 'Generator'
  }
}
