import { existsSync, readdirSync } from 'node:fs'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ActorRef, ActorSystem, child, Queue, supervisor } from '@troupe/runtime'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { OPEN, SEAT_STATE } from '../../packages/runtime/src/queue/layout.ts'
import { Ender } from '../actors/ender.ts'
import { Victim } from '../actors/victim.ts'
import { type Slope, slopeOf } from './slope.ts'

// Restarts actors again and again, in every way, with traffic; and looks whether anything of the process grows with it.

const GROUPS = 4
/** The beginning is warming up: caches fill, and V8 compiles. */
const WARM_UP = 0.3
const SETTLE_MS = 20_000
const SETTLED_LOOKS = 40

/** What may grow, with what one restart may add and is still noise: less than anything that could be forgotten. */
const MEASURES = [
  { name: 'heap after GC', unit: 'bytes', floor: 16 },
  { name: 'objects after GC', unit: 'bytes', floor: 16 },
  { name: 'RSS after GC', unit: 'bytes', floor: 512 },
  { name: 'files', unit: '', floor: 1e-4 },
  { name: 'threads', unit: '', floor: 1e-4 },
  { name: 'arena', unit: 'bytes', floor: 0.1 },
  { name: 'blocks in use', unit: '', floor: 1e-4 },
  { name: 'open seats', unit: '', floor: 1e-4 },
  { name: 'listeners and handles', unit: '', floor: 1e-4 },
] as const

export interface Growth {
  readonly name: string
  readonly unit: string
  readonly first: number
  readonly last: number
  /** Per restart. */
  readonly slope: Slope
  readonly isGrowing: boolean
}

export interface SoakOptions {
  readonly restarts: number
  readonly samples: number
  onProgress?(done: number, values: readonly number[]): void
}

export async function soak({ restarts, samples, onProgress }: SoakOptions): Promise<readonly Growth[]> {
  // What is kept up to a limit must be full before anything is compared: a thousand dead letters would take a while.
  const limits = { deadLettersMax: 20 }
  const system = await ActorSystem.start({ name: 'soak', children: groups(), intensity: { restarts: 10, withinMs: 1_000 }, limits })
  try {
    const seen = await run(system, restarts, samples, onProgress)
    return growths(seen)
  } finally {
    await system.stop()
  }
}

function groups() {
  const intensity = { restarts: 1_000_000, withinMs: 1_000 }
  return Array.from({ length: GROUPS }, (_, i) =>
    supervisor({ name: `group-${i}`, intensity, children: [child(Ender, { name: 'ender' }), child(Victim, { name: 'neighbour' })] }),
  )
}

interface Samples {
  readonly at: number[]
  readonly values: number[][]
}

async function run(system: ActorSystem, restarts: number, samples: number, onProgress: SoakOptions['onProgress']): Promise<Samples> {
  const measure = measurer(system)
  const seen: Samples = { at: [], values: [] }
  const enders = await Promise.all(Array.from({ length: GROUPS }, async (_, i) => (await system.lookup<Ender>(`/group-${i}/ender`))!))
  const neighbours = await Promise.all(
    Array.from({ length: GROUPS }, async (_, i) => (await system.lookup<Victim>(`/group-${i}/neighbour`))!),
  )
  let done = 0
  for (let sample = 1; sample <= samples; sample++) {
    const until = Math.round((restarts * sample) / samples)
    const lifetimes = enders.map(async (ender, group) => {
      while (done < until) await oneLife(system, ender, neighbours[group]!, done++)
    })
    await Promise.all(lifetimes)
    seen.at.push(done)
    seen.values.push(await measure())
    onProgress?.(done, seen.values.at(-1)!)
  }
  return seen
}

/** Ends one incarnation with messages around it, and waits for the next one. */
async function oneLife(system: ActorSystem, ender: ActorRef<Ender>, neighbour: ActorRef<Victim>, round: number): Promise<void> {
  const incarnation = await ender.ask({ timeoutMs: 60_000 }).incarnation()
  neighbour.tell.note(round)
  await endIt(system, ender, round)
  while ((await ender.ask({ timeoutMs: 60_000 }).incarnation()) === incarnation);
  await neighbour.ask({ timeoutMs: 60_000 }).echo({ round, text: 'x'.repeat(round % 5_000) })
  if (round % 10 === 0) await oneAddress(system)
}

async function endIt(system: ActorSystem, ender: ActorRef<Ender>, round: number): Promise<void> {
  switch (round % 4) {
    case 0:
      return system.kill(ender)
    case 1:
      return void ender.tell.throwError()
    case 2:
      return void ender.tell.exit(1)
    default:
      return void (await ender.ask.exit(0).catch(() => undefined))
  }
}

/** An address that comes and goes, watched, with a message that it never handles. */
async function oneAddress(system: ActorSystem): Promise<void> {
  const ref = await system.spawn(Victim)
  const ended = system.terminated(ref)
  void ref.ask.echo(1).catch(() => undefined)
  await system.stopActor(ref)
  ref.tell.note('too late')
  await ended
}

function measurer(system: ActorSystem): () => Promise<number[]> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  // A queue of the system lies in its arena: so that can be looked at.
  const arena = Arena.attach(Queue.create({ system, capacity: 1, bytesMax: 64 }).handle.memory)
  return async () => {
    const threadsAtRest = await settled()
    for (let i = 0; i < 3; i++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return [
      process.memoryUsage().heapUsed,
      objectBytes(),
      process.memoryUsage().rss,
      countIn('/proc/self/fd'),
      threadsAtRest,
      arena.memory.byteLength,
      blocksInUse(arena),
      openSeats(arena),
      handles(),
    ]
  }
}

/** The heap without compiled code (main.ts), so that the two can be told apart when the heap grows. */
function objectBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !/code|trusted/.test(space_name))
  return spaces.reduce((total, { space_used_size }) => total + space_used_size, 0)
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

function growths({ at, values }: Samples): readonly Growth[] {
  const from = Math.floor(at.length * WARM_UP)
  return MEASURES.map(({ name, unit, floor }, column) => {
    const ys = values.slice(from).map((row) => row[column]!)
    const slope = slopeOf(at.slice(from), ys)
    return { name, unit, first: ys[0]!, last: ys.at(-1)!, slope, isGrowing: slope.perX - slope.halfWidth > floor }
  })
}
