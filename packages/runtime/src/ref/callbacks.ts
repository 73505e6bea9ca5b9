import type { Address } from '../base/address.ts'
import { ActorDownError, InvalidArgumentError, MailboxFullError } from '../base/errors.ts'
import type { Codec } from '../codec/codec.ts'
import type { Encoded } from '../codec/encoded.ts'
import * as E from '../mailbox/envelope.ts'
import type { PayloadReader } from '../mailbox/payload.ts'
import { takePayload } from '../mailbox/take-payload.ts'
import type { LaneConsumer } from '../queue/lane-consumer.ts'
import { PUSHED, type PushResult } from '../queue/lane-producer.ts'
import type { Asker } from './asides.ts'
import { callText, refusalOf } from './outgoing.ts'
import { PassedIterable } from './passed-iterable.ts'
import type { PendingReply } from './pending-replies.ts'
import { ReceivedIterable } from './received-iterable.ts'

type AnyFunction = (...args: readonly unknown[]) => unknown

/** Calls back that one thread may have on their way: they are asides, which no mailbox bounds. */
const CALLS_MAX = 1_024
const ERROR_BYTES_MAX = 256 * 1024
/** In the number of what is passed: it is an iterable. So one that is released is known for what it was. */
const ITERABLE_BIT = 1
const CALLBACK_RELEASED = 'a callback: it is released, because the ask that it was passed to has ended. Await it in the method'
const ITERABLE_RELEASED = 'an iterable: it is ended, because the ask that it was passed to has ended. Read it in the method'

interface CallInProgress {
  /** Undefined: nobody asks for it. */
  asker(): Asker | undefined
  /** Only where somebody does. */
  text(): string
}

type AskToCallBack = Pick<PendingReply, 'to' | 'method' | 'isBlocking'>

interface Passed {
  readonly call: AnyFunction
  readonly to: Address
  /** It cannot be called any more. */
  readonly onRelease: (() => void) | undefined
}

export interface CallbackPorts {
  codec(): Codec
  readonly payloads: PayloadReader
  /** Our own. */
  readonly incarnation: number
  /** A function runs in the context in which it was passed. */
  bind(call: AnyFunction): AnyFunction
  pathOf(seat: number): string
  isAlive(asker: Asker): boolean
  /** `timeoutMs` undefined: the default. */
  pendingReply(
    to: Address,
    method: string,
    timeoutMs: number | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): PendingReply
  /** Registers it, and sees to it that its reply is looked for. */
  expect(pending: PendingReply): number
  forget(correlation: number): PendingReply | undefined
  push(
    to: { readonly seat: number; readonly generation: number },
    kind: number,
    name: number,
    correlation: number,
    deadline: number,
    epoch: number,
    payload: Encoded,
  ): PushResult
}

/**
 * Functions among the arguments of an ask: its callee gets functions that call them here, past both mailboxes, for as long as
 * the ask is out. Both ends: the functions that this thread has passed, and those that it was passed.
 */
export class Callbacks {
  readonly #ports: CallbackPorts
  readonly #passed = new Map<number, Passed>()
  #lastId = 0
  // While an ask is being encoded:
  #ask: AskToCallBack | undefined
  #ids: number[] | undefined
  #isRefusing = false
  readonly #outer: { readonly ask: AskToCallBack; readonly ids: number[] | undefined }[] = []
  /** Those that were called and have not answered. */
  readonly #called = new Map<number, Asker>()
  /** The call that is in progress here. */
  inProgress: () => CallInProgress | undefined = () => undefined

  constructor(ports: CallbackPorts) {
    this.#ports = ports
  }

