import { shown } from '../base/shown.ts'
import type { PartitionBy } from '../ref/partition-key.ts'
import type { ActorClass, SpawnArgs } from '../ref/ref-types.ts'
import { type ChildOptions, type ChildSpec, child, type Intensity, type Strategy, type SupervisorSpec, supervisor } from './child-spec.ts'

declare const actorType: unique symbol

/** A supervisor of so many equal children, named 0, 1, 2 …; `A` is what each of them is. */
export interface PartitionSupervisorSpec<A = unknown> extends SupervisorSpec {
  readonly partitionBy: PartitionBy
  readonly [actorType]?: A
}

/** What `partitionSupervisor(Class, options)` takes besides `args`. All but the first five are those of each child. */
export interface PartitionSupervisorOptions extends Omit<ChildOptions, 'significant'> {
  /** Of the supervisor. The children are named 0, 1, 2 …, and each finds its number at the end of `this.context.path`. */
  readonly name: string
  /** How many, at least 1; `resize` of a SupervisorRef changes it. */
  readonly partitions: number
  /**
   * How a key finds its partition: `rendezvous` moves only 1/n of the keys when a partition is added, `modulo` moves most, and
   * gives whole numbers their remainder. Default `rendezvous`.
   */
  readonly by?: PartitionBy
  /** Default `one-for-one`. */
  readonly strategy?: Strategy
  /** Of all partitions together. Default 3 restarts within 5 000 ms. */
  readonly intensity?: Intensity
}

/**
 * The spec of a pool, or of a state that is split by keys: `partitions` children of one class. A router (`system.router(spec)`)
 * sends to any of them, to all, or to that of a key. As `child`, it throws nothing.
 */
export function partitionSupervisor<A, P extends readonly unknown[]>(
  actor: ActorClass<A, P>,
  ...[given]: SpawnArgs<P, PartitionSupervisorOptions>
): PartitionSupervisorSpec<A> {
  const { name, partitions, by = 'rendezvous', strategy, intensity, ...own } = (given ?? {}) as PartitionSupervisorOptions
  const first: ChildSpec = child(actor as never, { ...own, name: '0' } as never)
  const faults = [...(first.faults ?? []), ...countFaults(partitions)]
  // What is wrong with all of them is told once.
  const children = faults.length > 0 ? [] : Array.from({ length: partitions }, (_, i) => ({ ...first, name: String(i) }))
  const options = { name, children, ...(strategy && { strategy }), ...(intensity && { intensity }) }
  return { ...supervisor(options), partitionBy: by, ...(faults.length > 0 && { faults }) }
}

function countFaults(partitions: unknown): string[] {
  if (Number.isSafeInteger(partitions) && (partitions as number) >= 1) return []
  return [`partitions is ${shown(partitions)}, and must be a whole number above 0.`]
}

/** The same supervisor with another number of partitions: those that stay are the same. */
export function withPartitions(spec: SupervisorSpec, partitions: number): SupervisorSpec {
  const [first] = spec.children
  return { ...spec, children: Array.from({ length: partitions }, (_, i) => spec.children[i] ?? { ...first!, name: String(i) }) }
}
