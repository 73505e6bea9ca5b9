import { type Address, childPath, parentPath } from '../base/address.ts'
import { InvalidArgumentError, InvalidSpecError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { shown } from '../base/shown.ts'
import type { Codec } from '../codec/codec.ts'
import type { ControlClient } from '../isolate/control-client.ts'
import type { SupervisorAction } from '../isolate/requests.ts'
import { fromWireReason } from '../isolate/wire-reason.ts'
import type { ActorRef } from '../ref/ref-types.ts'
import type { AnySpec, ChildSpec, DynamicSupervisorSpec, SupervisorSpec } from './child-spec.ts'
import type { ChildCounts, ChildStatus } from './decision-shapes.ts'
import { strangersIn } from './spec-faults.ts'
import { decodeSpec, encodeSpec } from './wire-spec.ts'

/** One child, as its supervisor sees it. */
export interface ChildInfo {
  readonly name: string
  readonly path: string
  readonly kind: AnySpec['kind']
  readonly state: ChildStatus['phase']
  /** How often its supervisor has started it again. */
  readonly restarts: number
  readonly lastExit: ExitReason | undefined
  /** Milliseconds until its restart, if it waits for that (`backoff`). */
  readonly restartInMs: number | undefined
  /** Of an actor whose address lives. */
  readonly ref: ActorRef<unknown> | undefined
}

/** What `startChild` gives for an actor, and for a supervisor. */
export type Started<S extends AnySpec> = S extends ChildSpec<infer A> ? ActorRef<A> : SupervisorRef

export interface SupervisorRefPorts {
  readonly codec: Codec
  readonly control: ControlClient
  refTo(address: Address): ActorRef<never>
}

/** A ChildStatus on its way: the error in its reason is encoded. */
export type WireChild = Omit<ChildStatus, 'waitUntilMs'> & {
  readonly restartInMs: number | undefined
  readonly path: string
  readonly address: Address | undefined
}

/**
 * A supervisor while it runs, from the host (`system.supervisor`) or an actor (`this.context.supervisor`): OTP's calls under
 * OTP's names. What cannot be done rejects with SupervisorError, whose `why` is OTP's word for it. It is a path and nothing
 * else: it can be made before the supervisor is there, and survives its restarts.
 */
export class SupervisorRef {
  readonly path: string
  readonly #ports: SupervisorRefPorts

  constructor(path: string, ports: SupervisorRefPorts) {
    this.path = path
    this.#ports = ports
  }

  /**
   * Adds a child and starts it, as the last. Rejects with InvalidSpecError, StartFailedError (then nothing of it is kept), or
   * SupervisorError: `alreadyStarted`, `alreadyPresent` (it is there and does not run), `maxChildren`.
   */
  async startChild<S extends AnySpec>(spec: S): Promise<Started<S>> {
    const { codec, refTo } = this.#ports
    const address = (await this.#do({ is: 'startChild', spec: encoded(codec, spec, this.path) })) as Address | undefined
    const started = address === undefined ? new SupervisorRef(childPath(this.path, spec.name), this.#ports) : refTo(address)
    return started as Started<S>
  }

  /**
   * Stops a child for good; resolves when it has ended, also if it had before. Its spec stays, for `restartChild`, unless it is
   * temporary or the supervisor is dynamic. SupervisorError: `notFound`.
   */
  async terminateChild(name: string): Promise<void> {
    await this.#do({ is: 'terminateChild', name: nameIn(this.path, name) })
  }

  /** Starts a child that does not run; it gets a new address. SupervisorError: `running`, `restarting`, `notFound`, `dynamic`. */
  async restartChild(name: string): Promise<ActorRef<unknown> | undefined> {
    const address = (await this.#do({ is: 'restartChild', name: nameIn(this.path, name) })) as Address | undefined
    return address === undefined ? undefined : this.#ports.refTo(address)
  }

  /** Forgets a child that does not run. SupervisorError: `running`, `restarting`, `notFound`, `dynamic`. */
  async deleteChild(name: string): Promise<void> {
    await this.#do({ is: 'deleteChild', name: nameIn(this.path, name) })
  }

  /** Newest first. */
  async whichChildren(): Promise<readonly ChildInfo[]> {
    const children = (await this.#do({ is: 'whichChildren' })) as readonly WireChild[]
    return children.map(({ address, phase, lastExit, ...child }) => ({
      ...child,
      state: phase,
      lastExit: lastExit === undefined ? undefined : fromWireReason(this.#ports.codec, lastExit),
      ref: address === undefined ? undefined : this.#ports.refTo(address),
    }))
  }

  /** `specs` of a dynamic supervisor are its children: there is no template. */
  async countChildren(): Promise<ChildCounts> {
    return (await this.#do({ is: 'countChildren' })) as ChildCounts
  }

  /** A child's spec as it is now; of a temporary one that was added at run time, without its `args`. SupervisorError: `notFound`. */
  async getChildSpec(name: string): Promise<AnySpec> {
    return decodeSpec(this.#ports.codec, (await this.#do({ is: 'getChildSpec', name: nameIn(this.path, name) })) as AnySpec)
  }

  /**
   * OTP's `code_change`: strategy, intensity and automatic shutdown hold at once; a child in both specs has its new one from its
   * next start or stop on; a new one is there and not started (`restartChild` starts it); one that is missing lives on until it
   * is deleted, or the supervisor ends; a supervisor among them has its new one from its next start on, or by its own changeSpec.
   * Rejects with InvalidSpecError, and then nothing has changed.
   */
  async changeSpec(spec: SupervisorSpec | DynamicSupervisorSpec): Promise<void> {
    await this.#do({ is: 'changeSpec', spec: encoded(this.#ports.codec, spec, parentPath(this.path)) })
  }

  /**
   * Gives a partition supervisor another number of partitions: starts the new ones, or lets the last ones finish what is queued
   * and stops them. Keys move with it, state does not. SupervisorError: `notPartitioned`.
   */
  async resize(partitions: number): Promise<void> {
    await this.#do({ is: 'resize', partitions })
  }

  #do(action: SupervisorAction): Promise<unknown> {
    return this.#ports.control.call('supervise', { path: this.path, action })
  }
}

/** What else is wrong with a spec is found where it is started, and told together. */
function encoded(codec: Codec, spec: AnySpec, parent: string): AnySpec {
  const strangers = strangersIn(spec, parent)
  if (strangers.length > 0) throw new InvalidSpecError(strangers)
  return encodeSpec(codec, spec, parent)
}

function nameIn(path: string, name: unknown): string {
  if (typeof name === 'string') return name
  throw new InvalidArgumentError(`${path}: a child is called by its name, as in its spec, and this is ${shown(name)}.`)
}
