import type { Cancel, Clock } from '../base/clock.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { Codec } from '../codec/codec.ts'
import type { RefHooks } from '../codec/copier.ts'
import { Refusal } from '../codec/refusal.ts'
import type { Arena } from '../queue/arena.ts'
import { findHostedQueue } from '../queue/hosted-queues.ts'
import type { ShapeNames } from '../queue/names.ts'

/** What queues need of the thread they are used in. The edge gives it. */
export interface QueuePlatform {
  readonly clock: Clock
  /** Unique in the process, from 0 on, never used again. */
  readonly thread: number
  readonly spinMs: number
  nextTurn(task: () => void): void
  /** As `clock.after`, and keeps the thread alive until then: a wait on shared memory does not. */
  afterHolding(delayMs: number, task: () => void): Cancel
}

/** A system that this thread takes part in: its arena can hold queues, and its refs can be in items. */
export interface QueueHome {
  readonly arena: Arena
  readonly codec: Codec
  /** An isolate that is about to end must not begin to wait. */
  isDying(): boolean
  /** Runs a wait that blocks the thread (queue/parking.ts). */
  inWait<T>(wait: () => T): T
}

let platform: QueuePlatform | undefined
let makePlatform: (() => QueuePlatform) | undefined
const homes = new Set<QueueHome>()
const homesByOwner = new WeakMap<object, QueueHome>()

const WITHOUT_SYSTEM = 'actor refs in a queue work only in threads of the system that made it: its host and its actors.'

const noRefs: RefHooks = {
  isRef: () => false,
  toWire: () => {
    throw new Refusal(WITHOUT_SYSTEM)
  },
  fromWire: () => {
    throw new Refusal(WITHOUT_SYSTEM)
  },
}

/** `make` is called when this thread has to do with a queue for the first time. */
export function installQueuePlatform(make: () => QueuePlatform): void {
  makePlatform ??= make
}

export function queuePlatform(): QueuePlatform {
  platform ??= makePlatform?.()
  if (platform === undefined) throw new InvalidArgumentError('queues are not available in this thread')
  return platform
}

/** Lets queues live in that system's arena. `owner`: what users have of it, a system or a context. Returns what takes it back. */
export function addQueueHome(owner: object, home: QueueHome): () => void {
  homes.add(home)
  homesByOwner.set(owner, home)
  return () => {
    homes.delete(home)
    // A queue that is made in a system that has stopped would never be closed.
    homesByOwner.delete(owner)
  }
}

export function queueHomeOf(owner: object): QueueHome {
  const home = homesByOwner.get(owner)
  if (home === undefined) throw new InvalidArgumentError('system must be a running ActorSystem, or the context of an actor (this.context).')
  return home
}

export function queueHomes(): Iterable<QueueHome> {
  return homes
}

/** For a queue that lies in memory of its own. */
export function codecWithoutSystem(shapes: ShapeNames): Codec {
  return new Codec(noRefs, undefined, shapes)
}

/** The system in whose memory that queue lies, if this thread takes part in it. */
export function homeWith(name: readonly [number, number]): QueueHome | undefined {
  for (const home of homes) if (findHostedQueue(home.arena, name, 0) !== undefined) return home
  return undefined
}

/** Runs a wait that blocks this thread: nobody takes it for a hang of the actor that runs here. */
export function inWait<T>(wait: () => T): T {
  const [home] = homes
  return home === undefined ? wait() : home.inWait(wait)
}

export function isAnyDying(): boolean {
  for (const home of homes) if (home.isDying()) return true
  return false
}
