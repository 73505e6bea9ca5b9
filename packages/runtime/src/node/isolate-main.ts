import { type Actor, newWithContext } from '../actor/actor.ts'
import { Cell } from '../actor/cell.ts'
import { checkedMethods } from '../actor/checked-methods.ts'
import { ActorContext } from '../actor/context.ts'
import { ActorLog } from '../actor/log.ts'
import { isGeneratorMethod } from '../actor/outgoing-stream.ts'
import { OwnRelations } from '../actor/relations.ts'
import { slotsOf } from '../actor/slots.ts'
import { Timers } from '../actor/timers.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import type { ExitReason, StartStage } from '../base/exit-reason.ts'
import { stageOfLoading } from '../base/start-cures.ts'
import { ControlClient } from '../isolate/control-client.ts'
import type { BootRecord, FromIsolate, Lodging, Surroundings, ToIsolate } from '../isolate/isolate.ts'
import { LetterBox } from '../isolate/letter-box.ts'
import { OfficeClient } from '../isolate/office-client.ts'
import type { OpenLine } from '../isolate/office-line.ts'
import type { Said } from '../isolate/said.ts'
import { encodeError, fromWireReason, toWireReason } from '../isolate/wire-reason.ts'
import { Inbox } from '../mailbox/inbox.ts'
// Queues can be read in any isolate, whether or not its actor imports them.
import '../mailbox/queue.ts'
import { addQueueHome } from '../mailbox/queue-thread.ts'
import { ReceiveLoop } from '../mailbox/receive-loop.ts'
import { Arena } from '../queue/arena.ts'
import { ringHostedQueues } from '../queue/hosted-queues.ts'
import { MESSAGES } from '../queue/layout.ts'
import { markDying } from '../queue/parking.ts'
import { answerPing, shownIncarnation, showProgress } from '../queue/seat.ts'
import { showStreams } from '../queue/stream-methods.ts'
import { Messenger } from '../ref/messenger.ts'
import { Routes } from '../ref/routes.ts'
import { spawnSpec } from '../supervisor/wire-spec.ts'
import { type ReadClass, readClass } from './actor-class.ts'
import { callScope } from './call-scope.ts'
import { nodeClock } from './clock.ts'
import { loadActor } from './loading.ts'
import { ownProcesses } from './own-processes.ts'
import { measureOneself } from './self-measure.ts'
import { speaker } from './speaker.ts'
import type { Module, ThreadModules } from './thread-modules.ts'
import { youngBytesLeft } from './young-space.ts'

/** Dead letters that one actor may publish in one turn. */
const LETTERS = { letters: 256, bytes: 16 * 1024 * 1024 }

/** The thread in which an actor lives. */
export interface IsolateThread {
  post(notice: FromIsolate): void
  readonly openLine: OpenLine
  /** Ends the actor's thread. */
  exit(): void
  readonly modules: ThreadModules
  /** Others live in that thread, and it goes on without this actor. */
  readonly isShared?: boolean
}

/**
 * One actor's life in its own thread: load the class, make the actor, then receive until the end. It may be made before it is
 * known that the actor will live there, also while its predecessor still does: until `run` it touches nothing that is shared.
 */
