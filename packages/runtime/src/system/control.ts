import { type Address, childPath } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import {
  ActorLimitError,
  ActorStoppedError,
  InvalidSpecError,
  NameTakenError,
  StartFailedError,
  SystemStoppedError,
} from '../base/errors.ts'
import type { SystemEventName, SystemEvents } from '../base/events.ts'
import { describeExit, type ExitReason } from '../base/exit-reason.ts'
import { KILL_GRACE_MS, NAME_LENGTH_MAX, SCAN_MS, type SystemLimits } from '../base/limits.ts'
import { Codec } from '../codec/codec.ts'
import type { BootRecord, FromIsolate, StartIsolate, ToIsolate, WireDeadLetter } from '../isolate/isolate.ts'
import type { ControlRequest, TreeNode } from '../isolate/requests.ts'
import { encodeError, fromWireReason, toWireReason } from '../isolate/wire-reason.ts'
import { Arena } from '../queue/arena.ts'
import { Names } from '../queue/names.ts'
import { prepareSeat } from '../queue/seat.ts'
import {
  type AnySpec,
  type ChildSpec,
  type DynamicSupervisorSpec,
  dynamicSupervisor,
  type SupervisorSpec,
  supervisor,
} from '../supervisor/child-spec.ts'
import type { RequestResult } from '../supervisor/decision-shapes.ts'
import { validateSpecs } from '../supervisor/spec-faults.ts'
import { Supervisor } from '../supervisor/supervisor.ts'
import type { ChildHandle, SupervisorPorts, SupervisorReport } from '../supervisor/supervisor-ports.ts'
import { encodedArgs } from '../supervisor/wire-spec.ts'
import type { ActorLife } from './actor-life.ts'
import { Estate, type EstatePorts } from './estate.ts'
import { Residents } from './residents.ts'
import { treeOf } from './tree.ts'
import type { Watcher } from './watch-list.ts'

/** How long one actor may drain when it is stopped alone. */
const DRAIN_MS = 30_000

/** Where `system.spawn` puts its actors. */
export const USER_PATH = '/user'

export interface ControlBoot {
  readonly system: string
  readonly memory: SharedArrayBuffer
  readonly epochMs: number
  readonly limits: SystemLimits
  readonly spinMs: number
}

/** What reaches the host besides answers. */
export type ToHost =
  | { readonly type: 'event'; readonly name: SystemEventName; readonly event: unknown }
  | { readonly type: 'letter'; readonly letter: WireDeadLetter }
  /** The root has ended, and nothing of the system is left. */
  | { readonly type: 'closed'; readonly reason: ExitReason; readonly story: string | undefined }
  | Extract<ToIsolate, { type: 'terminated' | 'answer' }>

export interface ControlPorts {
  readonly clock: Clock
  readonly startIsolate: StartIsolate
  prepareModule(module: string): Promise<string>
  /** Runs a task on a later turn. */
  post(task: () => void): void
  toHost(message: ToHost): void
}

/** Refs are of no use to the control side, but they pass through it inside errors. */
class PassingRef {
  readonly address: Address
  constructor(address: Address) {
    this.address = address
  }
}

/**
 * The control side of a system: names, supervisors, the lives of actors, and what the dead leave behind. It runs on a
 * thread of its own, so that nothing here waits for the service's main thread (D6), and it is never on a message's way.
 */
