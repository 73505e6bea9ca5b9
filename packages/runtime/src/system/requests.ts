import { type Address, childPath, parentPath, USER_PATH } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { ActorStoppedError, StartFailedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { KILL_GRACE_MS, NAME_LENGTH_MAX } from '../base/limits.ts'
import type { Codec } from '../codec/codec.ts'
import type { ControlAnswer } from '../isolate/isolate.ts'
import type { ControlRequest, TreeNode } from '../isolate/requests.ts'
import { encodeError } from '../isolate/wire-reason.ts'
import type { Arena } from '../queue/arena.ts'
import type { Names } from '../queue/names.ts'
import { lastWordsOf } from '../ref/last-words.ts'
import type { ActorPlace } from '../supervisor/actor-place.ts'
import type { AnySpec, ChildSpec } from '../supervisor/child-spec.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Administration } from './administration.ts'
import type { Groups } from './groups.ts'
import type { Inspector } from './inspection.ts'
import type { MemberNews } from './member-news.ts'
import type { Office } from './office.ts'
import type { Residents } from './residents.ts'
import { rootSpec, throwIfFaulty } from './root-spec.ts'
import { asError, noParent, spawnError } from './start-errors.ts'
import type { Supervision } from './supervision.ts'
import { treeOf } from './tree.ts'
import type { Watcher } from './watch-list.ts'

/** How long one actor may drain when it is stopped alone. */
const DRAIN_MS = 30_000

/** Who can answer. */
export interface RequestPorts {
  readonly clock: Clock
  readonly codec: Codec
  readonly arena: Arena
  readonly names: Names
  readonly residents: Residents
  readonly supervision: Supervision
  readonly administration: Administration
  readonly memberNews: MemberNews
  readonly groups: Groups
  readonly inspector: Inspector
  readonly office: Office
  prepareModule(module: string): Promise<string>
  /** Something happens in the system. */
  rouse(): void
  /** The root has ended. */
  readonly closed: (reason: ExitReason) => void
}

/** What the host and the isolates ask of the control side (isolate/requests.ts): each request gets one answer. */
export class Requests {
  readonly #system: string
  readonly #ports: RequestPorts
  #root: Supervisor | undefined
  #generated = 0

  constructor(system: string, ports: RequestPorts) {
    this.#system = system
    this.#ports = ports
  }

  async answer(id: number, request: ControlRequest, from: Watcher, post: (answer: ControlAnswer) => void): Promise<void> {
    try {
      post({ type: 'answer', id, value: await this.#serve(request, from) })
    } catch (error) {
      post({ type: 'answer', id, error: encodeError(this.#ports.codec, error) })
    }
  }

  async #serve(request: ControlRequest, from: Watcher): Promise<unknown> {
    this.#ports.rouse()
    const { residents } = this.#ports
    const { relations } = residents
    switch (request.name) {
      case 'startSystem':
        return this.#startSystem(request)
      case 'stopSystem':
        return this.#stopSystem(request.drain, request.deadlineMs)
      case 'spawn':
        return this.#spawn(request.spec as ChildSpec, from)
      case 'load':
        return this.#ports.prepareModule(request.module)
      case 'lookup':
        return residents.lives.get(request.path)?.address
      case 'watch':
        return relations.watch(request.watch, request.target, request.incarnation, request.incarnations, from)
      case 'unwatch':
        return relations.unwatch(request.watch, from)
      case 'link':
        return relations.link(from, request.target, request.incarnation)
      case 'unlink':
        return relations.unlink(from, request.target)
      case 'trapExits':
        return relations.trapExits(from, request.on)
      case 'upgrade':
        return this.#upgrade(request.target, request.place as ActorPlace | undefined, request.args)
      case 'kill':
        return residents.at(request.target)?.kill()
      case 'stopActor':
        return this.#stopActor(request.target, request.drain)
      case 'supervise':
        return this.#ports.administration.serve(request.path, request.action)
      case 'join':
        return this.#join(request.group, request.target)
      case 'leave':
        return this.#ports.groups.leave(request.group, request.target)
      case 'members':
        return this.#ports.memberNews.subscribe(request.path, from)
      case 'inspect':
        return this.#ports.inspector.inspect(residents.lives, request.path)
      case 'inTransit':
        return this.#ports.office.inTransit()
      case 'tree':
        return this.#tree()
    }
  }

  #join(group: string, target: Address): void {
    const { arena, groups, residents } = this.#ports
    if (residents.at(target) === undefined) throw new ActorStoppedError(`join "${group}" with ${target.path}`, lastWordsOf(arena, target))
    groups.join(group, target)
  }

  async #startSystem(request: ControlRequest & { name: 'startSystem' }): Promise<readonly Address[]> {
    const children = request.children as readonly AnySpec[]
    const { strategy, intensity } = request as { strategy?: 'one-for-one'; intensity?: { restarts: number; withinMs: number } }
    const spec = rootSpec({ children, strategy, intensity })
    throwIfFaulty(spec)
    const { supervision, residents, closed } = this.#ports
    this.#root = supervision.open('/', spec)
    void this.#root.ended.then(closed)
    try {
      await this.#root.start()
    } catch (reason) {
      throw asError(reason, '/')
    }
    return [...residents.lives.values()].map((life) => life.address)
  }

  async #stopSystem(drain: boolean, deadlineMs: number): Promise<void> {
    const root = this.#root
    if (root === undefined) return
    const { clock, residents, supervision } = this.#ports
    supervision.isStopping = true
    supervision.drainUntilMs = drain ? clock.nowMs() + deadlineMs : undefined
    for (const life of residents.lives.values()) life.drainUntilMs = supervision.drainUntilMs
    const cancel = clock.after(deadlineMs, () => void root.stop({ kind: 'killed' }))
    // A thread that is stuck in native code does not end even when it is killed: the stop does not wait for it.
    const isStuck = new Promise((resolve) => clock.after(deadlineMs + KILL_GRACE_MS, () => resolve(undefined)))
    await Promise.race([root.stop(), isStuck])
    cancel()
  }

  async #spawn(spec: ChildSpec, from: Watcher): Promise<Address> {
    const { residents, supervision } = this.#ports
    const isHost = from === residents.relations.host
    const parent = isHost ? supervision.supervisors.get(USER_PATH) : supervision.childrenOf(from)
    if (parent === undefined) throw noParent(this.#system, spec, isHost && supervision.isUp)
    const name = spec.name ?? this.#generatedName(parent.path, spec.place.exportName)
    const path = childPath(parent.path, name)
    const result = await parent.startChild({ ...spec, name })
    if (!result.ok) throw spawnError(result, path, this.#system)
    const life = residents.lives.get(path)
    if (life === undefined) throw new StartFailedError(path, 'isolate', new Error('it ended right after its start'))
    return life.address
  }

  /** A class can have a name that no actor can have, and somebody may have chosen what would be generated. */
  #generatedName(parent: string, className: string): string {
    const stem = className.replaceAll(/[^A-Za-z0-9_~-]/g, '~').slice(0, NAME_LENGTH_MAX / 2)
    for (;;) {
      const name = `${stem}-${++this.#generated}`
      if (!this.#ports.residents.lives.has(childPath(parent, name))) return name
    }
  }

  async #stopActor(target: Address, drain: boolean): Promise<void> {
    const { clock, residents, supervision } = this.#ports
    const life = residents.at(target)
    if (life === undefined) return
    life.drainUntilMs = drain ? clock.nowMs() + DRAIN_MS : undefined
    const { path } = life.address
    await supervision.supervisors.get(parentPath(path))?.terminateChild(life.spec.name)
  }

  async #upgrade(target: Address, place: ActorPlace | undefined, args: readonly unknown[] | undefined): Promise<void> {
    const life = this.#ports.residents.at(target)
    if (life === undefined) throw new ActorStoppedError(`upgrade ${target.path}`, lastWordsOf(this.#ports.arena, target))
    await life.upgrade(place, args)
  }

  #tree(): TreeNode {
    const { clock, arena, names, residents, supervision } = this.#ports
    return treeOf(this.#system, arena, names, supervision.supervisors, residents.lives, clock.nowMs())
  }
}
