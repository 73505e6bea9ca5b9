import { Scatter, WorkQueue } from '@troupe/actors'
import { type ChildSpec, child, type Intensity, type SupervisorSpec, supervisor } from '@troupe/runtime'
import { Coordinator } from './coordinator.ts'
import { Reader } from './reader.ts'
import type { FoundFile } from './scan.ts'
import { Shard } from './shard.ts'

const SHARDS = 4
const READERS = 2
/** The queue is filled up every 50 ms; two readers take about 50 files in that time. */
const QUEUE_CAPACITY = 1_000

/** Enough for an accident. A fault that comes back this often is not healed by another restart. */
const INTENSITY: Intensity = { restarts: 10, withinMs: 10_000 }
/** `--chaos` kills four times a second, and means it. */
export const CHAOS_INTENSITY: Intensity = { restarts: 1_000, withinMs: 10_000 }

/** The supervised tree as data, and its parts by name. */
export interface IndexTree {
  readonly supervisor: SupervisorSpec
  readonly scatter: ChildSpec<Scatter>
  readonly queue: ChildSpec<WorkQueue<FoundFile>>
  readonly shards: readonly ChildSpec<Shard>[]
  readonly readers: readonly ChildSpec<Reader>[]
  readonly coordinator: ChildSpec<Coordinator>
}

/**
 * One-for-one: nobody depends on another's state, each finds out what it needs. The order is that of the start, and a stop
 * goes backwards: first the coordinator, which makes work, then the readers, then those they feed.
 */
export function indexTree(root: string, intensity: Intensity = INTENSITY): IndexTree {
  const scatter = child(Scatter, { name: 'scatter' })
  const queue = child(WorkQueue<FoundFile>, { name: 'queue', args: [{ capacity: QUEUE_CAPACITY }] })
  const shards = numbered(SHARDS, (number) =>
    child(Shard, { name: `shard-${number + 1}`, args: [{ number, root, coordinator: '/index/coordinator' }] }),
  )
  const readers = numbered(READERS, (number) => child(Reader, { name: `reader-${number + 1}` }))
  const paths = { queue: pathOf(queue), shards: shards.map(pathOf), readers: readers.map(pathOf) }
  const coordinator = child(Coordinator, { name: 'coordinator', args: [{ root, ...paths }] })
  const children = [scatter, queue, ...shards, ...readers, coordinator]
  return {
    supervisor: supervisor({ name: 'index', strategy: 'one-for-one', intensity, children }),
    scatter,
    queue,
    shards,
    readers,
    coordinator,
  }
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

function pathOf({ name }: { readonly name: string }): string {
  return `/index/${name}`
}
