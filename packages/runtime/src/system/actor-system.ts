import type { Address } from '../base/address.ts'
import { checkName, USER_PATH } from '../base/address.ts'
import { RestartLimitError, SystemStoppedError } from '../base/errors.ts'
import { EventStream, type SystemEventName } from '../base/events.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { limitsWith } from '../base/limits.ts'
import { checkKeys } from '../base/options.ts'
import { ControlClient } from '../isolate/control-client.ts'
import { OfficeClient } from '../isolate/office-client.ts'
import type { Inspection, TreeNode } from '../isolate/requests.ts'
import { fromWireReason } from '../isolate/wire-reason.ts'
import { addQueueHome } from '../mailbox/queue-thread.ts'
import { ReceiveLoop } from '../mailbox/receive-loop.ts'
import { Arena } from '../queue/arena.ts'
import { closeHostedQueues } from '../queue/hosted-queues.ts'
import { WANTS_REPLIES } from '../queue/layout.ts'
import { setDebugged } from '../queue/seat.ts'
import { Messenger } from '../ref/messenger.ts'
import type { ActorClass, ActorRef, AnyRef, SpawnArgs } from '../ref/ref-types.ts'
import type { Group, Router, RouterOptions } from '../ref/router-types.ts'
import { Routes } from '../ref/routes.ts'
import { tapDeadLetter } from '../ref/taps.ts'
import type { ChildSpec, DynamicSupervisorSpec, SupervisorSpec } from '../supervisor/child-spec.ts'
import type { PartitionSupervisorSpec } from '../supervisor/partition-spec.ts'
import { SupervisorRef } from '../supervisor/supervisor-ref.ts'
import { encodeSpec, encodeVersion, spawnSpec } from '../supervisor/wire-spec.ts'
import { addressOf } from './address-of.ts'
import type { ToHost } from './control.ts'
import { DeadLetters } from './dead-letters.ts'
import { HostWatches } from './host-watches.ts'
import { KnownSpecs } from './known-specs.ts'
import { OutputDesk } from './output-desk.ts'
import type { ControlLink, Platform } from './platform.ts'
import { rootSpec, throwIfFaulty } from './root-spec.ts'
import { HOST_PATH, HOST_SEAT } from './seats.ts'
import { bootFrom, type StopOptions, SYSTEM_KEYS, type SystemOptions, stopOptionsFrom } from './system-options.ts'
import { UnheardLetters } from './unheard-letters.ts'
import { WireEvents } from './wire-events.ts'

/** The control side and the host have a seat each. */
const OWN_SEATS = 2

/** A running system, as its host sees it. Made by `ActorSystem.start`. */
export class RunningSystem implements AsyncDisposable {
  readonly name: string
  readonly events = new EventStream()
  /** The latest messages that nobody handled: to be looked at, and to be replayed. */
  readonly deadLetters: DeadLetters
  /** Resolves when the system has stopped; rejects with RestartLimitError when its root gave up, or with what broke the control side. */
  readonly closed: Promise<void>
  readonly #messenger: Messenger
  readonly #control: ControlClient
  readonly #link: ControlLink
  readonly #loop: ReceiveLoop
  readonly #warn: (text: string) => void
  readonly #isDebugged: () => boolean
  readonly #arena: Arena
  readonly #wireEvents: WireEvents
  readonly #desk: OutputDesk
  readonly #endQueues: () => void
  readonly #routes: Routes
  readonly #specs: KnownSpecs
  readonly #watches: HostWatches
  #settleClosed!: { resolve: () => void; reject: (error: unknown) => void }
  #isStarted = false
  #isClosed = false
  #ending: Promise<void> | undefined