export class Control {
  readonly #boot: ControlBoot
  readonly #ports: ControlPorts
  readonly #arena: Arena
  readonly #names: Names
  readonly #codec = new Codec({
    isRef: (value) => value instanceof PassingRef,
    toWire: (ref) => (ref as PassingRef).address,
    fromWire: (address) => new PassingRef(address),
  })
  readonly #residents: Residents
  readonly #supervisors = new Map<string, Supervisor>()
  #root: Supervisor | undefined
  #story: string | undefined
  #generated = 0
  #drainUntilMs: number | undefined
  #stopScan: () => void = () => {}

  constructor(boot: ControlBoot, ports: ControlPorts) {
    this.#boot = boot
    this.#ports = ports
    this.#arena = Arena.attach(boot.memory)
    this.#names = new Names(this.#arena)
    const estate = (estatePorts: EstatePorts): Estate => new Estate(this.#arena, this.#names, this.#codec, boot.limits, estatePorts)
    this.#residents = new Residents(this.#arena, this.#codec, estate, {
      publish: (letter) => this.#publish(letter),
      toHost: (notice) => ports.toHost(notice),
      onTerminated: (path, reason) => this.#emit('terminated', { path, reason }),
    })
    this.#scan()
  }

  /** A request of the host. */
  onHostCall(id: number, request: ControlRequest): void {
    void this.#answer(id, request, this.#residents.host, (answer) => this.#ports.toHost(answer))
  }

  // ---- requests ----

  async #answer(
    id: number,
    request: ControlRequest,
    from: Watcher,
    post: (answer: Extract<ToIsolate, { type: 'answer' }>) => void,
  ): Promise<void> {
    try {
      post({ type: 'answer', id, value: await this.#serve(request, from) })
    } catch (error) {
      post({ type: 'answer', id, error: encodeError(this.#codec, error) })
    }
  }

  async #serve(request: ControlRequest, from: Watcher): Promise<unknown> {
    switch (request.name) {
      case 'startSystem':
        return this.#startSystem(request)
      case 'stopSystem':
        return this.#stopSystem(request.drain, request.deadlineMs)
      case 'spawn':
        return this.#spawn(request.spec as ChildSpec, from)
      case 'lookup':
        return this.#residents.lives.get(request.path)?.address
      case 'watch':
        return this.#residents.watch(request.watch, request.target, from)
      case 'unwatch':
        return this.#residents.unwatch(request.watch, from)
      case 'kill':
        return this.#residents.at(request.target)?.kill()
      case 'stopActor':
        return this.#stopActor(request.target, request.drain)
      case 'tree':
        return this.#tree()
    }
  }

  async #startSystem(request: ControlRequest & { name: 'startSystem' }): Promise<readonly Address[]> {
    const children = request.children as readonly AnySpec[]
    const user = dynamicSupervisor({ name: USER_PATH.slice(1), per: 'child' })
    const faults = validateSpecs([...children, user])
    if (faults.length > 0) throw new InvalidSpecError(faults)
    const { strategy, intensity } = request as { strategy?: 'one-for-one'; intensity?: { restarts: number; withinMs: number } }
    const spec = supervisor({ name: 'root', children: [...children, user], ...(strategy && { strategy }), ...(intensity && { intensity }) })
    this.#root = new Supervisor(spec, '/', this.#portsFor('/'))
    this.#supervisors.set('/', this.#root)
    void this.#root.ended.then((reason) => this.#closed(reason))
    try {
      await this.#root.start()
    } catch (reason) {
      throw asError(reason, '/')
    }
    return [...this.#residents.lives.values()].map((life) => life.address)
  }

  async #stopSystem(drain: boolean, deadlineMs: number): Promise<void> {
    const root = this.#root
    if (root === undefined) return
    this.#drainUntilMs = drain ? this.#ports.clock.nowMs() + deadlineMs : undefined
    for (const life of this.#residents.lives.values()) life.drainUntilMs = this.#drainUntilMs
    const cancel = this.#ports.clock.after(deadlineMs, () => void root.stop({ kind: 'killed' }))
    // A thread that is stuck in native code does not end even when it is killed: the stop does not wait for it.
    const isStuck = new Promise((resolve) => this.#ports.clock.after(deadlineMs + KILL_GRACE_MS, () => resolve(undefined)))
    await Promise.race([root.stop(), isStuck])
    cancel()
  }

  async #spawn(spec: ChildSpec, from: Watcher): Promise<Address> {
    const parent = from === this.#residents.host ? this.#supervisors.get(USER_PATH) : this.#childrenOf(from)
    if (parent === undefined) throw new SystemStoppedError(this.#boot.system, `spawn ${spec.name ?? spec.place.exportName}`)
    const name = spec.name ?? this.#generatedName(parent.path, spec.place.exportName)
    const path = childPath(parent.path, name)
    const result = await parent.startChild({ ...spec, name })
    if (!result.ok) throw spawnError(result, path, this.#boot.system)
    const life = this.#residents.lives.get(path)
    if (life === undefined) throw new StartFailedError(path, 'isolate', new Error('it ended right after its start'))
    return life.address
  }

  /** A class can have a name that no actor can have, and somebody may have chosen what would be generated. */
  #generatedName(parent: string, className: string): string {
    const stem = className.replaceAll(/[^A-Za-z0-9_~-]/g, '~').slice(0, NAME_LENGTH_MAX / 2)
    for (;;) {
      const name = `${stem}-${++this.#generated}`
      if (!this.#residents.lives.has(childPath(parent, name))) return name
    }
  }

  /** An actor's own children: a dynamic supervisor that lives as long as its incarnation. */
  #childrenOf(parent: Watcher): Supervisor | undefined {
    const { path } = parent.address
    const known = this.#supervisors.get(path)
    if (known !== undefined) return known
    const life = this.#residents.lives.get(path)
    if (life === undefined || life.address.seat !== parent.address.seat || life.incarnation !== parent.incarnation) return undefined
    const children = new Supervisor(
      dynamicSupervisor({ name: path.slice(path.lastIndexOf('/') + 1), per: 'child' }),
      path,
      this.#portsFor(path),
    )
    this.#supervisors.set(path, children)
    void children.start()
    return children
  }

  async #stopActor(target: Address, drain: boolean): Promise<void> {
    const life = this.#residents.at(target)
    if (life === undefined) return
    life.drainUntilMs = drain ? this.#ports.clock.nowMs() + DRAIN_MS : undefined
    const { path } = life.address
    await this.#supervisors.get(path.slice(0, path.lastIndexOf('/')) || '/')?.terminateChild(life.spec.name)
  }

  #tree(): TreeNode {
    return treeOf(this.#boot.system, this.#arena, this.#names, this.#supervisors, this.#residents.lives, this.#residents.seats)
  }

  // ---- supervision ----

  #portsFor(path: string): SupervisorPorts {
    return {
      nowMs: () => this.#ports.clock.nowMs(),
      post: (task) => this.#ports.post(task),
      startChild: (spec, attempt, cancelled) => this.#startChild(childPath(path, spec.name), spec, attempt, cancelled),
      report: (report) => this.#onReport(report),
    }
  }

  async #startChild(path: string, spec: AnySpec, attempt: 'initial' | 'restart', cancelled: AbortSignal): Promise<ChildHandle> {
    if (spec.kind !== 'actor') return this.#startSupervisor(path, spec, attempt, cancelled)
    const life = this.#residents.lives.get(path) ?? this.#openLife(path, spec)
    const handle = await life.start(cancelled)
    this.#emit('started', { path, incarnation: life.incarnation })
    return handle
  }

  async #startSupervisor(
    path: string,
    spec: SupervisorSpec | DynamicSupervisorSpec,
    attempt: 'initial' | 'restart',
    cancelled: AbortSignal,
  ): Promise<ChildHandle> {
    const started = new Supervisor(spec, path, this.#portsFor(path))
    this.#supervisors.set(path, started)
    cancelled.addEventListener('abort', () => void started.stop(), { once: true })
    await started.start(attempt)
    return { ended: started.ended, stop: (reason) => this.#stopWithin(started, reason) }
  }

  /** A supervisor holds no timer: its own `shutdownMs` is kept here. */
  async #stopWithin(stopping: Supervisor, reason: ExitReason): Promise<ExitReason> {
    const { shutdownMs } = stopping.spec
    if (typeof shutdownMs !== 'number' || shutdownMs === Number.POSITIVE_INFINITY) return stopping.stop(reason)
    const cancel = this.#ports.clock.after(shutdownMs, () => void stopping.stop({ kind: 'killed' }))
    const ended = await stopping.stop(reason)
    cancel()
    return ended
  }

  #openLife(path: string, spec: ChildSpec): ActorLife {
    const life = this.#residents.open(path, spec, {
      clock: this.#ports.clock,
      startIsolate: this.#ports.startIsolate,
      prepareModule: (module) => this.#ports.prepareModule(module),
      bootRecord: (of, url) => this.#bootRecord(of, url),
      readReason: (reason) => fromWireReason(this.#codec, reason),
      onNotice: (of, notice) => this.#onNotice(of, notice),
      onIncarnationEnd: (of, reason) => this.#onIncarnationEnd(of, reason),
      onUnkillable: () =>
        this.#emit('warning', {
          text: `${path} does not end: its thread is stuck in native code. It is counted as leaked until it returns.`,
        }),
    })
    life.drainUntilMs = this.#drainUntilMs
    return life
  }

  #bootRecord(life: ActorLife, url: string): BootRecord {
    prepareSeat(this.#arena, life.address.seat, this.#residents.seats.used())
    return {
      ...this.#boot,
      self: life.address,
      incarnation: life.incarnation,
      url,
      source: life.spec.place.module,
      exportName: life.spec.place.exportName,
      args: encodedArgs(life.spec),
      onThrow: life.spec.onThrow,
    }
  }

  #onNotice(life: ActorLife, notice: FromIsolate): void {
    const from = { address: life.address, incarnation: life.incarnation }
    switch (notice.type) {
      case 'call':
        return void this.#answer(notice.id, notice.request, from, (answer) => life.post(answer))
      case 'deadLetter':
        return this.#publish(notice.letter)
      case 'deadLettersDropped':
        return this.#emit('deadLettersDropped', { count: notice.count })
      case 'corruptLane':
        return this.#onCorruptLane(life.address.path, this.#residents.pathOf(notice.sender))
    }
  }

  /** Whoever writes over shared memory cannot be trusted with it any more: its next incarnation starts afresh. */
  #onCorruptLane(receiver: string, sender: string): void {
    this.#emit('warning', { text: `${receiver} dropped the lane of ${sender}, which holds nonsense. ${sender} is ended.` })
    void this.#residents.lives.get(sender)?.kill()
  }

  async #onIncarnationEnd(life: ActorLife, reason: ExitReason): Promise<void> {
    this.#residents.afterIncarnation(life, reason)
    const { path } = life.address
    const children = this.#supervisors.get(path)
    if (children === undefined) return
    this.#supervisors.delete(path)
    this.#residents.endBelow(path, await children.stop())
    this.#forgetBelow(path)
  }

  #onReport(report: SupervisorReport): void {
    const { path } = report
    switch (report.kind) {
      case 'exited':
      case 'startFailed':
      case 'stopped': {
        const incarnation = this.#residents.lives.get(path)?.incarnation ?? 1
        this.#emit('exited', { path, incarnation, reason: report.reason, willRestart: report.fate === 'restarts' })
        break
      }
      case 'gaveUp':
        this.#onGaveUp(report)
        return
    }
    if ('fate' in report && report.fate === 'ended') this.#endTree(path, report.reason)
  }

  #onGaveUp({ path, supervisor, reason, restarts, withinMs, whole }: SupervisorReport & { kind: 'gaveUp' }): void {
    const who = whole ? supervisor : path
    if (who === '/') this.#story = `${path} ended once more (${describeExit(reason)})`
    this.#emit('gaveUp', { path: who, reason, restarts, withinMs })
  }

  #endTree(path: string, reason: ExitReason): void {
    this.#residents.endTree(path, reason)
    this.#forgetBelow(path)
    this.#supervisors.delete(path)
  }

  #forgetBelow(path: string): void {
    const below = path === '/' ? '/' : `${path}/`
    for (const inner of [...this.#supervisors.keys()]) if (inner !== path && inner.startsWith(below)) this.#supervisors.delete(inner)
  }

  #scan(): void {
    this.#stopScan = this.#ports.clock.after(SCAN_MS, () => {
      this.#residents.scan()
      this.#scan()
    })
  }

  #closed(reason: ExitReason): void {
    this.#endTree('/', reason)
    this.#stopScan()
    this.#ports.toHost({ type: 'closed', reason: toWireReason(this.#codec, reason), story: this.#story })
  }

  #publish(letter: WireDeadLetter): void {
    const from = typeof letter.from === 'number' ? this.#residents.pathOf(letter.from) : letter.from
    this.#ports.toHost({ type: 'letter', letter: { ...letter, from } })
  }

  #emit<N extends SystemEventName>(name: N, event: SystemEvents[N]): void {
    const wire = 'reason' in event && event.reason !== undefined ? { ...event, reason: toWireReason(this.#codec, event.reason) } : event
    this.#ports.toHost({ type: 'event', name, event: wire })
  }
}

function spawnError(result: Exclude<RequestResult, { ok: true }>, path: string, system: string): unknown {
  if (result.why === 'startFailed') return asError(result.reason, path)
  if (result.why === 'supervisorStopped') return new SystemStoppedError(system, `spawn ${path}`)
  if (result.why === 'maxChildren') return new InvalidSpecError([`${path}: its supervisor has as many children as it may (maxChildren).`])
  return new NameTakenError(path)
}

/** A supervisor rejects with an exit reason; callers get an error that says the same. */
function asError(reason: unknown, path: string): unknown {
  if (reason instanceof Error) return reason
  const exit = reason as ExitReason
  if (exit.kind !== 'startFailed') return new ActorStoppedError(path, exit)
  if (!(exit.error instanceof StartFailedError)) return new StartFailedError(path, exit.stage, exit.error)
  // Nothing was tried: this is no failure of the actor.
  return exit.error.cause instanceof ActorLimitError ? exit.error.cause : exit.error
}
