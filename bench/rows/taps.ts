// What tap points cost while nobody listens: the way of a message beside the same way with empty functions in their place.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { BothEnds } from '../both-ends.ts'
import { sampleInChild } from '../child.ts'
import { TROUPE } from '../contender.ts'
import { spreadOf } from '../report.ts'
import type { Experiment, Plan, Sample } from '../row.ts'

const ROW = 'diagnostics.off'
const HERE = 'diagnostics.off.here'
const TELLS = 'a tell, % more'
const ENTRY = fileURLToPath(new URL('../both-ends.ts', import.meta.url))
/** Of each of the two: V8 makes better code of one copy than of another, by luck. */
const COPIES = 6
const CALLS_PER_SLICE = 2_000

/** Each function of that file is exported, and returns nothing. */
const withoutTaps: Plugin = {
  name: 'without-taps',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]ref[\\/]taps\.ts$/ }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(/^export function (\w+)\(/gm)].map((match) => match[1])
      return { contents: names.map((name) => `export function ${name}() {}`).join('\n'), loader: 'js' }
    })
  },
}

async function copiesOf(folder: string, name: string, plugins: readonly Plugin[]): Promise<BothEnds[]> {
  const outfile = join(folder, `${name}.mjs`)
  await build({ entryPoints: [ENTRY], bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, plugins: [...plugins] })
  const copies: BothEnds[] = []
  for (let i = 0; i < COPIES; i++) {
    const { bothEnds } = (await import(`${pathToFileURL(outfile).href}?copy=${i}`)) as { bothEnds(): BothEnds }
    copies.push(bothEnds())
  }
  return copies
}

async function asks(ends: BothEnds): Promise<number> {
  const startedMs = performance.now()
  for (let n = 0; n < CALLS_PER_SLICE; n++) if ((await ends.ask(n)) !== n + 1) throw new Error('wrong answer')
  return performance.now() - startedMs
}

async function tells(ends: BothEnds): Promise<number> {
  const startedMs = performance.now()
  for (let n = 0; n < CALLS_PER_SLICE; n++) if (!ends.tell(n)) throw new Error('a tell was refused')
  return performance.now() - startedMs
}

/**
 * By how many percent the first of each pair is slower, in its fastest slice: nothing here waits, so what makes a slice slower is
 * what else the machine does. Slices alternate with the other's, each time another one first.
 */
async function percentMore(
  slice: (ends: BothEnds) => Promise<number>,
  pairs: readonly (readonly [BothEnds, BothEnds])[],
  ms: number,
): Promise<number> {
  const times = pairs.map(() => [[] as number[], [] as number[]] as const)
  const untilMs = performance.now() + ms
  for (let round = 0; round < 2 || performance.now() < untilMs; round++) {
    for (const [i, pair] of pairs.entries()) for (const at of [round % 2, 1 - (round % 2)]) times[i]![at]!.push(await slice(pair[at]!))
  }
  const [ours, theirs] = [0, 1].map((at) => times.reduce((sum, both) => sum + spreadOf(both[at]!)!.min, 0)) as [number, number]
  return (ours / theirs - 1) * 100
}

/** Both ends are in one thread: the code of both is all of the time, so a tap is as large a part of it as it can be. */
async function measureHere(plan: Plan): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-bench-'))
  try {
    const tapped = await copiesOf(folder, 'tapped', [])
    const untapped = await copiesOf(folder, 'untapped', [withoutTaps])
    const pairs = tapped.map((ends, i) => [ends, untapped[i]!] as const)
    for (const slice of [asks, tells]) await percentMore(slice, pairs, 2 * plan.warmUpMs)
    const ask = await percentMore(asks, pairs, 2 * plan.measureMs)
    return { values: { [ROW]: ask }, checks: { [TELLS]: await percentMore(tells, pairs, 2 * plan.measureMs) } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Each round has a process of its own, in which V8 has another chance. */
export const diagnosticsOff: Experiment = {
  rows: [
    {
      id: ROW,
      title: 'an ask with tap points to which nobody listens; without the points',
      unit: '% more',
      better: 'lower',
      target: { atMost: 2 },
      checks: [{ name: TELLS, atMost: 2 }],
    },
  ],
  runners: [{ name: TROUPE, measure: (plan) => sampleInChild([HERE, TROUPE], plan) }],
}

/** In its own process. */
export const diagnosticsHere: Experiment = {
  rows: [{ ...diagnosticsOff.rows[0]!, id: HERE }],
  runners: [{ name: TROUPE, measure: measureHere }],
}
