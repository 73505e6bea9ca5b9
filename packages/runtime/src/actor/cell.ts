import type { ExitReason } from '../base/exit-reason.ts'
import type { SystemLimits } from '../base/limits.ts'
import { isThenable } from '../base/thenable.ts'
import { discard } from '../mailbox/discard.ts'
import * as E from '../mailbox/envelope.ts'
import type { Inbox } from '../mailbox/inbox.ts'
import { UNNAMED, WANTS_MESSAGES, WANTS_REPLIES } from '../queue/layout.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Asker } from '../ref/asides.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { AnyRef } from '../ref/ref-types.ts'
import { tapReceive } from '../ref/taps.ts'
import { AtWork } from './at-work.ts'
import { Call } from './call.ts'
import { type Behaviour, bothStops, type CellPorts, type StopRequest } from './cell-ports.ts'
import { DeferredReply, replyTo, toNobody } from './deferred-reply.ts'
import { giveStream } from './giving.ts'
import { HeldCalls, type Keeping } from './held-calls.ts'
import { type Message, MessageReader } from './message-reader.ts'
import type { Method } from './method-table.ts'
import { type Notices, signalOf } from './notices.ts'
import { Refused } from './refused.ts'
import { Replier } from './replier.ts'
import { NO_SLOT } from './slots.ts'
import { Stashed, whatCanWait } from './stashing.ts'
import type { Timers } from './timers.ts'