export class IsolateMain {
  /** Its path may come with `run`. */
  readonly #self: { path: string; readonly seat: number; readonly generation: number; readonly incarnation: number }
  readonly #spinMs: number
  /** From `run` on. */
  #boot!: BootRecord
  readonly #thread: IsolateThread
  readonly #arena: Arena
  readonly #clock = nodeClock()
  readonly #messenger: Messenger
  readonly #control: ControlClient
  readonly #relations: OwnRelations
  readonly #routes: Routes
  readonly #office: OfficeClient
  readonly #letters = new LetterBox(LETTERS, {
    publish: (letter) => this.#post({ type: 'deadLetter', letter }),
    dropped: (count) => this.#post({ type: 'deadLettersDropped', count }),
    nextTurn: (task) => void setImmediate(task),
  })
  #cell: Cell | undefined
  #loop: ReceiveLoop | undefined
  #stopEarly: { readonly reason: ExitReason; readonly drain: boolean } | undefined
  #isFatal = false
  #isAbandoned = false
  readonly #timers = new Timers(
    this.#clock,
    () => this.#schedule(),
    (task) => this.#messenger.carrier?.bind(task) ?? task,
  )
  #leaveQueues: () => void = () => {}
  #begun = 0
  /** To the host: output, and lines of the log. */
  readonly say: (said: Said) => void

  constructor(place: Surroundings & Lodging, thread: IsolateThread) {
    this.#self = { ...place.self, incarnation: place.incarnation }
    this.#spinMs = place.spinMs
    this.#thread = thread
    this.#arena = Arena.attach(place.memory)
    this.#office = new OfficeClient({
      clock: this.#clock,
      openLine: thread.openLine,
      inWait: (wait) => this.#messenger.parking.inWait(wait),
      isDying: () => this.#messenger.parking.isDying(),
    })
    const say = speaker(this.#arena, this.#self.seat, (notice) => this.#post(notice))
    // Its successor's credit is in the same words.
    this.say = (said) => {
      if (!this.#isAbandoned) say(said)
    }
    this.#messenger = new Messenger(this.#arena, this.#self, {
      clock: this.#clock,
      epochMs: place.epochMs,
      limits: place.limits,
      spinMs: place.spinMs,
      context: place.context ?? [],
      office: this.#office,
      onRefused: (letter) => this.#letters.publish(letter),
      onCorruptLane: (sender) => this.#post({ type: 'corruptLane', sender }),
      onExpecting: () => this.#schedule(),
    })
    this.#control = new ControlClient((call) => this.#post(call), this.#messenger.codec)
    this.#relations = new OwnRelations(this.#control, (address) => shownIncarnation(this.#arena, address))
    this.#routes = new Routes(this.#messenger, this.#arena, this.#control)
  }

  isFor({ self, incarnation }: Lodging): boolean {
    const { seat, generation, incarnation: own } = this.#self
    return seat === self.seat && generation === self.generation && own === incarnation
  }

  /** `module`: the actor's, which is being imported already. */
  async run(boot: BootRecord, module: Promise<Module>): Promise<void> {
    this.#boot = boot
    this.#self.path = boot.self.path
    // The first one at an address has nothing to go on with.
    if (boot.incarnation > 1) this.#messenger.outbox.resume()
    const read = await this.#stage('load', async () => readClass(await module, boot))
    const { actorClass } = read
    this.#showStreams(read)
    const context = this.#context()
    const { codec, parking } = this.#messenger
    this.#leaveQueues = addQueueHome(context, {
      arena: this.#arena,
      codec,
      isDying: () => parking.isDying(),
      inWait: (wait) => parking.inWait(wait),
    })
    const { args: bytes, beside } = boot
    const args = codec.decode(bytes, 0, bytes.length, undefined, beside) as unknown[]
    // The loop runs from here on, so that asks of the constructor and of onStart get their replies.
    const loop = this.#startLoop()
    // Until it has started it serves nobody, itself included (G8).
    this.#messenger.serving.begin()
    // In an object: an actor may have a method named `then`, and must not be taken for a promise.
    this.#post({ type: 'reached', stage: 'constructor' })
    const { actor } = await this.#stage('constructor', () => ({ actor: newWithContext(actorClass, args, context) }))
    if (actor.onStart !== undefined) this.#post({ type: 'reached', stage: 'onStart' })
    await this.#stage('onStart', () => actor.onStart?.())
    this.#messenger.serving.end()
    this.#cell = this.#makeCell(actor, read)
    this.#post({ type: 'ready', hangAfterMs: actorClass.hangAfterMs })
    if (this.#thread.isShared !== true)
      measureOneself(this.#arena, boot.self.seat, Number.isFinite(boot.externalMb), () => this.#clock.nowMs())
    if (this.#stopEarly !== undefined) this.#cell.requestStop(this.#stopEarly)
    loop.schedule()
  }

  async #stage<T>(stage: StartStage, work: () => T | Promise<T>): Promise<T> {
    try {
      const result = await work()
      return this.#isAbandoned ? await never() : result
    } catch (error) {
      this.#isFatal = true
      const at = stage === 'load' ? stageOfLoading(error, stage) : stage
      this.#end({ type: 'startFailed', reason: toWireReason(this.#messenger.codec, { kind: 'startFailed', stage: at, error }) })
      return never()
    }
  }

  #showStreams({ methods }: ReadClass): void {
    const streams = [...methods].filter(([, method]) => isGeneratorMethod(method))
    const names = streams.map(([name]) => this.#messenger.names.idOf(name))
    showStreams(this.#arena, this.#self.seat, names)
  }

  #handedOver(): unknown {
    const { handedOver } = this.#boot
    return handedOver && this.#messenger.codec.decode(handedOver, 0, handedOver.length)
  }

  #context(): ActorContext {
    return new ActorContext(this.#boot.system, this.#messenger, this.#control, this.#relations, {
      stopSelf: () => this.#requestStop({ reason: { kind: 'normal' }, drain: false }),
      spawn: (actor, options) =>
        this.#control.call('spawn', { spec: spawnSpec(this.#messenger.codec, this.#boot.self.path, actor, options) }),
      load: async (module) => loadActor(this.#thread.modules, await this.#control.call('load', { module }), module),
      call: () => this.#cell?.call,
      cell: () => {
        if (this.#cell === undefined) throw new InvalidArgumentError('while the actor starts, there is no message in progress.')
        return this.#cell
      },
      timers: this.#timers,
      threadTimeMs: (ms) => ms - this.#clock.nowMs() + performance.now(),
      routes: this.#routes,
      log: () => new ActorLog(this.#boot.logLevel, this.#messenger.codec, this.say),
      spawnProcess: ownProcesses((notice) => this.#post(notice)),
      handedOver: this.#handedOver(),
    })
  }

  #makeCell(actor: Actor, { actorClass, methods, schemas }: ReadClass): Cell {
    const { self, limits, onThrow, redelivers } = this.#boot
    const inboxEvents = { onCorrupt: (sender: number) => this.#post({ type: 'corruptLane', sender }) }
    const inbox = new Inbox(this.#arena, MESSAGES, self.seat, self.generation, inboxEvents, this.#spinMs > 0)
    const checked = checkedMethods(methods, schemas, self.path)
    const slots = slotsOf(actorClass, checked, actorClass.name)
    const scope = slots && callScope()
    const behaviour = { actor, methods: checked, onThrow: onThrow ?? actorClass.onThrow ?? 'reply', slots, scope }
    return new Cell(
      behaviour,
      this.#messenger,
      inbox,
      this.#relations.notices,
      this.#timers,
      limits,
      { arena: this.#arena, seat: self.seat, max: limits.laneMessagesMax, redelivers },
      {
        showProgress: (method) => showProgress(this.#arena, self.seat, method, this.#begun++),
        crashed: (reason) => this.#crashed(reason),
        stopped: (reason) => this.#end({ type: 'stopped', reason }),
        handOver: (state) =>
          this.#post({ type: 'handedOver', state: this.#messenger.codec.encodeState(state, `${self.path}.onUpgrade()`) }),
        upgradeRefused: (error) => this.#post({ type: 'upgradeRefused', error: encodeError(this.#messenger.codec, error) }),
        deadLetter: (letter) => this.#letters.publish(letter),
      },
      () => this.#schedule(),
    )
  }

  #startLoop(): ReceiveLoop {
    const work = {
      step: () => (this.#cell === undefined ? this.#messenger.stepReplies() : this.#cell.step()),
      wants: () => this.#cell?.wants() ?? (this.#messenger.isExpecting ? 1 : 0),
      isDue: () => this.#cell?.isDue() ?? true,
      idle: () => {
        this.#cell?.idle()
        this.#messenger.outbox.collect()
      },
    }
    const ports = { nowMs: () => this.#clock.nowMs(), nextTurn: (task: () => void) => void setImmediate(task), youngBytesLeft }
    this.#loop = new ReceiveLoop(this.#messenger.parking, ports, work, this.#boot.spinMs)
    return this.#loop
  }

  #schedule(): void {
    this.#loop?.schedule()
  }

  onSignal(signal: ToIsolate): void {
    switch (signal.type) {
      case 'stop':
        return this.#requestStop({ reason: { kind: 'shutdown' }, drain: signal.drain })
      case 'ping':
        return answerPing(this.#arena, this.#self.seat, signal.ping)
      case 'upgrade':
        return this.#requestStop({ reason: { kind: 'shutdown' }, drain: false, handsOver: true })
      case 'terminated':
      case 'incarnationEnded':
      case 'exit':
        this.#relations.arrived({ ...signal, reason: fromWireReason(this.#messenger.codec, signal.reason) })
        return this.#schedule()
      case 'members':
        return this.#routes.onMembers(signal.members)
      case 'answer':
        return this.#control.onAnswer(signal)
    }
  }

  #requestStop(request: { readonly reason: ExitReason; readonly drain: boolean; readonly handsOver?: boolean }): void {
    if (this.#cell === undefined) this.#stopEarly ??= request
    else this.#cell.requestStop(request)
  }

  /** A throw in a timer, an event, an un-awaited promise: nobody to give it to. */
  fatal(error: unknown): void {
    if (this.#isFatal) return
    if (this.#cell === undefined) this.#crashed({ kind: 'error', error })
    else this.#cell.crash(error)
  }

  #crashed(reason: ExitReason): void {
    this.#isFatal = true
    this.#end({ type: 'crashed', reason: toWireReason(this.#messenger.codec, reason) })
  }

  /** The last notice. What was posted before an exit arrives before it is seen. */
  #end(notice: FromIsolate): void {
    if (this.#isAbandoned) return
    this.#loop?.stop()
    this.#letters.flush()
    this.#post(notice)
    this.#leaveQueues()
    this.#thread.exit()
  }

  /** It has ended, and its thread goes on: what its code still does reaches nobody, and nobody reaches it. */
  abandon(): void {
    this.#isAbandoned = true
    this.#loop?.stop()
    this.#cell?.abandon()
    this.#timers.clear()
    this.#messenger.abandon()
    this.#office.close()
    this.#leaveQueues()
    this.onThreadExit()
  }

  /** Its thread is about to end: nobody may wake it any more. */
  onThreadExit(): void {
    markDying(this.#arena, this.#self.seat)
    ringHostedQueues(this.#arena)
  }

  #post(notice: FromIsolate): void {
    this.#thread.post(notice)
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {})
}
