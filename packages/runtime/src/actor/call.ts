import type { Cancel, Clock } from '../base/clock.ts'
import * as E from '../mailbox/envelope.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Asker } from '../ref/asides.ts'
import type { DeferredReply } from './deferred-reply.ts'
import type { OutgoingStream } from './outgoing-stream.ts'
import { NO_SLOT } from './slots.ts'

export interface CallPorts {
  readonly clock: Clock
  /** `clock.nowMs()` at the system's start: deadlines in records count from here. */
  readonly epochMs: number
  /** Whether that incarnation lives still. */
  isAlive(seat: number, generation: number, incarnation: number): boolean
  /** `/user/store.add()`, for texts. */
  callText(envelope: E.Envelope): string
}

/**
 * One message at work, and what its handler can learn about its caller: until when it waits, and whether it still does. A caller
 * that has given up writes so into the record of the call, which stays where it is until the handler has ended, or lets other
 * messages in: so a loop that never gives way can see it. A handler that wants an event gets one when the caller's word arrives, too.
 */
export class Call {
  readonly #ports: CallPorts
  #record: ReceivedRecord | undefined
  #envelope: E.Envelope | undefined
  #abort: AbortController | undefined
  #cancelTimer: Cancel | undefined
  #isKnownOver = false
  /** The stream that it gives. */
  stream: OutgoingStream | undefined
  /** Set when its reply does not come from its method's end. */
  reply: DeferredReply<unknown> | undefined
  /** It has been put back, and is begun again later: what comes of this time is nothing. */
  isStashed = false
  /** Which slot of its actor it takes. */
  slot = NO_SLOT
  /** It wants to hear from here on when nobody waits for it any more. */
  onListening: (() => void) | undefined

  constructor(ports: CallPorts) {
    this.#ports = ports
  }

  begin(record: ReceivedRecord, envelope: E.Envelope): void {
    this.#record = record
    this.#envelope = envelope
  }

  /** Undefined: nothing is in progress. */
  get record(): ReceivedRecord | undefined {
    return this.#record
  }

  get envelope(): E.Envelope | undefined {
    return this.#envelope
  }

  /** False: it was told, or is no call. */
  get isAsked(): boolean {
    return this.#envelope?.kind === E.ASK
  }

  /** Whether somebody would hear that nobody waits for it any more. */
  get isListening(): boolean {
    return this.#abort?.signal.aborted === false || this.stream !== undefined
  }

  /** Its record has been taken out of its lane. */
  moveTo(record: ReceivedRecord): void {
    this.#record = record
  }

  end(): void {
    this.isStashed = false
    this.#isKnownOver = false
    this.#record = undefined
    this.#envelope = undefined
    if (this.#abort !== undefined || this.stream !== undefined) this.#forget()
  }

  /** `clock.nowMs()` at which the caller gives up; Infinity: never, or nobody waits for an answer. */
  get deadlineMs(): number {
    const deadline = this.#envelope?.deadline ?? 0
    return deadline === 0 || this.#envelope!.isStream ? Number.POSITIVE_INFINITY : this.#ports.epochMs + deadline
  }

  /** False for who is not asked at all. */
  get isCancelled(): boolean {
    const envelope = this.#envelope
    if (envelope === undefined || envelope.kind !== E.ASK) return false
    return (this.#isKnownOver ||= E.isCancelled(this.#record!) || this.#ports.clock.nowMs() >= this.deadlineMs || this.#isCallerGone())
  }

  /**
   * Its handler has been told that nobody waits any more: what it makes of that is no answer. It could overtake the asker's own
   * time-out, which comes at the same moment. Whoever leaves a stream waits for its end.
   */
  get isOver(): boolean {
    return this.#isKnownOver && !this.#envelope!.isStream
  }

  /** Of this call only: it is never aborted once the call has ended. */
  get signal(): AbortSignal {
    if (this.#abort !== undefined) return this.#abort.signal
    const abort = new AbortController()
    if (this.#envelope?.kind !== E.ASK) return abort.signal
    this.#abort = abort
    this.onListening?.()
    const { clock } = this.#ports
    const { deadlineMs } = this
    if (this.isCancelled) this.cancel()
    else if (deadlineMs !== Number.POSITIVE_INFINITY) this.#cancelTimer = clock.after(deadlineMs - clock.nowMs(), () => this.cancel(true))
    return abort.signal
  }

  /** Whether an error is the reason of its signal, or what those who had that signal make of it. */
  isAbort(error: unknown): boolean {
    return error instanceof Error && (error === this.#abort?.signal.reason || error.name === 'AbortError')
  }

  /** Who waits for what is in progress; undefined: nobody does. */
  asker(): Asker | undefined {
    const envelope = this.#envelope
    if (envelope?.kind !== E.ASK) return undefined
    const { sender: seat, senderGeneration: generation } = this.#record!.lane
    return { seat, generation, incarnation: envelope.epoch, correlation: envelope.correlation }
  }

  /** `/user/store.add()`, of a message. */
  text(): string {
    return this.#ports.callText(this.#envelope!)
  }

  is({ seat, generation, incarnation, correlation }: Asker): boolean {
    const envelope = this.#envelope
    if (envelope === undefined || envelope.correlation !== correlation || envelope.epoch !== incarnation) return false
    return this.#record!.lane.sender === seat && this.#record!.lane.senderGeneration === generation
  }

  /** Nobody waits for the answer any more: says so to who wants to hear it. */
  cancel(isLate = this.#ports.clock.nowMs() >= this.deadlineMs): void {
    const [abort, envelope] = [this.#abort, this.#envelope]
    if (envelope === undefined) return
    this.stream?.cancel()
    if (abort === undefined || abort.signal.aborted) return
    this.#isKnownOver = true
    const text = `${this.#ports.callText(envelope)}: ${isLate ? 'its time is over' : 'its caller does not wait any more'}`
    abort.abort(new DOMException(text, isLate ? 'TimeoutError' : 'AbortError'))
  }

  /** Its actor has ended, and its handler goes on: what comes of it is for nobody. */
  abandon(): void {
    this.#isKnownOver = true
    this.cancel()
  }

  /** The dead tell nobody that they have given up: their callees look, when they are woken because of a death. */
  lookAtCaller(): void {
    if (this.isListening && this.#isCallerGone()) this.cancel()
  }

  #isCallerGone(): boolean {
    const { sender, senderGeneration } = this.#record!.lane
    return !this.#ports.isAlive(sender, senderGeneration, this.#envelope!.epoch)
  }

  #forget(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#abort = undefined
    this.stream = undefined
  }
}
