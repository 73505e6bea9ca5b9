import type { ChildProcess, SpawnOptions as ProcessOptions } from 'node:child_process'
import type { Address } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { checkKeys } from '../base/options.ts'
import type { ControlClient } from '../isolate/control-client.ts'
import { asRef } from '../ref/actor-ref.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { ActorClass, ActorRef, AnyRef, SpawnArgs } from '../ref/ref-types.ts'
import type { Group, Router, RouterOptions } from '../ref/router-types.ts'
import type { Routes } from '../ref/routes.ts'
import { moduleUrl } from '../supervisor/actor-place.ts'
import { SupervisorRef } from '../supervisor/supervisor-ref.ts'
import type { Call } from './call.ts'
import type { Cell } from './cell.ts'
import type { DeferredReply } from './deferred-reply.ts'
import type { ActorLog } from './log.ts'
import type { OwnRelations } from './relations.ts'
import type { Timers } from './timers.ts'

export interface ContextPorts {
  /** Ends this actor after the message in progress. */
  stopSelf(): void
  /** What a spec is, is known above. */
  spawn(actor: unknown, options: unknown): Promise<Address>
  /** Imports a module of that `file:` URL. */
  load(module: string): Promise<Readonly<Record<string, unknown>>>
  readonly routes: Routes
  /** From the runtime's clock to `performance.now()`. */
  threadTimeMs(ms: number): number
  /** The call in progress, if there is one. */
  call(): Call | undefined
  /** Throws while the actor starts. */
  cell(): Pick<Cell, 'deferReply' | 'stash' | 'unstash' | 'stashed'>
  readonly timers: Timers
  log(): ActorLog
  spawnProcess(command: string, args?: readonly string[], options?: ProcessOptions): ChildProcess
  readonly handedOver: unknown
}

export interface WatchOptions {
  /** Whether `onSignal` is told of each incarnation's end as well (IncarnationEnded). Default false. */
  readonly incarnations?: boolean
}

/** What an actor knows of itself and of the system: `this.context`. */
export class ActorContext {
  readonly #messenger: Messenger
  readonly #control: ControlClient
  readonly #relations: OwnRelations
  readonly #ports: ContextPorts
  #log: ActorLog | undefined
  /** The name of the system. */
  readonly system: string
  /** A ref to this actor, to be sent to others. */
  readonly self: ActorRef<never>
  /** 1 for the first, and one more after each restart. */
  readonly incarnation: number

  constructor(system: string, messenger: Messenger, control: ControlClient, relations: OwnRelations, ports: ContextPorts) {
    this.system = system
    this.#messenger = messenger
    this.#control = control
    this.#relations = relations
    this.#ports = ports
    this.self = messenger.refTo(messenger.self) as unknown as ActorRef<never>
    this.incarnation = messenger.self.incarnation
  }

