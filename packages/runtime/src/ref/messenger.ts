import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { DeadlockError, SystemStoppedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { ASK_TIMEOUT_MS, checkDuration } from '../base/limits.ts'
import { Codec } from '../codec/codec.ts'
import type { Encoded } from '../codec/encoded.ts'
import { discard } from '../mailbox/discard.ts'
import * as E from '../mailbox/envelope.ts'
import { Inbox } from '../mailbox/inbox.ts'
import { Outbox } from '../mailbox/outbox.ts'
import { PayloadReader } from '../mailbox/payload.ts'
import type { Arena } from '../queue/arena.ts'
import { hasHeld } from '../queue/hold-blocks.ts'
import { PUSHED, type PushResult, STOPPED } from '../queue/lane-producer.ts'
import { REPLIES } from '../queue/layout.ts'
import { Names, ShapeNames } from '../queue/names.ts'
import { Parking } from '../queue/parking.ts'
import { isAlive } from '../queue/seat.ts'
import { readPath } from '../queue/seat-text.ts'
import { hasStreams, isStream } from '../queue/stream-methods.ts'
import { RefTo } from './actor-ref.ts'
import { Asides } from './asides.ts'
import { Asking } from './asking.ts'
import { throwAtCaller } from './both-stacks.ts'
import { CallOff } from './call-off.ts'
import { CallTimes } from './call-times.ts'
import { Callbacks } from './callbacks.ts'
import { Carrier } from './carrier.ts'
import { Dispatch } from './dispatch.ts'
import { IncomingStream, IncomingStreamSync } from './incoming-stream.ts'
import { lastWordsOf } from './last-words.ts'
import type { MessengerPorts } from './messenger-ports.ts'
import { callText, keep, NOTHING, noOneWayForm, type Outgoing, refusedLetter } from './outgoing.ts'
import { PendingReplies } from './pending-replies.ts'
import type { AskOptions, AskSyncOptions, TellOptions } from './ref-types.ts'
import { seatsHere } from './seats-here.ts'
import { Serving } from './serving.ts'
import { settle } from './settling.ts'
import { type StreamCallPorts, streamCall } from './stream-calls.ts'
import { canRetry, WaitingLines } from './waiting-lines.ts'

const BLOCKS_CALLEE = "askSync blocks the very thread in which it would be answered (isolate: 'inline'). Use ask."

/** The thread that sends and gets replies: its seat, and which incarnation of it. */
export interface Self extends Address {
  readonly incarnation: number
}

/** One thread's end of all conversations: turns method calls into records, and records into settled promises. */
export class Messenger {
  readonly codec: Codec
  readonly names: Names
  readonly parking: Parking
  readonly outbox: Outbox
  readonly self: Self
  readonly #arena: Arena
  readonly #ports: MessengerPorts
  readonly #seatsHere: Set<number>
  readonly #replies: Inbox
  /** One for the thread: what it lends is used at once. */
  readonly payloads = new PayloadReader()
  readonly #pending: PendingReplies
  readonly pathOf = (seat: number): string => readPath(this.#arena, seat)
  /** By seat, the latest generation: as many as there are seats. */
  readonly #refs: (RefTo | undefined)[] = []
  readonly #dispatch: Dispatch
  readonly #asking: Asking
  readonly #lines: WaitingLines
  readonly #streamPorts: StreamCallPorts
  #closed: { readonly system: string; readonly why: string | undefined } | undefined
  readonly serving: Serving
  readonly times: CallTimes
  readonly asides: Asides
  readonly callbacks: Callbacks
  /** What travels with messages beside their arguments; undefined: nothing does. */
  readonly carrier: Carrier | undefined
  readonly #callOff: CallOff

  constructor(arena: Arena, self: Self, ports: MessengerPorts) {
    this.self = self
    this.#arena = arena
    this.#ports = ports
    this.carrier = ports.context === undefined || ports.context.length === 0 ? undefined : new Carrier(ports.context)
    this.#seatsHere = seatsHere(arena.memory)
    this.#lines = new WaitingLines(ports.clock)
    this.#streamPorts = this.#portsOfStreams(ports.clock)
    this.names = new Names(arena)
    this.parking = new Parking(arena, self.seat)
    this.outbox = new Outbox(arena, self, { bytesMax: ports.limits.laneBytesMax, messagesMax: ports.limits.laneMessagesMax }, ports.office)
    this.#replies = new Inbox(arena, REPLIES, self.seat, self.generation, { onCorrupt: (sender) => ports.onCorruptLane(sender) })
    this.serving = new Serving(arena, self.seat)
    this.times = new CallTimes(ports.clock, ports.epochMs, this.serving)
    this.#pending = new PendingReplies(
      ports.clock,
      (pending, correlation) => this.#callOff.timedOut(pending, correlation),
      () => this.#takeArrived(),
      this.serving.waits,
    )
    this.#callOff = new CallOff(this.outbox, {
      forget: (correlation) => this.#pending.take(correlation),
      mayBeHeld: (to) => hasHeld(arena, to.seat),
      cancel: (to, correlation) => this.#aside(to, E.CANCEL, correlation, 0),
    })
    this.codec = new Codec(
      {
        isRef: (value) => value instanceof RefTo && value.isOf(this),
        toWire: (ref) => (ref as RefTo).address,
        fromWire: (address) => this.refTo(address),
        callbackToWire: (call) => this.callbacks.toWire(call),
        callbackFromWire: (id) => this.callbacks.fromWire(id),
        iterableToWire: (iterable, at) => this.callbacks.iterableToWire(iterable, at),
        iterableFromWire: (id) => this.callbacks.iterableFromWire(id),
      },
      ports.limits.messageBytesMax,
      ShapeNames.of(arena),
      ports.office,
    )
    this.callbacks = new Callbacks({
      codec: () => this.codec,
      payloads: this.payloads,
      incarnation: self.incarnation,
      bind: (call) => this.carrier?.bind(call) ?? call,
      pathOf: this.pathOf,
      isAlive: ({ seat, generation, incarnation }) => isAlive(arena, seat, generation, incarnation),
      pendingReply: (...call) => this.times.pendingReply(...call),
      expect: (pending) => {
        ports.onExpecting()
        return this.#pending.add(pending)
      },
      forget: (correlation) => this.#pending.take(correlation),
      push: (to, ...record) => this.outbox.push(REPLIES, to.seat, to.generation, ...record),
    })
    const { names, codec, outbox, times, callbacks, carrier } = this
    this.#dispatch = new Dispatch({ incarnation: self.incarnation, place: this, names, codec, outbox, times, callbacks, carrier })
    this.#asking = new Asking(ports, {
      dispatch: this.#dispatch,
      pending: this.#pending,
      callOff: this.#callOff,
      lines: this.#lines,
      serving: this.serving,
      parking: this.parking,
      throwIfClosed: (pending) => {
        if (this.#closed !== undefined) throw new SystemStoppedError(this.#closed.system, callText(pending), this.#closed.why)
      },
      stepReplies: () => this.stepReplies(),
      endOf: (to, result) => this.#endOf(to, result),
    })
    this.asides = new Asides({
      callbacks: this.callbacks,
      codec: this.codec,
      payloads: this.payloads,
      streamOf: (incarnation, correlation, from) =>
        incarnation === self.incarnation ? this.#pending.streamOf(correlation, from) : undefined,
      breakStream: (correlation, error) => {
        const pending = this.#pending.take(correlation)
        if (pending === undefined) return
        this.#callOff.tellBegun(pending, correlation)
        pending.reject(error)
      },
    })
  }

  #portsOfStreams(clock: Clock): StreamCallPorts {
    return {
      clock,
      untilMs: () => this.times.untilMs(),
      pendingReply: (...call) => this.times.pendingReply(...call),
      ask: (...call) => this.#asking.ask(...call),
      credit: (to, correlation, taken) => this.#aside(to, E.CREDIT, correlation, taken),
      callOff: (pending, correlation) => {
        pending.callOff?.()
        this.#callOff.tellBegun(pending, correlation)
      },
      forget: (correlation) => this.#pending.take(correlation),
      block: (isSo, deadlineMs) => this.#asking.block(isSo, deadlineMs),
    }
  }

  /** What a call that is begun here needs to know of its caller. */
  get callPorts(): { clock: Clock; epochMs: number; isAlive(seat: number, generation: number, incarnation: number): boolean } {
    const { clock, epochMs } = this.#ports
    return { clock, epochMs, isAlive: (seat, generation, incarnation) => isAlive(this.#arena, seat, generation, incarnation) }
  }

  get isExpecting(): boolean {
    return this.#pending.size > 0
  }

  /** One ref per address and thread: equal refs are the same object, and what it remembers of its methods is kept. */
  refTo(address: Address): RefTo {
    const known = this.#refs[address.seat]
    if (known?.address.generation === address.generation) return known
    const ref = new RefTo(this, address)
    this.#refs[address.seat] = ref
    return ref
  }

  /** True: committed to the mailbox. False: refused, and a dead letter says why (G1); not of who does not expect that there is room. */
  tell(to: Address, method: string, args: readonly unknown[], isRoomExpected = true): boolean {
    if (this.#isStream(to, method)) throw noOneWayForm(to, method)
    const message = this.#dispatch.encode(to, method, args)
    const result = this.#closed === undefined ? this.#dispatch.push(to, E.TELL, message, 0, 0) : STOPPED
    if (result !== PUSHED && (isRoomExpected || !canRetry(result))) this.#refused(to, method, message, result)
    return result === PUSHED
  }

  /** Waits for room; false when there was none until the time-out, or when the address has ended. */
  async tellWaiting(to: Address, method: string, args: readonly unknown[], options: TellOptions): Promise<boolean> {
    const timeoutMs = checkDuration(options.timeoutMs ?? ASK_TIMEOUT_MS, 'timeoutMs', { infinity: true })
    const message = keep(this.#dispatch.encode(to, method, args))
    const result = await this.#lines.pushWhenRoom(
      to.seat,
      () => (this.#closed === undefined ? this.#dispatch.push(to, E.TELL, message, 0, 0) : STOPPED),
      this.#ports.clock.nowMs() + timeoutMs,
    )
    if (result !== PUSHED) this.#refused(to, method, message, result)
    return result === PUSHED
  }

  /** A promise; for a stream, what AsyncGenerators are. */
  ask(to: Address, method: string, args: readonly unknown[], options?: AskOptions): object {
    if (this.#isStream(to, method)) return new IncomingStream(streamCall(this.#streamPorts, to, method, args, options))
    return new Promise((resolve, reject) => {
      this.#asking.ask(to, args, this.times.pendingReply(to, method, options?.timeoutMs, resolve, reject), options)
    })
  }

  /** The other colour: blocks this thread until the reply is there. Replies to others that arrive meanwhile are settled too. */
  askSync(to: Address, method: string, args: readonly unknown[], options?: AskSyncOptions): unknown {
    if (this.#seatsHere.has(to.seat)) throw new DeadlockError(`${to.path}.${method}()`, [this.self.path, to.path], BLOCKS_CALLEE)
    if (this.#isStream(to, method)) return new IncomingStreamSync(streamCall(this.#streamPorts, to, method, args, options, true))
    const outcome: { settled: boolean; value?: unknown; error?: unknown; failed?: boolean } = { settled: false }
    const pending = this.times.pendingReply(
      to,
      method,
      options?.timeoutMs,
      (value: unknown) => Object.assign(outcome, { settled: true, value }),
      (error: unknown) => Object.assign(outcome, { settled: true, error, failed: true }),
    )
    this.#asking.askSync(to, args, pending, options, () => outcome.settled)
    if (outcome.failed === true) throwAtCaller(pending, outcome.error, this.askSync)
    return outcome.value
  }

  /** Takes one reply, if there is one. */
  stepReplies(): boolean {
    const lane = this.#replies.poll()
    if (lane === undefined) return false
    const envelope = E.readEnvelope(lane)
    if (envelope.kind >= E.CANCEL) return this.asides.take(lane, envelope)
    const isForUs = envelope.epoch === this.self.incarnation
    const pending = isForUs ? this.#pending.take(envelope.correlation, lane.lane.sender) : undefined
    const payload = pending === undefined ? undefined : this.payloads.read(lane)
    if (payload === undefined && E.encloses(lane)) discard(lane, this.payloads, this.codec)
    // Chunks are read where they are, so their place is given back afterwards; all else is private, and code of the user's
    // that runs while it is decoded may look for replies itself.
    const isOutside = payload?.outside !== undefined
    if (!isOutside) lane.done()
    if (pending !== undefined) settle(this.codec, pending, envelope.kind, payload!)
    if (isOutside) lane.done()
    return true
  }

  #isStream(to: Address, method: string): boolean {
    return hasStreams(this.#arena, to.seat) && isStream(this.#arena, to.seat, this.names.idOf(method))
  }

  #aside(to: Address, kind: number, correlation: number, value: number): void {
    this.outbox.push(REPLIES, to.seat, to.generation, kind, 0, correlation, value, this.self.incarnation, NOTHING)
  }

  #takeArrived(): void {
    while (this.stepReplies());
  }

  /** Sends the reply to an ask. It never waits: what cannot be sent, or is too large, becomes an error that can (G8). */
  reply(to: { readonly seat: number; readonly generation: number }, ask: E.Envelope, kind: number, payload: Encoded): PushResult {
    return this.outbox.push(REPLIES, to.seat, to.generation, kind, 0, ask.correlation, 0, ask.epoch, payload)
  }

  /** Rejects what is pending, and refuses what comes: the system has stopped. */
  close(system: string, why?: string): void {
    this.#closed = { system, why }
    this.#pending.rejectAll((pending) => new SystemStoppedError(system, callText(pending), why))
  }

  /** This incarnation has ended, and its thread has not: what its code still sends is refused, and nothing is answered any more. */
  abandon(): void {
    this.outbox.close()
    this.#pending.abandon()
    this.serving.abandon()
  }

  #endOf(to: Address, result: PushResult): ExitReason | undefined {
    return result === STOPPED ? lastWordsOf(this.#arena, to) : undefined
  }

  #refused(to: Address, method: string, message: Outgoing, result: PushResult): void {
    this.#ports.onRefused(refusedLetter(to.path, this.self.path, method, message, result, this.#endOf(to, result)))
  }
}