  private constructor(options: SystemOptions, platform: Platform, callers: readonly string[]) {
    checkKeys(options, SYSTEM_KEYS, 'ActorSystem.start')
    this.name = checkName(options.name)
    this.#warn = (text) => platform.warn(text)
    this.#isDebugged = () => platform.isDebugged()
    this.closed = new Promise((resolve, reject) => (this.#settleClosed = { resolve, reject }))
    // Whoever does not look at `closed` hears of a failure through what fails next, not through a crash of the process.
    this.closed.catch(() => undefined)
    const limits = limitsWith(options.limits)
    const arena = Arena.create(limits.actorsMax + OWN_SEATS, limits.arenaBytesMax)
    this.#arena = arena
    const unheard = new UnheardLetters(this.#warn)
    this.deadLetters = new DeadLetters(limits.deadLettersMax, {
      codec: () => this.#messenger.codec,
      publish: (letter) => {
        if (!this.events.hasListeners('deadLetter')) unheard.note(letter)
        tapDeadLetter(this.name, letter)
        this.events.emit('deadLetter', letter)
      },
      tell: (to, method, args) => this.#messenger.tell(addressOf(to, this.#messenger), method, args),
    })
    setDebugged(arena, platform.isDebugged())
    const boot = bootFrom(options, platform, arena, limits, callers)
    const office = new OfficeClient({
      clock: platform.clock,
      openLine: (line, words) => this.#link.openLine(line, words),
      isDying: () => this.#isClosed,
    })
    this.#messenger = new Messenger(
      arena,
      { path: HOST_PATH, seat: HOST_SEAT, generation: 1, incarnation: 1 },
      {
        clock: platform.clock,
        epochMs: boot.epochMs,
        limits,
        spinMs: boot.spinMs,
        context: boot.context,
        office,
        onRefused: (letter) => this.deadLetters.receive(letter),
        onCorruptLane: (sender) =>
          this.events.emit('warning', { text: `the host refuses the replies of seat ${sender}: they hold nonsense` }),
        onExpecting: () => this.#loop.schedule(),
      },
    )
    this.#desk = new OutputDesk(arena, {
      events: this.events,
      codec: () => this.#messenger.codec,
      write: (stream, text, done) => platform.write(stream, text, done),
    })
    this.#wireEvents = new WireEvents(this.name, this.#messenger.codec, this.events, this.#warn)
    const leave = addQueueHome(this, { arena, codec: this.#messenger.codec, isDying: () => false, inWait: (wait) => wait() })
    this.#endQueues = () => {
      closeHostedQueues(arena)
      leave()
      office.close()
    }
    const work = {
      step: () => this.#messenger.stepReplies(),
      wants: () => (this.#messenger.isExpecting ? WANTS_REPLIES : 0),
      isDue: () => true,
      idle: () => this.#messenger.outbox.collect(),
    }
    const ports = {
      nowMs: () => platform.clock.nowMs(),
      nextTurn: (task: () => void) => platform.nextTurn(task),
      youngBytesLeft: platform.youngBytesLeft,
    }
    this.#loop = new ReceiveLoop(this.#messenger.parking, ports, work, platform.hostSpinMs)
    this.#link = platform.startControl(boot, {
      onMessage: (message) => this.#onMessage(message),
      onExit: (error) => this.#onControlExit(error),
    })
    this.#control = new ControlClient((call) => this.#link.post(call), this.#messenger.codec)
    this.#routes = new Routes(this.#messenger, arena, this.#control)
    this.#watches = new HostWatches(this.#control)
    this.#specs = new KnownSpecs(this.name)
  }

  /** Used by `ActorSystem.start`. */
  static async startOn(platform: Platform, options: SystemOptions, callers: readonly string[] = []): Promise<RunningSystem> {
    const system = new RunningSystem(options, platform, callers)
    try {
      await system.#start(options)
    } catch (error) {
      await system.#end()
      throw error
    }
    return system
  }