  /** From here on functions can be passed, with that ask: it is being encoded. `close` must follow. */
  open(ask: AskToCallBack): void {
    // Code of the user's that runs meanwhile may ask something itself.
    if (this.#ask !== undefined) this.#outer.push({ ask: this.#ask, ids: this.#ids })
    this.#ask = ask
    this.#ids = undefined
  }

  /** Returns what releases the functions that were passed; undefined: there were none. */
  close(): (() => void) | undefined {
    const ids = this.#ids
    const outer = this.#outer.pop()
    this.#ask = outer?.ask
    this.#ids = outer?.ids
    if (ids === undefined) return undefined
    return () => {
      for (const id of ids) {
        this.#passed.get(id)?.onRelease?.()
        this.#passed.delete(id)
      }
    }
  }

  /** Whether what is being encoded has some. */
  get hasPassed(): boolean {
    return this.#ids !== undefined
  }

  /** Encodes something in which none can be passed, though its message may have some. */
  refusing(encode: () => void): void {
    this.#isRefusing = true
    try {
      encode()
    } finally {
      this.#isRefusing = false
    }
  }

  /** The number of a function that may be called back; undefined where none can be passed. */
  toWire(call: AnyFunction, onRelease?: () => void): number | undefined {
    if (this.#ask === undefined || this.#isRefusing) return undefined
    this.#lastId = (this.#lastId + 1) & 0x3fff_ffff
    const id = this.#lastId * 2 + (onRelease === undefined ? 0 : ITERABLE_BIT)
    this.#passed.set(id, { call: this.#ports.bind(call), to: this.#ask.to, onRelease })
    ;(this.#ids ??= []).push(id)
    return id
  }

  fromWire(id: number): AnyFunction {
    const asker = this.#asker()
    const what = `a callback of ${this.#ports.pathOf(asker.seat)}`
    return (...args) => new Promise((resolve, reject) => this.#call(asker, id, args, undefined, what, resolve, reject))
  }

  /** The number under which an async iterable is consumed; undefined where none can be passed: a thread that is blocked gives no items. */
  iterableToWire(iterable: AsyncIterable<unknown>, at: string): number | undefined {
    if (this.#ask === undefined || this.#ask.isBlocking === true || this.#isRefusing) return undefined
    const call = `${this.#ask.to.path}.${this.#ask.method}(${at})`
    const passed = new PassedIterable(iterable, (item) => this.#ports.codec().encodeItem(item, call))
    return this.toWire(
      (leaves) => passed.pull(leaves),
      () => passed.close(),
    )
  }

  /** Its items may take their time: they have that of the ask. */
  iterableFromWire(id: number): AsyncIterable<unknown> {
    const asker = this.#asker()
    const what = `an item of the iterable that ${this.#ports.pathOf(asker.seat)} passes to ${this.inProgress()!.text()}`
    const pull = (leaves: boolean): Promise<unknown> =>
      new Promise((resolve, reject) => this.#call(asker, id, [leaves], Number.POSITIVE_INFINITY, what, resolve, reject))
    return new ReceivedIterable(this.#ports.codec(), pull)
  }

  #asker(): Asker {
    const asker = this.inProgress()?.asker()
    if (asker === undefined) throw new InvalidArgumentError('a callback came with something that nobody asks')
    return asker
  }

  /** Somebody calls one of the functions that this thread has passed. Its record is done before that runs. */
  take(lane: LaneConsumer, { method: id, correlation, epoch, deadline }: E.Envelope): void {
    const { sender: seat, senderGeneration: generation } = lane.lane
    const answer = (kind: number, payload: Encoded): PushResult =>
      this.#ports.push({ seat, generation }, kind, 0, correlation, 0, deadline, payload)
    const codec = this.#ports.codec()
    const fail = (error: unknown): void => void answer(E.REPLY_ERROR, codec.encodeError(error, 'a callback', ERROR_BYTES_MAX))
    const passed = this.#passed.get(id)
    const refuse = (error: Error): void => {
      lane.done()
      fail(error)
    }
    // It was on its way to our predecessor.
    if (epoch !== this.#ports.incarnation) return refuse(new ActorDownError('a callback', { kind: 'unknown' }))
    if (passed?.to.seat !== seat) return refuse(new InvalidArgumentError((id & ITERABLE_BIT) === 0 ? CALLBACK_RELEASED : ITERABLE_RELEASED))
    try {
      const args = takePayload(lane, this.#ports.payloads, ({ bytes, start, end, outside }) => codec.decode(bytes, start, end, outside))
      const result = passed.call(...(args as unknown[]))
      const succeed = (value: unknown): void => {
        try {
          answer(E.REPLY, codec.encodeResult(value, 'a callback'))
        } catch (error) {
          fail(error)
        }
      }
      if (result instanceof Promise) result.then(succeed, fail)
      else succeed(result)
    } catch (error) {
      fail(error)
    }
  }

  /** The dead answer nobody: who waits for one of their functions is told when it is woken because of a death. */
  lookAtCallers(): void {
    for (const [correlation, asker] of this.#called) {
      if (this.#ports.isAlive(asker)) continue
      this.#called.delete(correlation)
      const pending = this.#ports.forget(correlation)
      pending?.reject(new ActorDownError(callText(pending), { kind: 'unknown' }))
    }
  }

  #call(
    asker: Asker,
    id: number,
    args: readonly unknown[],
    timeoutMs: number | undefined,
    what: string,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    const { seat, generation, incarnation } = asker
    try {
      if (this.#called.size >= CALLS_MAX) throw new MailboxFullError(what)
      const payload = this.#ports.codec().encodeArgs(args, what)
      const to = { path: this.#ports.pathOf(seat), seat, generation }
      const pending = this.#ports.pendingReply(to, 'callback', timeoutMs, resolve, reject)
      pending.text = what
      const correlation = this.#ports.expect(pending)
      this.#called.set(correlation, asker)
      pending.onTaken = () => this.#called.delete(correlation)
      const pushed = this.#ports.push({ seat, generation }, E.CALLBACK, id, correlation, this.#ports.incarnation, incarnation, payload)
      if (pushed === PUSHED && this.#ports.isAlive(asker)) return
      this.#ports.forget(correlation)
      throw pushed === PUSHED ? new ActorDownError(what, { kind: 'unknown' }) : refusalOf(pushed, what, undefined)
    } catch (error) {
      reject(error)
    }
  }
}
