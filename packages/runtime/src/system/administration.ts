import type { Address } from '../base/address.ts'
import { childPath, parentPath } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { InvalidArgumentError, InvalidSpecError, StartFailedError, SupervisorError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import type { Codec } from '../codec/codec.ts'
import type { Members, SupervisorAction } from '../isolate/requests.ts'
import { toWireReason } from '../isolate/wire-reason.ts'
import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from '../supervisor/child-spec.ts'
import type { RequestResult } from '../supervisor/decision-shapes.ts'
import { withPartitions } from '../supervisor/partition-spec.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { WireChild } from '../supervisor/supervisor-ref.ts'
import { rootFaults } from './root-spec.ts'
import type { Supervision } from './supervision.ts'
import { msUntil } from './tree.ts'

/** How long a partition that is given up may finish what is queued. */
const DRAIN_MS = 30_000

export interface AdministrationPorts {
  readonly clock: Clock
  readonly codec: Codec
  /** The children of the supervisor at that path are others now, or at other addresses. */
  membersChanged(path: string): void
  /** What a start that failed is, as an error. */
  asError(reason: unknown, path: string): unknown
}

/** Supervisors while they run: finds them by path, and turns what they answer into values and named errors. */
export class Administration {
  readonly #supervision: Supervision
  readonly #ports: AdministrationPorts
  /** By path: two resizes of one supervisor are done one after the other. */
  readonly #resizes = new Map<string, Promise<void>>()

  constructor(supervision: Supervision, ports: AdministrationPorts) {
    this.#supervision = supervision
    this.#ports = ports
  }

  async serve(path: string, action: SupervisorAction): Promise<unknown> {
    const supervisor = this.#at(path)
    switch (action.is) {
      case 'startChild': {
        const spec = action.spec as AnySpec
        this.#check(supervisor, await supervisor.startChild(spec), spec.name)
        return this.#startedAt(path, spec)
      }
      case 'restartChild':
        this.#check(supervisor, await supervisor.restartChild(action.name), action.name)
        return this.#startedAt(path, supervisor.childSpec(action.name))
      case 'terminateChild':
        return this.#check(supervisor, await supervisor.terminateChild(action.name), action.name)
      case 'deleteChild':
        return this.#check(supervisor, await supervisor.deleteChild(action.name), action.name)
      case 'whichChildren':
        return this.#which(supervisor)
      case 'countChildren':
        return supervisor.countChildren()
      case 'getChildSpec':
        return supervisor.childSpec(action.name) ?? this.#check(supervisor, { ok: false, why: 'notFound' }, action.name)
      case 'changeSpec':
        return this.#changeSpec(supervisor, action.spec as SupervisorSpec)
      case 'resize':
        return this.#inTurn(path, () => this.#resize(supervisor, action.partitions))
    }
  }

  /** Of an ordinary supervisor its actors, of a partitioned one its partitions, also those that do not live now. */
  members(path: string): Members {
    const { spec } = this.#at(path)
    const partitionBy = spec.kind === 'supervisor' ? spec.partitionBy : undefined
    const names = this.#at(path)
      .whichChildren()
      .map(({ name }) => name)
      .reverse()
    const listed = partitionBy === undefined || spec.kind !== 'supervisor' ? names : spec.children.map(({ name }) => name)
    return { path, partitionBy, members: listed.map((name) => ({ name, address: this.#addressOf(childPath(path, name)) })) }
  }

  #at(path: string): Supervisor {
    const found = this.#supervision.supervisors.get(path)
    if (found === undefined) throw new SupervisorError('noSupervisor', path)
    return found
  }

  #check(supervisor: Supervisor, result: RequestResult, name: string): undefined {
    if (result.ok) return undefined
    const { path } = supervisor
    if (result.why === 'startFailed') throw this.#ports.asError(result.reason, childPath(path, name))
    if (result.why === 'otherKind') {
      const other = result.name === supervisor.spec.name ? path : childPath(path, result.name)
      throw new InvalidSpecError([`${other}: is of another kind than it was. Delete it first, and start the new one under its name.`])
    }
    throw new SupervisorError(result.why, path, name)
  }

  #startedAt(path: string, spec: AnySpec | undefined): Address | undefined {
    if (spec?.kind !== 'actor') return undefined
    const address = this.#addressOf(childPath(path, spec.name))
    if (address === undefined)
      throw new StartFailedError(childPath(path, spec.name), 'isolate', new Error('it ended right after its start'))
    return address
  }

  #addressOf(path: string): Address | undefined {
    const life = this.#supervision.residents.lives.get(path)
    return life?.hasStarted === true ? life.address : undefined
  }

  #which(supervisor: Supervisor): readonly WireChild[] {
    const nowMs = this.#ports.clock.nowMs()
    return supervisor.whichChildren().map(({ waitUntilMs, ...status }) => {
      const path = childPath(supervisor.path, status.name)
      const lastExit = status.lastExit === undefined ? undefined : toWireReason(this.#ports.codec, status.lastExit)
      return { ...status, lastExit, restartInMs: msUntil(waitUntilMs, nowMs), path, address: this.#addressOf(path) }
    })
  }

  async #changeSpec(supervisor: Supervisor, spec: SupervisorSpec | DynamicSupervisorSpec): Promise<void> {
    const faults = this.#faultsOf(supervisor, spec)
    if (faults.length > 0) throw new InvalidSpecError(faults)
    this.#check(supervisor, await supervisor.changeSpec(spec), spec.name)
    this.#supervision.adopt(supervisor)
    this.#ports.membersChanged(supervisor.path)
  }

  #faultsOf(supervisor: Supervisor, spec: SupervisorSpec | DynamicSupervisorSpec): string[] {
    const { path } = supervisor
    if (path === '/') return rootFaults(spec)
    const faults = this.#at(parentPath(path)).faultsOf(spec)
    return spec.name === supervisor.spec.name ? faults : [`${path}: name is '${spec.name}'. A supervisor keeps its name.`, ...faults]
  }

  async #resize(supervisor: Supervisor, partitions: number): Promise<void> {
    const { path, spec } = supervisor
    if (spec.kind !== 'supervisor' || spec.partitionBy === undefined) throw new SupervisorError('notPartitioned', path)
    if (!Number.isSafeInteger(partitions) || partitions < 1)
      throw new InvalidArgumentError(`${path}: partitions is ${shown(partitions)}, and must be a whole number above 0.`)
    await this.#changeSpec(supervisor, withPartitions(spec, partitions))
    for (const { name } of spec.children.slice(partitions).reverse()) await this.#giveUp(supervisor, name)
    const idle = supervisor.whichChildren().filter(({ phase }) => phase === 'stopped')
    for (const { name } of idle.reverse()) this.#check(supervisor, await supervisor.restartChild(name), name)
  }

  /** Nobody is routed to it any more; what it has accepted it may finish. */
  async #giveUp(supervisor: Supervisor, name: string): Promise<void> {
    const life = this.#supervision.residents.lives.get(childPath(supervisor.path, name))
    if (life !== undefined) life.drainUntilMs = this.#ports.clock.nowMs() + DRAIN_MS
    this.#check(supervisor, await supervisor.terminateChild(name), name)
    if (supervisor.childSpec(name) !== undefined) this.#check(supervisor, await supervisor.deleteChild(name), name)
  }

  async #inTurn(path: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#resizes.get(path) ?? Promise.resolve()).then(work)
    const turn = mine.catch(() => undefined)
    this.#resizes.set(path, turn)
    void turn.then(() => this.#resizes.get(path) === turn && this.#resizes.delete(path))
    await mine
  }
}