  /**
   * Starts an actor under `/user`: one-for-one, 3 restarts in 5 s of its own. Resolves when it is ready; rejects with
   * StartFailedError, NameTakenError, ActorLimitError, or NotSendableError for its arguments.
   */
  async spawn<A, P extends readonly unknown[]>(actor: ActorClass<A, P>, ...options: SpawnArgs<P>): Promise<ActorRef<A>> {
    const spec = spawnSpec(this.#messenger.codec, USER_PATH, actor, options[0])
    return this.#refTo(await this.#control.call('spawn', { spec }))
  }

  /** The actor of a spec that was given to `start`. */
  ref<A>(spec: ChildSpec<A>): ActorRef<A> {
    return this.#refTo(this.#specs.addressOf(spec))
  }

  /** The actor at a path (`/ledger/store`), or undefined when there is none now. */
  async lookup<A>(path: string): Promise<ActorRef<A> | undefined> {
    const address = await this.#control.call('lookup', { path })
    return address === undefined ? undefined : this.#refTo(address)
  }

  /**
   * A supervisor while it runs, to add, stop, restart and count its children, and to change its spec: by the spec that `start`
   * was given, or by its path (`/` is the root, `/user` has what was spawned).
   */
  supervisor(specOrPath: SupervisorSpec | DynamicSupervisorSpec | string): SupervisorRef {
    return new SupervisorRef(this.#specs.pathOf(specOrPath), {
      codec: this.#messenger.codec,
      control: this.#control,
      refTo: (address) => this.#refTo(address),
    })
  }

