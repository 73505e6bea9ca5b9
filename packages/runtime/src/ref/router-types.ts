import type { PartitionKey } from './partition-key.ts'
import type { ActorRef, AskMessages, AskMethods, AskOptions, AskSyncMethods, TellMessages, TellMethods } from './ref-types.ts'
import type { NotSendable } from './sendable.ts'

/** `round-robin`: one after the other. `least-mailbox`: who has least waiting, as the sender sees it in shared memory. */
export const PICKS = ['round-robin', 'least-mailbox'] as const

export interface RouterOptions {
  /** Who gets the next message of `router.tell` and `router.ask`. Default `round-robin`. */
  readonly pick?: (typeof PICKS)[number]
}

// biome-ignore format: a table.
type Settled<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer P) => Promise<infer R> ? (...args: P) => Promise<PromiseSettledResult<R>[]>
    : M[K] extends NotSendable<string> ? M[K]
    : NotSendable<`${K & string}(): a stream cannot be asked of all at once, ask each of router.members`>
}

/** To all members at once. */
export interface Broadcast<A> {
  /** For each member whether it accepted. */
  readonly tell: TellMessages<A, readonly boolean[]>
  /** What each member answered, or why it did not, in the order of `members`. */
  readonly ask: Settled<AskMessages<A>> & ((options: AskOptions) => Settled<AskMessages<A>>)
}

/**
 * A ref to the children of a supervisor: each call goes to one of them, which this sender chooses. It follows restarts,
 * additions and removals by itself, and there is no actor in between. When there is no child, `tell` returns false (and a
 * DeadLetter says so) and `ask` rejects with ActorStoppedError. It belongs to the thread that made it: send the path.
 */
export interface Router<A> {
  /** Of the supervisor. `group:<name>` for a group. */
  readonly path: string
  readonly tell: TellMethods<A>
  readonly ask: AskMethods<A>
  readonly askSync: AskSyncMethods<A>
  /** The member that a key belongs to: the same for all senders, as long as the partitions are the same. */
  to(key: PartitionKey): ActorRef<A>
  readonly broadcast: Broadcast<A>
  /** Those who live now, in the order of their start. */
  readonly members: readonly ActorRef<A>[]
}

/**
 * Actors that have joined under a name, from anywhere in the system: all of them get what is broadcast, or one of them a
 * call. A member is an address: it stays one through restarts, and until it leaves or ends. Joining twice is joining once.
 * Each thread has its own view, which follows soon; what was true when a death notice comes is true here.
 */
export interface Group<A> extends Router<A> {
  readonly name: string
  /** Resolves when this thread's view has it. Rejects with ActorStoppedError when the actor has ended. */
  join(ref: ActorRef<A>): Promise<void>
  /** Nothing happens when it is no member. */
  leave(ref: ActorRef<A>): Promise<void>
}
