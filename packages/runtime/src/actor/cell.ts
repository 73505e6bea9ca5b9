import { BudgetExceededError, InvalidArgumentError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import { discard } from '../mailbox/discard.ts'
import * as E from '../mailbox/envelope.ts'
import type { Inbox } from '../mailbox/inbox.ts'
import type { PrivateBytes } from '../mailbox/payload.ts'
import { NO_MEMORY, PUSHED } from '../queue/lane-producer.ts'
import { UNNAMED, WANTS_MESSAGES, WANTS_REPLIES } from '../queue/layout.ts'
import { NO_NAME } from '../queue/names.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Asker } from '../ref/asides.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { AnyRef } from '../ref/ref-types.ts'
import { tapReceive } from '../ref/taps.ts'
import type { Actor } from './actor.ts'
import { Call } from './call.ts'
import { DeferredReply, toNobody } from './deferred-reply.ts'
import { HeldCalls, type Keeping } from './held-calls.ts'
import { type Message, MessageReader } from './message-reader.ts'
import type { Method } from './method-table.ts'
import { type Notices, signalOf } from './notices.ts'
import { OutgoingStream } from './outgoing-stream.ts'
import { Replier } from './replier.ts'
import type { Timers } from './timers.ts'

export interface CellPorts {
  /** The method in progress, for those who look from outside: its name id, or UNNAMED; NO_NAME when idle. */
  showProgress(method: number): void
  /** This incarnation cannot go on. Nothing is handled after it. */
  crashed(reason: ExitReason): void
  /** A message that this actor cannot handle. */
  deadLetter(letter: WireDeadLetter): void
  /** What its successor gets; throws when that cannot be sent. */
  handOver(state: unknown): void
  /** It cannot hand over, and goes on. */
  upgradeRefused(error: unknown): void
  /** The stop handshake is complete. */
  stopped(reason: ExitReason): void
}

interface Behaviour {
  readonly actor: Actor
  readonly methods: ReadonlyMap<string, Method>
  readonly onThrow: 'reply' | 'crash'
}

/** Of asks that have timed out. They are only thrown away. */
const STEPS_PER_LATE_REPLY = 64

type StopRequest = { readonly reason: ExitReason; readonly drain: boolean; readonly handsOver?: boolean }

/**
 * What runs one actor: takes the next signal or message when the former is done, calls the method, replies, and says in
 * shared memory how far it is. It knows nothing of threads.
 */
export class Cell {
  readonly #behaviour: Behaviour
  readonly #messenger: Messenger
  readonly #inbox: Inbox
  readonly #notices: Notices
  readonly #timers: Timers
  readonly #ports: CellPorts
  readonly #reader: MessageReader
  readonly #replier: Replier
  readonly #schedule: () => void
  #stop: StopRequest | undefined
  #isBusy = false
  #steps = 0
  #hasEnded = false
  /** What is in progress, and keeps the next message waiting. */
  #call: Call
  readonly #held: HeldCalls

  constructor(
    behaviour: Behaviour,
    messenger: Messenger,
    inbox: Inbox,
    notices: Notices,
    timers: Timers,
    limits: SystemLimits,
    keeping: Keeping,
    ports: CellPorts,
    schedule: () => void,
  ) {
    this.#behaviour = behaviour
    this.#messenger = messenger
    this.#inbox = inbox
    this.#notices = notices
    this.#timers = timers
    this.#reader = new MessageReader(behaviour, messenger)
    this.#replier = new Replier(messenger, limits)
    this.#ports = ports
    this.#schedule = schedule
    this.#held = new HeldCalls(keeping)
    this.#call = this.#newCall()
    messenger.callbacks.caller = () => this.#call.asker()
    messenger.asides.onOfCaller = (asker, kind, value) => this.#onCaller(asker, kind, value)
  }

  /** Undefined where nothing is in progress. */
  get call(): Call | undefined {
    return this.#call.record === undefined ? undefined : this.#call
  }

  /**
   * The reply to the call in progress comes later: from here on the actor takes other messages. Throws InvalidArgumentError
   * where there is none, HeldFullError and BudgetExceededError.
   */
  deferReply(): DeferredReply<unknown> {
    const { call } = this
    if (call === undefined || call.envelope!.isStream || this.#hasEnded)
      throw new InvalidArgumentError(
        'deferReply(): there is no call in progress whose reply could come later. A method calls it once, and no stream does.',
      )
    const text = this.#replier.callText(call.envelope!)
    // Who was told has nobody to reply to: its message is done when its method is.
    if (!call.isAsked) return new DeferredReply(toNobody(text))
    this.#held.hold(call, text)
    this.#letGo()
    call.reply = new DeferredReply({
      call: text,
      isAsked: true,
      isWanted: () => call.isAsked && !call.isCancelled,
      signal: () => call.signal,
      value: (value) => this.#answer(call, () => this.#replier.value(call.record!, call.envelope!, value)),
      error: (error) => this.#answer(call, () => this.#replier.error(call.record!, call.envelope!, error)),
    })
    return call.reply
  }

  /** Replies first: they are what the message in progress may be waiting for. Those that nobody waits for can wait. */
  step(): boolean {
    if (this.#hasEnded) return false
    const isReplyDue = this.#messenger.isExpecting || ++this.#steps % STEPS_PER_LATE_REPLY === 0
    if (isReplyDue && this.#messenger.stepReplies()) return true
    if (!this.#isBusy && (this.#stepSignals() || this.#stepMessages())) return true
    return !isReplyDue && this.#messenger.stepReplies()
  }

  wants(): number {
    if (this.#hasEnded) return 0
    return this.#isBusy ? WANTS_REPLIES : WANTS_REPLIES | WANTS_MESSAGES
  }

  /** Ends the actor after what is begun, or after what is queued (`drain`). The first request stands, a later one can only hasten it. */
  requestStop(request: StopRequest): void {
    const first = this.#stop ?? request
    this.#stop = {
      reason: first.reason,
      drain: first.drain && request.drain,
      handsOver: (first.handsOver ?? false) && (request.handsOver ?? false),
    }
    this.#schedule()
  }

  /** An error that had nobody to go to. */
  crash(error: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#ports.crashed({ kind: 'error', error })
  }

  /** It has ended, and its thread has not: what is begun is told that nobody waits, and comes to nothing. */
  abandon(): void {
    this.#hasEnded = true
    this.call?.cancel()
    this.#held.cancelAll()
  }

  #stepSignals(): boolean {
    if (!this.#notices.isEmpty) {
      const notice = this.#notices.take(({ ref, after }) => after === undefined || this.#inbox.hasBegun(ref.seat, ref.generation, after))
      if (notice !== undefined) {
        const ref = this.#messenger.refTo(notice.ref) as unknown as AnyRef
        this.#run(() => this.#behaviour.actor.onSignal?.(signalOf(notice, ref)))
        return true
      }
    }
    if (this.#stop === undefined || this.#stop.drain) return this.#stepTimers()
    if (this.#stop.handsOver === true) this.#handOver(this.#stop)
    else this.#end(this.#stop.reason)
    return true
  }

  #stepTimers(): boolean {
    const task = this.#timers.takeDue()
    if (task !== undefined) this.#run(task)
    return task !== undefined
  }

  /** It is about to sleep. */
  idle(): void {
    this.#call.lookAtCaller()
    this.#held.lookAtCallers()
    this.#messenger.callbacks.lookAtCallers()
    if (!this.#isBusy) this.#timers.idle()
  }

  #stepMessages(): boolean {
    const record = this.#held.hasWaiting ? this.#held.takeWaiting() : this.#inbox.poll()
    if (record !== undefined) {
      this.#handle(record)
      return true
    }
    if (this.#stop === undefined) return false
    this.#end(this.#stop.reason)
    return true
  }

  #handle(record: ReceivedRecord): void {
    const envelope = E.readEnvelope(record)
    // An ask that nobody waits for any more is not started (G4).
    if (envelope.kind === E.CANCELLED || this.#messenger.times.isExpired(envelope.deadline)) {
      if (E.encloses(record)) discard(record, this.#messenger.payloads, this.#messenger.codec)
      return record.done()
    }
    const payload = this.#messenger.payloads.read(record)
    record.begin()
    this.#timers.busy()
    this.#ports.showProgress(envelope.method || UNNAMED)
    tapReceive(this.#messenger, record, envelope)
    this.#isBusy = true
    this.#messenger.serving.begin(envelope.isStream ? 0 : envelope.deadline)
    const call = this.#call
    call.begin(record, envelope)
    let result: unknown
    try {
      const message = this.#reader.read(envelope, payload)
      if (message instanceof Error) return this.#refuse(record, envelope, payload, message)
      const { carrier } = this.#messenger
      if (carrier === undefined) result = this.#perform(call, message)
      else {
        const carried = E.carries(record) ? message.args.pop() : undefined
        result = carrier.enter(carried, () => this.#perform(call, message))
      }
    } catch (error) {
      return this.#failed(call, error)
    }
    if (isThenable(result)) {
      result.then(
        (value) => this.#finishLater(() => this.#succeeded(call, value)),
        (error: unknown) => this.#finishLater(() => this.#failed(call, error)),
      )
    } else this.#succeeded(call, result)
  }

  #perform(call: Call, { method, args }: Message): unknown {
    const result = method.apply(this.#behaviour.actor, args)
    return call.envelope!.isStream ? this.#stream(call, result as Iterator<unknown>) : result
  }

  /** From here on it is a method that takes a while: its result is what the generator returns. */
  #stream(to: Call, generator: Iterator<unknown>): Promise<unknown> {
    const envelope = to.envelope!
    const { sender: seat, senderGeneration: generation } = to.record!.lane
    const call = this.#replier.callText(envelope)
    const stream = new OutgoingStream(generator, {
      encode: (item) => this.#messenger.codec.encodeItemOf(item, call),
      send: (kind, payload) => {
        const pushed = this.#messenger.reply({ seat, generation }, envelope, kind, payload)
        if (pushed === NO_MEMORY) throw new BudgetExceededError(`an item of ${call}`)
        if (pushed !== PUSHED) stream.cancel()
      },
      isAbort: (error) => to.isAbort(error),
    })
    to.stream = stream
    return stream.run()
  }

  #refuse(record: ReceivedRecord, envelope: E.Envelope, payload: PrivateBytes, error: Error): void {
    if (envelope.kind === E.ASK) this.#replier.error(record, envelope, error)
    else this.#ports.deadLetter(this.#reader.letter(record, envelope, payload, error))
    this.#done(this.#call)
  }

  #finishLater(finish: () => void): void {
    if (this.#hasEnded) return
    finish()
    this.#schedule()
  }

  /** The reply is pushed before the record is done: a death in between must not lose an ask that was answered (D2). */
  #succeeded(call: Call, value: unknown): void {
    if (call.reply !== undefined) return
    if (call.envelope!.kind === E.ASK) this.#replier.value(call.record!, call.envelope!, value)
    this.#done(call)
  }

  #failed(call: Call, error: unknown): void {
    if (call.reply?.thrown(error) === true) return
    if (call.envelope?.kind !== E.ASK || this.#behaviour.onThrow === 'crash') return this.crash(error)
    this.#replier.error(call.record!, call.envelope, error)
    this.#done(call)
  }

  /** A deferred reply: its call has been set aside. */
  #answer(call: Call, answer: () => void): void {
    if (this.#hasEnded) return
    answer()
    this.#held.release(call)
  }

  #onCaller(asker: Asker, kind: number, value: number): void {
    const call = this.#call.is(asker) ? this.#call : this.#held.find(asker)
    if (call === undefined) return
    if (kind === E.CREDIT) return call.stream?.credit(value)
    call.cancel()
    // Nobody is left to be answered, so there is nothing to keep.
    if (call.reply !== undefined) this.#held.release(call)
  }

  #done(call: Call): void {
    const record = call.record!
    call.end()
    record.done()
    this.#ports.showProgress(NO_NAME)
    this.#isBusy = false
    this.#messenger.serving.end()
  }

  /** What is in progress has been set aside: the next message may come. */
  #letGo(): void {
    this.#call = this.#newCall()
    this.#ports.showProgress(NO_NAME)
    this.#isBusy = false
    this.#messenger.serving.end()
    this.#schedule()
  }

  #newCall(): Call {
    return new Call({ ...this.#messenger.callPorts, callText: (envelope) => this.#replier.callText(envelope) })
  }

  #end(reason: ExitReason): void {
    this.#run(
      () => this.#behaviour.actor.onStop?.(),
      () => {
        this.#hasEnded = true
        this.#ports.stopped(reason)
      },
    )
  }

  /** An onUpgrade that fails is no crash: the actor goes on, unless it was asked to stop meanwhile. */
  #handOver(request: StopRequest): void {
    const finish = (handOver: () => void): void => {
      this.#isBusy = false
      this.#messenger.serving.end()
      if (this.#stop !== request) return
      try {
        handOver()
        this.#stop = { reason: request.reason, drain: false }
      } catch (error) {
        this.#stop = undefined
        this.#ports.upgradeRefused(error)
      }
    }
    this.#isBusy = true
    this.#messenger.serving.begin()
    new Promise((resolve) => resolve(this.#behaviour.actor.onUpgrade?.())).then(
      (state) => this.#finishLater(() => finish(() => this.#ports.handOver(state))),
      (error: unknown) =>
        this.#finishLater(() =>
          finish(() => {
            throw error
          }),
        ),
    )
  }

  /** A hook between messages: nothing else runs until it has ended, and a throw is a crash. */
  #run(hook: () => unknown, then?: () => void): void {
    this.#isBusy = true
    this.#messenger.serving.begin()
    const finish = (): void => {
      this.#isBusy = false
      this.#messenger.serving.end()
      then?.()
    }
    try {
      const result = hook()
      if (isThenable(result))
        result.then(
          () => this.#finishLater(finish),
          (error: unknown) => this.crash(error),
        )
      else finish()
    } catch (error) {
      this.crash(error)
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