  /** For lines with levels and fields: they reach the host as `log` events. */
  get log(): ActorLog {
    return (this.#log ??= this.#ports.log())
  }

  get path(): string {
    return this.#messenger.self.path
  }

  /** Which attempt at the message in progress this is: 1, and more only with `redeliver`, when earlier ones died with it (G5). */
  get attempt(): number {
    return (this.#ports.call()?.envelope?.attempt ?? 0) + 1
  }

  /**
   * When the caller of the method in progress gives up, as milliseconds of `performance.now()` of this thread. Infinity: never,
   * and where nobody waits (a `tell`, a timer, a hook). What a method asks others has no more time than that.
   */
  get deadline(): number {
    return this.#ports.threadTimeMs(this.#ports.call()?.deadlineMs ?? Number.POSITIVE_INFINITY)
  }

  /**
   * Whether the caller of the method in progress does not wait any more: it has aborted, its time is over, or it has ended.
   * A word in shared memory, so that a synchronous loop can look at it in every turn (some 40 ns).
   */
  get cancelled(): boolean {
    return this.#ports.call()?.isCancelled ?? false
  }

  /**
   * The same as an event, for `fetch` and the like: of the method in progress, and never aborted after it. Its reason is an
   * AbortError, or a TimeoutError. Two calls have two signals.
   */
  get signal(): AbortSignal {
    return this.#ports.call()?.signal ?? new AbortController().signal
  }

  /**
   * The reply to the ask in progress comes later, and the actor takes other messages until then: return `reply.later`, keep `reply`,
   * and call `reply.send(value)` or `reply.fail(error)` when it is time. Throws InvalidArgumentError where nothing is asked,
   * and HeldFullError when too many wait already. Deadline and signal go on: `reply.isWanted`, `reply.signal`.
   */
  deferReply<T>(): DeferredReply<T> {
    return this.#ports.cell().deferReply() as DeferredReply<T>
  }

  /**
   * Puts the message in progress back, and leaves the method: `if (!this.#isOpen) this.context.stash()`. It is begun again after
   * `unstash()`, and waits until then, also for the next incarnation. Throws HeldFullError, to its caller, when too much is set aside.
   */
  stash(): never {
    return this.#ports.cell().stash()
  }

  /** What was stashed is begun before all else, in the order in which it was: all of it, or the `count` oldest. Returns how many. */
  unstash(count = Number.POSITIVE_INFINITY): number {
    return this.#ports.cell().unstash(count)
  }

  /** How many messages are stashed. */
  get stashed(): number {
    return this.#ports.cell().stashed
  }

  /** Timers that end with this actor, and whose tasks run between two messages. */
  get timers(): Timers {
    return this.#ports.timers
  }

  /** What the former version's `onUpgrade` returned; undefined unless this incarnation has come by an upgrade. */
  get handedOver(): unknown {
    return this.#ports.handedOver
  }

  /** This actor's ref with its type: `this.context.selfAs<Counter>()`. */
  selfAs<A>(): ActorRef<A> {
    return this.self as unknown as ActorRef<A>
  }

  /**
   * Starts a child of this actor: it ends with this incarnation, in order. Resolves when it is ready; rejects with
   * StartFailedError, NameTakenError or ActorLimitError.
   */
  async spawn<A, P extends readonly unknown[]>(actor: ActorClass<A, P>, ...options: SpawnArgs<P>): Promise<ActorRef<A>> {
    return this.#refTo(await this.#ports.spawn(actor, options[0]))
  }

  /**
   * Imports a module in this isolate as an actor's own is imported, so TypeScript can be loaded on every Node: for code whose
   * place comes in a message. `module`: a `file:` URL or an absolute path. Rejects with what the module threw, with what keeps it from
   * being built, or with InvalidArgumentError.
   */
  async load<M = Readonly<Record<string, unknown>>>(module: URL | string): Promise<M> {
    const url = moduleUrl(typeof module === 'string' ? module : module.href)
    if (url === undefined) throw new InvalidArgumentError(`load(${JSON.stringify(String(module))}): give a file: URL or an absolute path.`)
    return (await this.#ports.load(url)) as M
  }

  /** The actor at a path (`/ledger/store`), or undefined when there is none now. */
  async lookup<A>(path: string): Promise<ActorRef<A> | undefined> {
    const address = await this.#control.call('lookup', { path })
    return address === undefined ? undefined : this.#refTo<A>(address)
  }

  /** A supervisor while it runs, to add, stop, restart and count its children. */
  supervisor(path: string): SupervisorRef {
    return new SupervisorRef(path, { codec: this.#messenger.codec, control: this.#control, refTo: (address) => this.#refTo(address) })
  }

  /**
   * A ref to the children of the supervisor at a path: each call goes to one of them, to all, or to that of a key. Rejects with
   * SupervisorError (`noSupervisor`).
   */
  async router<A>(path: string, options?: RouterOptions): Promise<Router<A>> {
    return (await this.#ports.routes.router(path, options)) as unknown as Router<A>
  }

  /** The group of that name; it need not have members. Rejects with InvalidNameError. */
  async group<A>(name: string, options?: RouterOptions): Promise<Group<A>> {
    return (await this.#ports.routes.group(name, options)) as unknown as Group<A>
  }

  /**
   * Tells `onSignal` once when that address has ended; at once if it has ended already. Watching twice is watching once.
   * `incarnations`: also each time an incarnation of it has ended.
   */
  watch(ref: AnyRef, options?: WatchOptions): void {
    if (options !== undefined) checkKeys(options, ['incarnations'], 'watch')
    this.#relations.watch(asRef(ref).address, options?.incarnations ?? false)
  }

  /** After this no notice of that ref comes, even if it was on its way. */
  unwatch(ref: AnyRef): void {
    this.#relations.unwatch(asRef(ref).address)
  }

  /**
   * Joins this incarnation and the one that lives at that address now: when either ends, for whatever reason but `normal`,
   * the other ends at once with reason `linked`; or, if it traps exits, its `onSignal` gets an Exit, for `normal` too. If
   * that one has ended already, its exit comes at once. Linking twice is linking once; a link to oneself is none. In force
   * for everything that is sent afterwards; resolves when the system knows of it.
   */
  async link(ref: AnyRef): Promise<void> {
    await this.#relations.link(asRef(ref).address)
  }

  /** From here on no Exit of that ref comes, even if it was on its way. When it has resolved, its end does not end this actor. */
  async unlink(ref: AnyRef): Promise<void> {
    await this.#relations.unlink(asRef(ref).address)
  }

  /** Whether exits of those that this incarnation is linked to are signals (Exit), and do not end it. At first they are not. */
  trapExits(on = true): void {
    this.#relations.trapExits(on)
  }

  /**
   * Starts a child process as `spawn` of node:child_process does, that ends with this incarnation: when the isolate has ended,
   * however it did, what still runs is killed (with `detached: true` its whole group). To end it in order, do so in `onStop`.
   */
  spawnProcess(command: string, args?: readonly string[], options?: ProcessOptions): ChildProcess {
    return this.#ports.spawnProcess(command, args, options)
  }

  /** Ends this actor normally after the message in progress: `onStop`, then reason `normal`. */
  stop(): void {
    this.#ports.stopSelf()
  }

  #refTo<A>(address: Address): ActorRef<A> {
    return this.#messenger.refTo(address) as unknown as ActorRef<A>
  }
}