/** Of asks that have timed out. They are only thrown away. */
const STEPS_PER_LATE_REPLY = 64

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
  readonly #atWork: AtWork

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
    this.#atWork = new AtWork(behaviour.slots, messenger.serving)
    this.#call = this.#newCall()
    messenger.callbacks.inProgress = () => this.#call
    messenger.asides.onOfCaller = (asker, kind, value) => this.#onCaller(asker, kind, value)
    if (behaviour.slots !== undefined) messenger.serving.showSlots(behaviour.slots.count, () => this.call)
  }

  /** Undefined where nothing is in progress. */
  get call(): Call | undefined {
    const call = this.#behaviour.scope?.current() ?? this.#call
    return call.record === undefined ? undefined : call
  }

  /**
   * The reply to the call in progress comes later: from here on the actor takes other messages. Throws InvalidArgumentError
   * where there is none, HeldFullError and BudgetExceededError.
   */
  deferReply(): DeferredReply<unknown> {
    const call = whatCanWait(this.#hasEnded ? undefined : this.call, 'deferReply')
    const text = this.#replier.callText(call.envelope!)
    // Who was told has nobody to reply to: its message is done when its method is.
    if (!call.isAsked) return new DeferredReply(toNobody(text))
    this.#held.hold(call, text)
    this.#atWork.leave(call)
    if (call === this.#call) this.#letGo()
    else this.#atWork.ended()
    call.reply = replyTo(call, text, {
      value: (value) => this.#answer(call, () => this.#replier.value(call.record!, call.envelope!, value)),
      error: (error) => this.#answer(call, () => this.#replier.error(call.record!, call.envelope!, error)),
    })
    return call.reply
  }

  /** Puts the message in progress back: it is begun again when it is unstashed. Throws in any case. */
  stash(): never {
    const call = whatCanWait(this.#hasEnded ? undefined : this.call, 'stash')
    this.#held.stash(call, this.#replier.callText(call.envelope!))
    call.isStashed = true
    throw new Stashed()
  }

  unstash(count: number): number {
    this.#schedule()
    return this.#held.unstash(count)
  }

  get stashed(): number {
    return this.#held.stashed
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
    return this.#isBusy || !this.#atWork.takesMessages ? WANTS_REPLIES : WANTS_REPLIES | WANTS_MESSAGES
  }

  /** A handler that has asked nobody goes on by itself: it must not be kept from that by a look-out for what nobody sends. */
  isDue(): boolean {
    return this.#messenger.isExpecting || this.#call.stream !== undefined || !(this.#isBusy || this.#atWork.count > 0)
  }

  /** Ends the actor after what is begun, or after what is queued (`drain`). The first request stands, a later one can only hasten it. */
  requestStop(request: StopRequest): void {
    this.#stop = bothStops(this.#stop ?? request, request)
    this.#atWork.stop(!this.#stop.drain)
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
    this.#call.abandon()
    this.#held.abandonAll()
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
    // What is begun is finished first, and may need its timers for that.
    if (this.#stop === undefined || this.#stop.drain || this.#atWork.count > 0) return this.#stepTimers()
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
    if (!this.#atWork.takesMessages) return false
    const record = this.#held.hasWaiting ? this.#held.takeWaiting() : this.#inbox.poll()
    if (record !== undefined) {
      this.#handle(record)
      return true
    }
    if (this.#stop === undefined || this.#atWork.count > 0) return false
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
    record.begin(envelope.kind === E.ASK)
    this.#timers.busy()
    this.#ports.showProgress(envelope.method || UNNAMED)
    tapReceive(this.#messenger, record, envelope)
    this.#isBusy = true
    this.#messenger.serving.begin(envelope.isStream ? 0 : envelope.deadline)
    const call = this.#call
    call.begin(record, envelope)
    if (this.#behaviour.slots !== undefined) this.#atWork.begin(call)
    let result: unknown
    let method: Method
    try {
      const message = this.#reader.read(envelope, payload)
      method = message.method
      const isAlone = this.#messenger.carrier === undefined && this.#behaviour.scope === undefined
      result = isAlone ? this.#apply(call, message) : this.#applyWithin(record, call, message)
    } catch (error) {
      return this.#failed(call, error)
    }
    if (isThenable(result)) {
      if (this.#behaviour.slots !== undefined) this.#setAside(call, method)
      result.then(
        (value) => this.#finishLater(() => this.#succeeded(call, value)),
        (error: unknown) => this.#finishLater(() => this.#failed(call, error)),
      )
    } else this.#succeeded(call, result)
  }

  /** With what its sender's context carries, and so that its code knows which call it belongs to. */
  #applyWithin(record: ReceivedRecord, call: Call, message: Message): unknown {
    const { carrier } = this.#messenger
    const { scope } = this.#behaviour
    const apply = (): unknown => this.#apply(call, message)
    const scoped = scope === undefined ? apply : (): unknown => scope.run(call, apply)
    return carrier === undefined ? scoped() : this.#reader.within(carrier, record, call.envelope!, message, scoped)
  }

  #apply(call: Call, { method, args }: Message): unknown {
    const result = method.apply(this.#behaviour.actor, args)
    return call.envelope?.isStream === true
      ? giveStream(call, result as Iterator<unknown>, this.#messenger, this.#replier.callText(call.envelope))
      : result
  }

  /** Its method awaits something, and other messages may be begun meanwhile. Without memory for that it is as if it were the only one. */
  #setAside(call: Call, method: Method): void {
    if (call !== this.#call || !this.#atWork.letsOthersIn(method)) return
    const shown = call.envelope!.method || UNNAMED
    try {
      this.#held.hold(call, this.#replier.callText(call.envelope!))
    } catch {
      return
    }
    this.#atWork.setAside(call, method, shown)
    this.#letGo()
  }

  #refuse(call: Call, error: Error): void {
    if (call.isAsked) this.#replier.error(call.record!, call.envelope!, error)
    else this.#ports.deadLetter(this.#reader.letter(call.record!, call.envelope!, error))
    this.#done(call)
  }

  #finishLater(finish: () => void): void {
    if (this.#hasEnded) return
    finish()
    this.#schedule()
  }

  /** The reply is pushed before the record is done: a death in between must not lose an ask that was answered (D2). */
  #succeeded(call: Call, value: unknown): void {
    if (call.reply !== undefined) return
    if (call.isStashed) return this.#done(call)
    if (call.envelope!.kind === E.ASK && !call.isOver) this.#replier.value(call.record!, call.envelope!, value)
    this.#done(call)
  }

  #failed(call: Call, error: unknown): void {
    if (error instanceof Refused) return this.#refuse(call, error.why)
    if (call.reply?.thrown(error) === true) return
    if (call.isStashed && error instanceof Stashed) return this.#done(call)
    if (call.envelope?.kind !== E.ASK || this.#behaviour.onThrow === 'crash') return this.crash(error)
    if (!call.isOver) this.#replier.error(call.record!, call.envelope, error)
    if (call.isStashed) E.cancelWaiting(call.record!)
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
    if (call === undefined) return this.#held.cancelWaiting(asker)
    if (kind === E.CREDIT) return call.stream?.credit(value)
    call.cancel()
    // Nobody is left to be answered, so there is nothing to keep.
    if (call.reply !== undefined) this.#held.release(call)
  }

  #done(call: Call): void {
    if (call.slot !== NO_SLOT) this.#atWork.leave(call)
    if (call !== this.#call) {
      this.#held.release(call)
      this.#atWork.ended()
      if (!this.#isBusy) this.#ports.showProgress(this.#atWork.idleShown)
      return
    }
    const record = call.isStashed ? undefined : call.record!
    call.end()
    record?.done()
    this.#ports.showProgress(this.#atWork.idleShown)
    this.#isBusy = false
    this.#messenger.serving.end()
  }

  /** What is in progress has been set aside: the next message may come. */
  #letGo(): void {
    this.#call = this.#newCall()
    this.#ports.showProgress(this.#atWork.idleShown)
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
    const finish = (outcome: PromiseSettledResult<unknown>): void => {
      this.#isBusy = false
      this.#messenger.serving.end()
      if (this.#stop !== request) return
      try {
        if (outcome.status === 'rejected') throw outcome.reason
        this.#ports.handOver(outcome.value)
        this.#stop = { reason: request.reason, drain: false }
      } catch (error) {
        this.#stop = undefined
        this.#atWork.stop(false)
        this.#ports.upgradeRefused(error)
      }
    }
    this.#isBusy = true
    this.#messenger.serving.begin()
    const state = new Promise((resolve) => resolve(this.#behaviour.actor.onUpgrade?.()))
    void Promise.allSettled([state]).then(([outcome]) => this.#finishLater(() => finish(outcome)))
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
