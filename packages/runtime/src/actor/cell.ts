import { BudgetExceededError, NotAMessageError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import { discard } from '../mailbox/discard.ts'
import * as E from '../mailbox/envelope.ts'
import type { Inbox } from '../mailbox/inbox.ts'
import { copyOfReceived, type PrivateBytes } from '../mailbox/payload.ts'
import type { LaneConsumer } from '../queue/lane-consumer.ts'
import { NO_MEMORY, PUSHED } from '../queue/lane-producer.ts'
import { UNNAMED, WANTS_MESSAGES, WANTS_REPLIES } from '../queue/layout.ts'
import { NO_NAME } from '../queue/names.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { AnyRef } from '../ref/ref-types.ts'
import type { Actor } from './actor.ts'
import { CurrentCall } from './current-call.ts'
import type { Method } from './method-table.ts'
import { notAMessage } from './not-a-message.ts'
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
  readonly #replier: Replier
  readonly #schedule: () => void
  #stop: StopRequest | undefined
  #isBusy = false
  #steps = 0
  #hasEnded = false
  /** Of the message in progress, or of the last one: see `context.attempt`. */
  #attempt = 0
  readonly call: CurrentCall

  constructor(
    behaviour: Behaviour,
    messenger: Messenger,
    inbox: Inbox,
    notices: Notices,
    timers: Timers,
    limits: SystemLimits,
    ports: CellPorts,
    schedule: () => void,
  ) {
    this.#behaviour = behaviour
    this.#messenger = messenger
    this.#inbox = inbox
    this.#notices = notices
    this.#timers = timers
    this.#replier = new Replier(messenger, limits)
    this.#ports = ports
    this.#schedule = schedule
    this.call = new CurrentCall({ ...messenger.callPorts, callText: (envelope) => this.#replier.callText(envelope) })
    messenger.callbacks.caller = () => this.call.asker()
    messenger.asides.onOfCaller = (asker, kind, value) => {
      if (!this.call.is(asker)) return
      if (kind === E.CREDIT) this.call.stream?.credit(value)
      else this.call.cancel()
    }
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

  /** Which attempt at the message in progress this is: 1 is the first. */
  get attempt(): number {
    return this.#isBusy ? this.#attempt + 1 : 1
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
    this.call.lookAtCaller()
    this.#messenger.callbacks.lookAtCallers()
    if (!this.#isBusy) this.#timers.idle()
  }

  #stepMessages(): boolean {
    const lane = this.#inbox.poll()
    if (lane !== undefined) {
      this.#handle(lane)
      return true
    }
    if (this.#stop === undefined) return false
    this.#end(this.#stop.reason)
    return true
  }

  #handle(lane: LaneConsumer): void {
    const envelope = E.readEnvelope(lane)
    // An ask that nobody waits for any more is not started (G4).
    if (envelope.kind === E.CANCELLED || this.#messenger.times.isExpired(envelope.deadline)) {
      if (E.encloses(lane)) discard(lane, this.#messenger.payloads, this.#messenger.codec)
      return lane.done()
    }
    const payload = this.#messenger.payloads.read(lane)
    lane.begin()
    this.#timers.busy()
    this.#attempt = envelope.attempt
    this.#ports.showProgress(envelope.method || UNNAMED)
    this.#isBusy = true
    this.#messenger.serving.begin(envelope.isStream ? 0 : envelope.deadline)
    this.call.begin(lane, envelope)
    let result: unknown
    try {
      const message = this.#read(envelope, payload)
      if (message instanceof Error) return this.#refuse(lane, envelope, payload, message)
      result = message.method.apply(this.#behaviour.actor, message.args)
      if (envelope.isStream) result = this.#stream(lane, envelope, result as Iterator<unknown>)
    } catch (error) {
      return this.#failed(lane, envelope, error)
    }
    if (isThenable(result)) {
      result.then(
        (value) => this.#finishLater(() => this.#succeeded(lane, envelope, value)),
        (error: unknown) => this.#finishLater(() => this.#failed(lane, envelope, error)),
      )
    } else this.#succeeded(lane, envelope, result)
  }

  /** From here on it is a method that takes a while: its result is what the generator returns. */
  #stream(lane: LaneConsumer, envelope: E.Envelope, generator: Iterator<unknown>): Promise<unknown> {
    const { sender: seat, senderGeneration: generation } = lane.lane
    const call = this.#replier.callText(envelope)
    const stream = new OutgoingStream(generator, {
      encode: (item) => this.#messenger.codec.encodeItemOf(item, call),
      send: (kind, payload) => {
        const pushed = this.#messenger.reply({ seat, generation }, envelope, kind, payload)
        if (pushed === NO_MEMORY) throw new BudgetExceededError(`an item of ${call}`)
        if (pushed !== PUSHED) stream.cancel()
      },
      isAbort: (error) => this.call.isAbort(error),
    })
    this.call.stream = stream
    return stream.run()
  }

  /** The method and its arguments, or what is wrong with the message: that is its sender's fault, and no crash of ours. */
  #read(envelope: E.Envelope, { bytes, start, end, outside }: PrivateBytes): { readonly method: Method; readonly args: unknown[] } | Error {
    let args: unknown[]
    try {
      args = this.#messenger.codec.decode(bytes, start, end, outside) as unknown[]
    } catch (error) {
      return error as Error
    }
    const name = envelope.method === NO_NAME ? String(args.shift()) : (this.#messenger.names.nameOf(envelope.method) ?? '')
    const method = this.#behaviour.methods.get(name)
    return method === undefined
      ? notAMessage(this.#messenger.self.path, this.#behaviour.actor, name, this.#behaviour.methods.keys())
      : { method, args }
  }

  #refuse(lane: LaneConsumer, envelope: E.Envelope, payload: PrivateBytes, error: Error): void {
    if (envelope.kind === E.ASK) this.#replier.error(lane, envelope, error)
    else {
      this.#ports.deadLetter({
        to: this.#messenger.self.path,
        from: lane.lane.sender,
        method: this.#messenger.names.nameOf(envelope.method) ?? '?',
        payload: E.encloses(lane) ? undefined : copyOfReceived(payload),
        bytes: lane.payloadBytes,
        why: error instanceof NotAMessageError ? 'notAMessage' : 'unreadable',
        detail: error.message,
        reason: undefined,
      })
    }
    this.#done(lane)
  }

  #finishLater(finish: () => void): void {
    if (this.#hasEnded) return
    finish()
    this.#schedule()
  }

  /** The reply is pushed before the record is done: a death in between must not lose an ask that was answered (D2). */
  #succeeded(lane: LaneConsumer, envelope: E.Envelope, value: unknown): void {
    if (envelope.kind === E.ASK) this.#replier.value(lane, envelope, value)
    this.#done(lane)
  }

  #failed(lane: LaneConsumer, envelope: E.Envelope, error: unknown): void {
    if (envelope.kind !== E.ASK || this.#behaviour.onThrow === 'crash') return this.crash(error)
    this.#replier.error(lane, envelope, error)
    this.#done(lane)
  }

  #done(lane: LaneConsumer): void {
    this.call.end()
    lane.done()
    this.#ports.showProgress(NO_NAME)
    this.#isBusy = false
    this.#messenger.serving.end()
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
    this.#attempt = 0
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
