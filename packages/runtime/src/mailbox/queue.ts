import {
  BudgetExceededError,
  InvalidArgumentError,
  MessageTooLargeError,
  QueueClosedError,
  QueueTimeoutError,
  UnreadableMessageError,
} from '../base/errors.ts'
import { registerClass } from '../codec/class-registry.ts'
import type { Codec } from '../codec/codec.ts'
import { copyOf } from '../codec/encoded.ts'
import { Refusal } from '../codec/refusal.ts'
import { findHostedQueue, hostQueue } from '../queue/hosted-queues.ts'
import { queueLayout } from '../queue/queue-layout.ts'
import { Q_FULL, Q_PUSHED, Q_STOPPED, type QueuePushResult } from '../queue/queue-put-end.ts'
import { EMPTY, ENDED, TAKEN } from '../queue/queue-take-end.ts'
import { SharedQueue } from '../queue/shared-queue.ts'
import { knownQueue, remember } from './known-queues.ts'
import type { PrivateBytes } from './payload.ts'
import { QueueEnd } from './queue-end.ts'
import {
  memoryOf,
  type QueueHandle,
  type QueueOptions,
  type QueueSyncOptions,
  type QueueWaitOptions,
  randomName,
  shapeOf,
  syncTimeoutOf,
  waitTimeoutOf,
} from './queue-options.ts'
import { asItself, asNext, endOfLoop, rejectEnd } from './queue-results.ts'
import { codecWithoutSystem, homeWith, type QueueHome, queueHomeOf, queueHomes, queuePlatform } from './queue-thread.ts'
import { QueueTurns } from './queue-turns.ts'

/**
 * One bounded queue for any threads of the process: the host, actors, plain worker threads. Each end can be used blocking
 * (`putSync`, `getSync`) and asynchronously (`put`, `get`, `for await`), by several producers and several consumers.
 *
 * Items are copies, as in messages. Items of one producer (a thread) are taken in the order in which it put them. An item is
 * put whole or not at all, and taken at most once; once put, it survives its producer. A thread that is killed at any
 * instruction blocks nobody; an item that it was just taking may be lost with it, at most one for each `get` in progress.
 */
export class Queue<T = unknown> implements AsyncIterable<T> {
  readonly #shared: SharedQueue
  readonly #memory: SharedArrayBuffer
  readonly #atByte: number
  readonly #home: QueueHome | undefined
  readonly #codec: Codec
  readonly #putEnd: QueueEnd
  readonly #getEnd: QueueEnd
  readonly #turns: QueueTurns
  /** What is being put, for those who try again: valid until the next encode. */
  #encoded: PrivateBytes = NOTHING
  readonly #takeAgain = (): number => this.#shared.tryTake()
  readonly #pushAgain = (): number => this.#shared.tryPush(this.#encoded.bytes, this.#encoded.start, this.#encoded.end)

  private constructor(shared: SharedQueue, memory: SharedArrayBuffer, atByte: number, home: QueueHome | undefined) {
    if (!(shared instanceof SharedQueue)) throw new InvalidArgumentError('A queue is made by Queue.create({ capacity }), and not with new.')
    this.#shared = shared
    this.#memory = memory
    this.#atByte = atByte
    this.#home = home
    this.#codec = home?.codec ?? codecWithoutSystem(shared.shapes())
    const platform = queuePlatform()
    this.#putEnd = new QueueEnd(shared.notFull, platform)
    this.#getEnd = new QueueEnd(shared.notEmpty, platform)
    this.#turns = new QueueTurns(platform)
  }

  /**
   * Makes a queue.
   *
   * @throws {InvalidArgumentError} for an option out of its range
   * @throws {BudgetExceededError} if it is to lie in a system's memory, and that has no room for it
   */
  static create<T>(options: QueueOptions = {}): Queue<T> {
    const shape = shapeOf(options)
    const { system } = options
    const { thread } = queuePlatform()
    if (system !== undefined) {
      const home = queueHomeOf(system)
      const shared = hostQueue(home.arena, shape, randomName(), thread)
      if (shared === undefined) throw new BudgetExceededError('Queue.create()')
      return Queue.#known(shared, home.arena.memory, home)
    }
    const memory = memoryOf(queueLayout(shape).bytes)
    return Queue.#known(SharedQueue.create(memory, 0, shape, randomName(), thread), memory, undefined)
  }

