import { childPath, parentPath } from '../base/address.ts'
import type { SystemEventName, SystemEvents } from '../base/events.ts'
import { describeExit, type ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import type { BootRecord, FromIsolate, Lodging, StartIsolate, Surroundings } from '../isolate/isolate.ts'
import { decodeError, fromWireReason, isEncodedError } from '../isolate/wire-reason.ts'
import type { Arena } from '../queue/arena.ts'
import { prepareSeat, showIncarnation } from '../queue/seat.ts'
import { limitedMb } from '../supervisor/actor-limits.ts'
import {
  type AnySpec,
  type ChildSpec,
  type DynamicSupervisorSpec,
  dynamicSupervisor,
  type SupervisorSpec,
} from '../supervisor/child-spec.ts'
import { keptSpec } from '../supervisor/restart-rules.ts'
import { Supervisor } from '../supervisor/supervisor.ts'
import type { ChildHandle, SupervisorPorts, SupervisorReport } from '../supervisor/supervisor-ports.ts'
import { besideArgs, encodedArgs } from '../supervisor/wire-spec.ts'
import type { ActorLife } from './actor-life.ts'
import type { ControlPorts } from './control.ts'
import type { ControlBoot } from './control-boot.ts'
import { CrashLoops } from './crash-loops.ts'
import type { Residents } from './residents.ts'
import type { Watcher } from './watch-list.ts'

export interface SupervisionPorts extends Pick<ControlPorts, 'clock' | 'post' | 'random' | 'prepareModule'> {
  readonly startIsolate: StartIsolate
  readonly startInline: StartIsolate
  /** An actor will probably be started there (spares.ts). */
  prepareIsolate(lodging: Lodging, heapMb: number): void
}

export interface SupervisionEvents {
  emit<N extends SystemEventName>(name: N, event: SystemEvents[N]): void
  onNotice(life: ActorLife, notice: FromIsolate): void
  /** An isolate has really ended, or its thread is stuck in native code. */
  onEnded(life: ActorLife): void
  /** An address is ready for the first time. */
  onArrived(path: string): void
}

/** The tree of supervisors, and how it makes actors live and end: what a supervisor decides is carried out here. */
export class Supervision {
  readonly #boot: ControlBoot
  readonly #surroundings: Surroundings
  readonly #ports: SupervisionPorts
  readonly #arena: Arena
  readonly #codec: Codec
  readonly #events: SupervisionEvents
  readonly residents: Residents
  readonly supervisors = new Map<string, Supervisor>()
  readonly #loops = new CrashLoops()
  /** Why the root gave up, if it did. */
  story: string | undefined
  /** All of it was asked to stop. */
  isStopping = false
  /** Until when actors that stop may finish what is queued; undefined: they do not. */
  drainUntilMs: number | undefined
  /** Threads that were killed and do not end. */
  #leaked = 0

  constructor(boot: ControlBoot, ports: SupervisionPorts, arena: Arena, codec: Codec, residents: Residents, events: SupervisionEvents) {
    this.#boot = boot
    const { system, memory, epochMs, limits, spinMs, context = [] } = boot
    this.#surroundings = { system, memory, epochMs, limits, spinMs, context }
    this.#ports = ports
    this.#arena = arena
    this.#codec = codec
    this.#events = events
    this.residents = residents
  }

  get isUp(): boolean {
    return !this.isStopping && this.story === undefined
  }

  /** A supervisor at a path, not yet started. */
  open(path: string, spec: SupervisorSpec | DynamicSupervisorSpec): Supervisor {
    const opened = new Supervisor(spec, path, this.#portsFor(path))
    this.supervisors.set(path, opened)
    return opened
  }

  #portsFor(path: string): SupervisorPorts {
    return {
      nowMs: () => this.#ports.clock.nowMs(),
      post: (task) => this.#ports.post(task),
      after: (delayMs, task) => this.#ports.clock.after(delayMs, task),
      random: () => this.#ports.random(),
      startChild: (spec, attempt, cancelled) => this.#startChild(childPath(path, spec.name), spec, attempt, cancelled),
      untilFree: (name) => this.residents.lives.get(childPath(path, name))?.untilFree(),
      report: (report) => this.#onReport(report),
    }
  }

  async #startChild(path: string, spec: AnySpec, attempt: 'initial' | 'restart', cancelled: AbortSignal): Promise<ChildHandle> {
    if (spec.kind !== 'actor') return this.#startSupervisor(path, spec, attempt, cancelled)
    const life = this.residents.lives.get(path) ?? this.#openLife(path, spec)
    life.spec = spec
    const handle = await life.start(cancelled)
    // Who never starts again needs no arguments any more, and they may be large.
    life.spec = keptSpec(life.spec)
    if (!life.hasStarted) {
      life.hasStarted = true
      if (life.isInline && limitedMb(spec.limits) > 0)
        this.#events.emit('warning', { text: `${path} has limits, and runs in its host's thread, where they mean nothing.` })
      this.#events.onArrived(path)
    }
    this.#events.emit('started', { path, incarnation: life.incarnation, warm: life.isWarm })
    return { ended: handle.ended, stop: (reason) => this.#stopActor(path, handle, reason) }
  }

  /** Its children end before it. */
  async #stopActor(path: string, handle: ChildHandle, reason: ExitReason): Promise<ExitReason> {
    await this.supervisors.get(path)?.stop(reason)
    return handle.stop(reason)
  }

  async #startSupervisor(
    path: string,
    spec: SupervisorSpec | DynamicSupervisorSpec,
    attempt: 'initial' | 'restart',
    cancelled: AbortSignal,
  ): Promise<ChildHandle> {
    const started = this.open(path, spec)
    cancelled.addEventListener('abort', () => void started.stop(cancelled.reason as ExitReason), { once: true })
    await started.start(attempt)
    return { ended: started.ended, stop: (reason) => this.#stopWithin(started, reason) }
  }

  /** A supervisor has changed its spec: the new one is what its parents have from now on, and what its actors live by. */
  adopt(changed: Supervisor): void {
    const { spec, path } = changed
    for (const child of spec.kind === 'supervisor' ? spec.children : []) {
      const life = this.residents.lives.get(childPath(path, child.name))
      if (life !== undefined && child.kind === 'actor') life.spec = child
    }
    for (let at = path, inner = spec; at !== '/'; ) {
      at = parentPath(at)
      const parent = this.supervisors.get(at)
      if (parent === undefined) return
      parent.adopt(inner)
      inner = parent.spec
    }
  }

  /** A supervisor holds no timer: its own `shutdownMs` is kept here. */
  async #stopWithin(stopping: Supervisor, reason: ExitReason): Promise<ExitReason> {
    const { shutdownMs } = this.supervisors.get(parentPath(stopping.path))?.childSpec(stopping.spec.name) ?? stopping.spec
    if (typeof shutdownMs !== 'number' || shutdownMs === Number.POSITIVE_INFINITY) return stopping.stop(reason)
    const cancel = this.#ports.clock.after(shutdownMs, () => void stopping.stop({ kind: 'killed' }))
    const ended = await stopping.stop(reason)
    cancel()
    return ended
  }

  #openLife(path: string, spec: ChildSpec): ActorLife {
    const life: ActorLife = this.residents.open(path, spec, {
      clock: this.#ports.clock,
      isolate: this.#boot.isolate ?? 'thread',
      startIsolate: (boot, events) => (life.isInline ? this.#ports.startInline : this.#ports.startIsolate)(boot, events),
      prepareModule: (module, isChanged) => this.#ports.prepareModule(module, isChanged),
      bootRecord: (of, url) => this.#bootRecord(of, url),
      readReason: (reason) => fromWireReason(this.#codec, reason),
      readError: (error) => (isEncodedError(error) ? decodeError(this.#codec, error) : error),
      onNotice: (of, notice) => this.#events.onNotice(of, notice),
      onIncarnationEnd: (of, reason, isSucceeded) => this.#onIncarnationEnd(of, reason, isSucceeded),
      onStuck: (of, reason) => this.#onStuck(of, reason),
      onFreed: (of) => this.#onFreed(of),
      onEnding: (of) => this.#foreseeNext(of),
      onUpgraded: (of) => this.#events.emit('started', { path, incarnation: of.incarnation, warm: of.isWarm }),
    })
    life.drainUntilMs = this.drainUntilMs
    return life
  }

  /** One that ends will probably be followed by another one: its thread takes milliseconds to end. */
  #foreseeNext({ address, incarnation, spec, isInline }: ActorLife): void {
    if (isInline || spec.restart === 'temporary' || !this.isUp) return
    this.#ports.prepareIsolate({ self: address, incarnation: incarnation + 1 }, spec.limits.heapMb)
  }

  #bootRecord(life: ActorLife, url: string): BootRecord {
    prepareSeat(this.#arena, life.address.seat, this.residents.seats.used())
    showIncarnation(this.#arena, life.address.seat, life.incarnation)
    const args = life.version.args ?? life.spec.args
    return {
      ...this.#surroundings,
      self: life.address,
      incarnation: life.incarnation,
      // Whoever spins keeps the thread from all others that live in it.
      spinMs: life.isInline ? 0 : this.#boot.spinMs,
      logLevel: this.#boot.logLevel,
      url,
      source: life.version.place.module,
      starters: this.#boot.starters ?? [],
      exportName: life.version.place.exportName,
      args: encodedArgs({ args }),
      beside: besideArgs({ args }),
      handedOver: life.handedOver,
      onThrow: life.spec.onThrow,
      redelivers: life.spec.redeliver > 0,
      heapMb: life.spec.limits.heapMb,
      externalMb: life.spec.limits.externalMb,
    }
  }

  /** An actor's own children: a dynamic supervisor that lives as long as its incarnation. */
  childrenOf(parent: Watcher): Supervisor | undefined {
    const { path } = parent.address
    const known = this.supervisors.get(path)
    if (known !== undefined) return known
    const life = this.residents.lives.get(path)
    if (life === undefined || life.address.seat !== parent.address.seat || life.incarnation !== parent.incarnation) return undefined
    const children = this.open(path, dynamicSupervisor({ name: path.slice(path.lastIndexOf('/') + 1), per: 'child' }))
    void children.start()
    return children
  }

  async #onIncarnationEnd(life: ActorLife, reason: ExitReason, isSucceeded: boolean): Promise<void> {
    this.#events.onEnded(life)
    this.residents.afterIncarnation(life, reason)
    await this.#endAround(life, reason, isSucceeded)
  }

  /** Its children end with it, and then those who watch it or are linked to it are told. */
  async #endAround(life: ActorLife, reason: ExitReason, isSucceeded: boolean): Promise<void> {
    const { path } = life.address
    const children = this.supervisors.get(path)
    if (children !== undefined) {
      // Until they have ended whoever stops it reaches them: a deadline is theirs, too.
      const ended = await children.stop()
      this.supervisors.delete(path)
      this.residents.endBelow(path, ended)
      this.#forgetBelow(path)
    }
    this.residents.relations.incarnationEnded(life, reason, isSucceeded)
    // No supervisor hears of it, so nobody else would say so.
    if (!isSucceeded) return
    const supervisor = parentPath(path)
    const noCount = { restartsLeft: undefined, restartInMs: undefined }
    this.#events.emit('exited', { path, supervisor, incarnation: life.incarnation, reason, willRestart: true, ...noCount })
  }

  async #onStuck(life: ActorLife, reason: ExitReason): Promise<void> {
    const { path } = life.address
    this.#events.emit('threadsLeaked', { path, count: ++this.#leaked })
    const text = `${path} does not end: its thread is stuck in native code. It is counted as leaked until it returns.`
    this.#events.emit('warning', { text })
    this.#events.onEnded(life)
    this.residents.afterStuck(life, reason)
    await this.#endAround(life, reason, false)
  }

  #onFreed(life: ActorLife): void {
    this.residents.afterFreed(life)
    this.#events.emit('threadsLeaked', { path: life.address.path, count: --this.#leaked })
  }

  #onReport(report: SupervisorReport): void {
    const { path } = report
    switch (report.kind) {
      case 'exited':
      case 'startFailed':
      case 'stopped': {
        const life = this.residents.lives.get(path)
        // What waits for a restart that will not come has ended before, and was told then.
        if (life?.isEndTold === true) break
        if (life !== undefined) life.isEndTold = true
        const incarnation = life?.incarnation ?? 1
        const willRestart = report.fate === 'restarts'
        const { restartsLeft, restartInMs } =
          report.kind === 'stopped' ? { restartsLeft: undefined, restartInMs: undefined } : { restartInMs: undefined, ...report }
        const { supervisor, reason } = report
        this.#events.emit('exited', { path, supervisor, incarnation, reason, willRestart, restartsLeft, restartInMs })
        if (willRestart && report.kind !== 'stopped') this.#noteLoop(report)
        break
      }
      case 'gaveUp':
        this.#onGaveUp(report)
        return
    }
    if ('fate' in report && report.fate === 'ended') this.endTree(path, report.reason)
  }

  #onGaveUp({ path, supervisor, reason, restarts, withinMs, whole }: SupervisorReport & { kind: 'gaveUp' }): void {
    const who = whole ? supervisor : path
    if (who === '/') this.story = `${path} ended once more (${describeExit(reason)})`
    this.#events.emit('gaveUp', { path: who, supervisor, child: path, reason, restarts, withinMs })
  }

  #noteLoop({ path, supervisor, reason }: SupervisorReport & { readonly reason: ExitReason }): void {
    const news = this.#loops.note(path, this.#ports.clock.nowMs())
    if (news !== undefined) this.#events.emit('crashLoop', { path, supervisor, reason, ...news })
  }

  endTree(path: string, reason: ExitReason): void {
    this.#loops.forget(path)
    this.residents.endTree(path, reason)
    this.#forgetBelow(path)
    this.supervisors.delete(path)
  }

  #forgetBelow(path: string): void {
    const below = path === '/' ? '/' : `${path}/`
    for (const inner of [...this.supervisors.keys()]) if (inner !== path && inner.startsWith(below)) this.supervisors.delete(inner)
  }
}