  /**
   * A ref to the children of a supervisor: each call goes to one of them, to all, or to that of a key. Rejects with
   * SupervisorError (`noSupervisor`).
   */
  async router<A>(
    specOrPath: PartitionSupervisorSpec<A> | SupervisorSpec | DynamicSupervisorSpec | string,
    options?: RouterOptions,
  ): Promise<Router<A>> {
    return (await this.#routes.router(this.#specs.pathOf(specOrPath), options)) as unknown as Router<A>
  }

  /** The group of that name; it need not have members. Rejects with InvalidNameError. */
  async group<A>(name: string, options?: RouterOptions): Promise<Group<A>> {
    return (await this.#routes.group(name, options)) as unknown as Group<A>
  }

  /**
   * Resolves with the reason when the address of that actor has ended (not at its restarts); at once if it has. Rejects with
   * SystemStoppedError when the system has ended, and nobody can tell.
   */
  terminated(ref: AnyRef): Promise<ExitReason> {
    return this.#watches.ended(addressOf(ref, this.#messenger))
  }

  /**
   * Starts a new version of an actor: of its own module, which is read again, or of another class. The old one ends after
   * its current message (`onUpgrade`, `onStop`, within `shutdownMs`), the new one goes on with its mailbox, refs, watches,
   * links and groups. Resolves when that is ready; rejects with UpgradeFailedError, and then the old version goes on.
   */
  async upgrade<A, P extends readonly unknown[]>(
    ref: ActorRef<A>,
    ...[actor, options]: [] | [actor: ActorClass<A, P>, ...options: SpawnArgs<P, Record<never, never>>]
  ): Promise<void> {
    const target = addressOf(ref, this.#messenger)
    await this.#control.call('upgrade', { target, ...encodeVersion(this.#messenger.codec, target.path, actor, options) })
  }

  /** Stops one actor for good, in order; resolves when it has ended. `drain`: after what is queued. */
  async stopActor(ref: AnyRef, options?: { readonly drain?: boolean }): Promise<void> {
    if (options !== undefined) checkKeys(options, ['drain'], 'system.stopActor')
    await this.#control.call('stopActor', { target: addressOf(ref, this.#messenger), drain: options?.drain ?? false })
  }

  /** Ends the isolate of an actor as a crash would, for chaos and tests: its supervisor acts. Resolves when it has ended. */
  async kill(ref: AnyRef): Promise<void> {
    await this.#control.call('kill', { target: addressOf(ref, this.#messenger) })
  }

  /** What was moved, shared or frozen, and sent, and whose messages are not read yet: how many messages, and bytes. */
  inTransit(): Promise<{ readonly messages: number; readonly bytes: number }> {
    return this.#control.call('inTransit', {})
  }

  /** Supervisors and actors as they are now: state, mailbox depth, method in progress, restarts. */
  tree(): Promise<TreeNode> {
    return this.#control.call('tree', {})
  }

  /**
   * What each actor's isolate does and uses now, or that of one actor (undefined: there is none now). Needs nothing of the
   * isolate, so it answers while that is wedged.
   */
  inspect(): Promise<readonly Inspection[]>
  inspect(actor: AnyRef | string): Promise<Inspection | undefined>
  async inspect(actor?: AnyRef | string): Promise<readonly Inspection[] | Inspection | undefined> {
    const path = typeof actor === 'object' ? addressOf(actor, this.#messenger).path : actor
    const all = await this.#control.call('inspect', { path })
    return path === undefined ? all : all[0]
  }

  /** Stops everything in reverse order of its start. Resolves when nothing is left: no thread, port or timer. Idempotent. */
  async stop(options?: StopOptions): Promise<void> {
    const request = stopOptionsFrom(options)
    if (this.#isClosed) return this.#end()
    await this.#control.call('stopSystem', request).catch(ignoreStopped)
    await this.#end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #start(options: SystemOptions): Promise<void> {
    const { strategy, intensity } = options
    const children = options.children ?? []
    // Before anything is encoded: what has no arguments, or is no spec, has a better text of its own.
    throwIfFaulty(rootSpec({ children, strategy, intensity }))
    this.#specs.remember(children)
    const encoded = children.map((spec) => encodeSpec(this.#messenger.codec, spec))
    const request = { children: encoded, intensity, strategy }
    for (const address of await this.#control.call('startSystem', request)) this.#specs.started(address)
    this.#isStarted = true
  }

  #refTo<A>(address: Address): ActorRef<A> {
    return this.#messenger.refTo(address) as unknown as ActorRef<A>
  }

  #onMessage(message: ToHost): void {
    switch (message.type) {
      case 'answer':
        return this.#control.onAnswer(message)
      case 'terminated':
        return this.#watches.onEnded(message.watch, fromWireReason(this.#messenger.codec, message.reason))
      case 'members':
        return this.#routes.onMembers(message.members)
      case 'said':
        return this.#desk.onSaid(message)
      case 'letter':
        return this.deadLetters.receive(message.letter)
      case 'event':
        return this.#onEvent(message.name, message.event)
      case 'suspect':
        return setDebugged(this.#arena, this.#isDebugged())
      case 'closed':
        return this.#onClosed(message.story)
    }
  }

  #onEvent(name: SystemEventName, event: unknown): void {
    // The lanes of the dead are read to their end, so that their seats can be used again.
    if (name === 'terminated') this.#loop.schedule()
    if (name === 'exited') this.#desk.onEnded((event as { readonly path: string }).path)
    this.#wireEvents.onEvent(name, event)
  }

  /** The root has ended: because it was asked to, or because it gave up. A start that fails says so itself. */
  #onClosed(story: string | undefined): void {
    if (!this.#isStarted) return
    const gaveUp = this.#wireEvents.lastGaveUp
    if (story !== undefined && gaveUp !== undefined) {
      const cause = 'error' in gaveUp.reason ? gaveUp.reason.error : undefined
      const error = new RestartLimitError(`the system "${this.name}"`, gaveUp.restarts, gaveUp.withinMs, story, cause)
      this.#close(error, `its root gave up (more than ${gaveUp.restarts} restarts within ${gaveUp.withinMs} ms; the last: ${story})`)
    }
    void this.#end()
  }

  /** Nobody is supervised without the control side: its threads end with it, and that must not go unnoticed. */
  #onControlExit(error: unknown): void {
    if (error !== undefined && !this.#isClosed)
      this.#warn(`the system "${this.name}" has ended, because its control side broke: ${String(error)}`)
    this.#close(error, error === undefined ? undefined : 'its control side broke')
  }

  /** Whoever asks first: all of them wait until nothing is left. */
  #end(): Promise<void> {
    this.#close(undefined)
    return (this.#ending ??= this.#link.end())
  }

  /** `why`: when nobody had asked for it. */
  #close(error: unknown, why?: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#messenger.close(this.name, why)
    this.#control.close(this.name, why)
    this.#watches.close(this.name, why)
    this.#loop.stop()
    this.#endQueues()
    if (error === undefined) this.#settleClosed.resolve()
    else this.#settleClosed.reject(error)
  }
}

function ignoreStopped(error: unknown): void {
  if (!(error instanceof SystemStoppedError)) throw error
}
