import { existsSync, readdirSync } from 'node:fs'
import { type ActorSystem, Queue } from '@troupe/runtime'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { OPEN, SEAT_STATE } from '../../packages/runtime/src/queue/layout.ts'
import { type Heap, lookIntoHeaps } from './heaps.ts'

const SETTLE_MS = 20_000
const SETTLED_LOOKS = 40
/** So often at most the heaps are looked at: each look leaves 0.1 MB outside of them, with V8's inspector, which is no growth of RSS. */
export const HEAP_LOOKS_MAX = 16

/** What may grow, with what one restart may add and is still noise: less than anything that could be forgotten. */
export const MEASURES = [
  ...heapsOf('host'),
  ...heapsOf('control'),
  { name: 'RSS after GC', unit: 'bytes', floor: 512 },
  { name: 'files', unit: '', floor: 1e-4 },
  { name: 'threads', unit: '', floor: 1e-4 },
  { name: 'arena', unit: 'bytes', floor: 0.1 },
  { name: 'blocks in use', unit: '', floor: 1e-4 },
  { name: 'open seats', unit: '', floor: 1e-4 },
  { name: 'listeners and handles', unit: '', floor: 1e-4 },
] as const

function heapsOf(thread: string) {
  return [
    { name: `${thread}: heap after GC`, unit: 'bytes', floor: 16 },
    { name: `${thread}: without code`, unit: 'bytes', floor: 16 },
    { name: `${thread}: objects`, unit: '', floor: 0.01 },
  ] as const
}

const NOT_SEEN: Heap = { bytes: Number.NaN, objectBytes: Number.NaN, objects: Number.NaN }

function valuesOf({ bytes, objectBytes, objects }: Heap): number[] {
  return [bytes, objectBytes, objects]
}

/** What there is of each of them now. Heaps, and what the process has in all when they hold no garbage, only `withHeaps`; NaN otherwise. */
export function measurer(system: ActorSystem): (withHeaps: boolean) => Promise<number[]> {
  // A queue of the system lies in its arena: so that can be looked at.
  const arena = Arena.attach(Queue.create({ system, capacity: 1, bytesMax: 64 }).handle.memory)
  return async (withHeaps) => {
    const threadsAtRest = await settled()
    const heaps = withHeaps ? await lookIntoHeaps(`${system.name}: control`) : [NOT_SEEN, NOT_SEEN]
    return [
      ...heaps.flatMap(valuesOf),
      withHeaps ? process.memoryUsage().rss : Number.NaN,
      countIn('/proc/self/fd'),
      threadsAtRest,
      arena.memory.byteLength,
      blocksInUse(arena),
      openSeats(arena),
      handles(),
    ]
  }
}

/** Spares are made again after each restart: waits until the number of threads has not changed for a while. */
async function settled(): Promise<number> {
  const untilMs = performance.now() + SETTLE_MS
  let [threads, same] = [countIn('/proc/self/task'), 0]
  while (same < SETTLED_LOOKS && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    const now = countIn('/proc/self/task')
    same = now === threads ? same + 1 : 0
    threads = now
  }
  return threads
}

function countIn(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0
}

function blocksInUse(arena: Arena): number {
  let count = 0
  for (let block = 0; block < arena.blocksNow(); block++) if (arena.ownerOf(block) >= 0) count++
  return count
}

function openSeats(arena: Arena): number {
  let count = 0
  for (let seat = 0; seat < arena.layout.seats; seat++) if ((arena.words[arena.seatWord(seat, SEAT_STATE)]! & 3) === OPEN) count++
  return count
}

function handles(): number {
  const listeners = process.eventNames().reduce((total, name) => total + process.listenerCount(name), 0)
  return listeners + process.getActiveResourcesInfo().length
}
