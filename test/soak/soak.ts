import { type ActorRef, ActorSystem, child, supervisor } from '@troupe/runtime'
import { Ender } from '../actors/ender.ts'
import { Victim } from '../actors/victim.ts'
import { HEAP_LOOKS_MAX, MEASURES, measurer } from './measures.ts'
import { type Slope, slopeOf } from './slope.ts'

// Restarts actors again and again, in every way, with traffic; and looks whether anything of the process grows with it.

const GROUPS = 4
/** The beginning is warming up: caches fill, and V8 compiles. */
const WARM_UP = 0.3
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

/** Made before the first look, so that the looks themselves add nothing. */
interface Samples {
  readonly at: Float64Array
  readonly values: readonly Float64Array[]
}

async function run(system: ActorSystem, restarts: number, samples: number, onProgress: SoakOptions['onProgress']): Promise<Samples> {
  const measure = measurer(system)
  const each = Math.ceil(samples / HEAP_LOOKS_MAX)
  const seen: Samples = { at: new Float64Array(samples), values: MEASURES.map(() => new Float64Array(samples)) }
  const enders = await Promise.all(Array.from({ length: GROUPS }, async (_, i) => (await system.lookup<Ender>(`/group-${i}/ender`))!))
  const neighbours = await Promise.all(
    Array.from({ length: GROUPS }, async (_, i) => (await system.lookup<Victim>(`/group-${i}/neighbour`))!),
  )
  let done = 0
  for (let sample = 0; sample < samples; sample++) {
    const until = Math.round((restarts * (sample + 1)) / samples)
    const lifetimes = enders.map(async (ender, group) => {
      while (done < until) await oneLife(system, ender, neighbours[group]!, done++)
    })
    await Promise.all(lifetimes)
    seen.at[sample] = done
    for (const [column, value] of (await measure((sample + 1) % each === 0)).entries()) seen.values[column]![sample] = value
    onProgress?.(
      done,
      seen.values.map((column) => column[sample]!),
    )
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

function growths({ at, values }: Samples): readonly Growth[] {
  const from = Math.floor(at.length * WARM_UP)
  return MEASURES.map(({ name, unit, floor }, column) => {
    const seen = [...values[column]!.entries()].filter(([sample, value]) => sample >= from && !Number.isNaN(value))
    const ys = seen.map(([, value]) => value)
    const slope = slopeOf(
      seen.map(([sample]) => at[sample]!),
      ys,
    )
    return { name, unit, first: ys[0]!, last: ys.at(-1)!, slope, isGrowing: slope.perX - slope.halfWidth > floor }
  })
}