  /**
   * The queue of a handle that came with `workerData` or a `postMessage`. The same queue is the same object.
   *
   * @throws {InvalidArgumentError} if it is no handle of a queue
   */
  static from<T>(handle: QueueHandle): Queue<T> {
    const isHandle = typeof handle === 'object' && handle !== null && handle.memory instanceof SharedArrayBuffer
    if (!isHandle || !Array.isArray(handle.name)) throw new InvalidArgumentError('Queue.from needs the handle of a queue (queue.handle).')
    const known = knownQueue(handle.name)
    if (known !== undefined) return known as Queue<T>
    const shared = SharedQueue.attach(handle.memory, handle.atByte, handle.name, queuePlatform().thread)
    if (shared === undefined) throw new InvalidArgumentError('Queue.from: there is no queue in this memory.')
    return Queue.#known(shared, handle.memory, homeWith(handle.name))
  }

  static #known<T>(shared: SharedQueue, memory: SharedArrayBuffer, home: QueueHome | undefined): Queue<T> {
    const queue = new Queue<T>(shared, memory, shared.atByte, home)
    remember(shared.name, queue as Queue)
    return queue
  }

  /** Used by the codec. */
  static fromName(name: readonly [number, number]): Queue {
    const known = knownQueue(name)
    if (known !== undefined) return known
    for (const home of queueHomes()) {
      const shared = findHostedQueue(home.arena, name, queuePlatform().thread)
      if (shared !== undefined) return Queue.#known(shared, home.arena.memory, home)
    }
    throw new UnreadableMessageError('it holds a queue of a system that this thread is no part of')
  }

  /** Used by the codec. */
  get sendableName(): readonly [number, number] {
    if (this.#home === undefined)
      throw new Refusal(
        'it is a queue with memory of its own, which only workerData and postMessage can carry (queue.handle). Make it with Queue.create({ system }).',
      )
    return this.#shared.name
  }

  /** For `workerData` and `postMessage`: `Queue.from(handle)` there. */
  get handle(): QueueHandle {
    return { memory: this.#memory, atByte: this.#atByte, name: this.#shared.name }
  }

  /** Items that wait now. */
  get size(): number {
    return this.#shared.size
  }

  get capacity(): number {
    return this.#shared.layout.capacity
  }

  /** Whether `close` was called. Items may still wait. */
  get isClosed(): boolean {
    return this.#shared.isClosed
  }

  /**
   * Resolves when the item is in the queue; puts of one thread are accepted in the order of their calls.
   *
   * Rejects with QueueClosedError; QueueTimeoutError after `timeoutMs`; AskAbortedError; NotSendableError with the path;
   * MessageTooLargeError above `bytesMax`. Then the item is not in the queue.
   */
  put(item: T, options?: QueueWaitOptions): Promise<void> {
    try {
      const timeoutMs = waitTimeoutOf(options, 'queue.put()')
      const encoded = this.#encode(item, 'queue.put()')
      if (this.#putEnd.waiters.count > 0 || options?.signal?.aborted === true) return this.#putWaiting(encoded, timeoutMs, options?.signal)
      const result = this.#pushSpinning(encoded)
      if (result === Q_PUSHED) return this.#turns.isDue ? this.#turns.next(undefined) : DONE
      if (result === Q_STOPPED) return Promise.reject(new QueueClosedError('queue.put()'))
      return this.#putWaiting(encoded, timeoutMs, options?.signal)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** As `put`, blocking the thread. Puts of this thread that wait already go first. */
  putSync(item: T, options?: QueueSyncOptions): void {
    const timeoutMs = syncTimeoutOf(options, 'queue.putSync()')
    const encoded = this.#encode(item, 'queue.putSync()')
    const result = this.#push(encoded)
    if (result === Q_PUSHED) return
    const final = result === Q_FULL ? this.#pushBlocking(encoded, timeoutMs) : result
    if (final === Q_STOPPED) throw new QueueClosedError('queue.putSync()')
    if (final === Q_FULL) throw new QueueTimeoutError('queue.putSync()', timeoutMs, 'full')
  }

  /** False when there is no room, or when puts of this thread wait for some. Throws as `put` rejects. */
  tryPut(item: T): boolean {
    const result = this.#push(this.#encode(item, 'queue.tryPut()'))
    if (result === Q_STOPPED) throw new QueueClosedError('queue.tryPut()')
    return result === Q_PUSHED
  }

  /**
   * Resolves with the next item; gets of one thread are served in the order of their calls.
   *
   * Rejects with QueueClosedError when the queue is closed and empty; QueueTimeoutError; AskAbortedError;
   * UnreadableMessageError for an item whose class is not registered here (it is taken then).
   */
  get(options?: QueueWaitOptions): Promise<T> {
    return this.#receive(options, asItself<T>, rejectEnd<T>)
  }

  /** As `get`, blocking the thread. Gets of this thread that wait already go first. */
  getSync(options?: QueueSyncOptions): T {
    const timeoutMs = syncTimeoutOf(options, 'queue.getSync()')
    const result = this.#take()
    const final = result !== EMPTY ? result : this.#getEnd.block(timeoutMs, () => this.#take(), EMPTY)
    if (final === ENDED) throw new QueueClosedError('queue.getSync()')
    if (final === EMPTY) throw new QueueTimeoutError('queue.getSync()', timeoutMs, 'empty')
    return this.#decode()
  }

  /** Undefined when there is nothing for it now: no item, or none that a `get` of this thread does not wait for. */
  tryGet(): T | undefined {
    return this.#take() === TAKEN ? this.#decode() : undefined
  }

  /** All items, until the queue is closed and empty. Each is taken when the loop asks for it, none ahead. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.#receive<IteratorResult<T, undefined>>(undefined, asNext, endOfLoop) }
  }

  /** Nothing is put any more: puts, also those that wait, reject. What is in the queue can be taken; then gets reject, and loops end. */
  close(): void {
    this.#shared.close()
    this.#putEnd.waiters.pump()
    this.#getEnd.waiters.pump()
  }

  /**
   * Says that a thread has ended, so that what it held of the queue is free: `worker.on('exit', () => queue.release(threadId))`
   * with the `threadId` from before. Only for plain workers that are terminated while they may be putting; the ends of actors
   * are seen by the system itself. Never call it for a thread that lives.
   */
  release(threadId: number): void {
    if (!Number.isSafeInteger(threadId) || threadId < 0) throw new InvalidArgumentError(`${String(threadId)} is not the id of a thread.`)
    this.#shared.releaseThread(threadId)
  }

  #encode(item: T, call: string): PrivateBytes {
    // It would look like "nothing there" to tryGet.
    if (item === undefined) throw new InvalidArgumentError(`${call}: undefined cannot be put. Put null.`)
    const encoded = this.#codec.encodeItem(item, call)
    const { bytesMax } = this.#shared.layout
    if (encoded.end - encoded.start > bytesMax)
      throw new MessageTooLargeError(call, encoded.end - encoded.start, bytesMax, 'bytesMax of the queue')
    return encoded
  }

  #decode(): T {
    return this.#codec.decode(this.#shared.taken, 0, this.#shared.takenBytes) as T
  }

  /** Those who wait go first. */
  #push({ bytes, start, end }: PrivateBytes): QueuePushResult {
    if (this.#putEnd.waiters.count > 0) {
      this.#putEnd.waiters.pump()
      if (this.#putEnd.waiters.count > 0) return this.#shared.isClosed ? Q_STOPPED : Q_FULL
    }
    const result = this.#shared.tryPush(bytes, start, end)
    if (result === Q_PUSHED) this.#putEnd.hit()
    if (result !== Q_FULL || this.#getEnd.waiters.count === 0) return result
    // A blocked thread must not wait for what waits for itself.
    this.#getEnd.waiters.pump()
    return this.#shared.tryPush(bytes, start, end)
  }

  #take(): number {
    if (this.#getEnd.waiters.count > 0) {
      this.#getEnd.waiters.pump()
      if (this.#getEnd.waiters.count > 0) return EMPTY
    }
    const result = this.#shared.tryTake()
    if (result === TAKEN) this.#getEnd.hit()
    if (result !== EMPTY || this.#putEnd.waiters.count === 0) return result
    this.#putEnd.waiters.pump()
    return this.#shared.tryTake()
  }

  #putWaiting(encoded: PrivateBytes, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { bytes, start, end } = keep(encoded)
    return this.#putEnd.waiters.wait<void>({ call: 'queue.put()', timeoutMs, state: 'full', signal }, (settle) => {
      const result = this.#shared.tryPush(bytes, start, end)
      if (result === Q_PUSHED) settle.resolve()
      else if (result === Q_STOPPED) settle.reject(new QueueClosedError('queue.put()'))
      return result !== Q_FULL
    })
  }

  #receive<R>(options: QueueWaitOptions | undefined, wrap: (item: T) => R, atEnd: () => Promise<R>): Promise<R> {
    try {
      const timeoutMs = waitTimeoutOf(options, 'queue.get()')
      if (this.#getEnd.waiters.count === 0 && options?.signal?.aborted !== true) {
        const result = this.#takeSpinning()
        if (result === TAKEN) return this.#turns.isDue ? this.#turns.next(wrap(this.#decode())) : Promise.resolve(wrap(this.#decode()))
        if (result === ENDED) return atEnd()
      }
      return this.#getEnd.waiters.wait<R>({ call: 'queue.get()', timeoutMs, state: 'empty', signal: options?.signal }, (settle) => {
        const result = this.#shared.tryTake()
        if (result === TAKEN) settle.resolve(wrap(this.#decode()))
        else if (result === ENDED) atEnd().then(settle.resolve, settle.reject)
        return result !== EMPTY
      })
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  #takeSpinning(): number {
    const result = this.#shared.tryTake()
    if (result === EMPTY) return this.#getEnd.spin(this.#takeAgain, EMPTY)
    this.#getEnd.hit()
    return result
  }

  #pushSpinning(encoded: PrivateBytes): number {
    const result = this.#shared.tryPush(encoded.bytes, encoded.start, encoded.end)
    if (result !== Q_FULL) {
      this.#putEnd.hit()
      return result
    }
    this.#encoded = encoded
    return this.#putEnd.spin(this.#pushAgain, Q_FULL)
  }

  #pushBlocking(encoded: PrivateBytes, timeoutMs: number): number {
    // Whoever waits goes first, and for those only what is kept can wait.
    if (this.#putEnd.waiters.count === 0 && this.#getEnd.waiters.count === 0) {
      const soon = this.#pushSpinning(encoded)
      if (soon !== Q_FULL) return soon
    }
    const kept = keep(encoded)
    return this.#putEnd.block(timeoutMs, () => this.#push(kept), Q_FULL)
  }
}

const DONE = Promise.resolve()
const NOTHING: PrivateBytes = { bytes: new Uint8Array(0), start: 0, end: 0 }

registerClass({
  name: 'Queue',
  class: Queue as unknown as abstract new (...args: never) => Queue,
  encode: (queue) => queue.sendableName,
  decode: (name) => Queue.fromName(name),
})

/** Encoded bytes are valid until the next encode: what waits needs its own. */
function keep(encoded: PrivateBytes): PrivateBytes {
  const bytes = copyOf(encoded)
  return { bytes, start: 0, end: bytes.length }
}
