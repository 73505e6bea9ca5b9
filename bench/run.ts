// npm run bench [-- row …] [--quick] [--json FILE]: Troupe and its peers, alternating, in one run.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chartOf } from './chart.ts'
import { chosenRows, parseCommandLine } from './command-line.ts'
import { TROUPE } from './contender.ts'
import { machine, versions } from './machine.ts'
import { failuresOf, peersOf, type Rounds, type RowResult, rowResult, tableOf, writtenRow } from './report.ts'
import type { Experiment, Plan, Runner, Sample } from './row.ts'
import { askBusy, askParked, askPipelined, askSequential, askWork50, payload1mb } from './rows/ask.ts'
import { codecStrict } from './rows/codec.ts'
import { askCrowd } from './rows/crowd.ts'
import { floodTimer } from './rows/flood.ts'
import { hangVerdict } from './rows/hang.ts'
import { idleCpu, idleHere } from './rows/idle.ts'
import { leaseBorrow } from './rows/leases.ts'
import { hostMemory, hostMemoryHere, loadHeavy, loadHere } from './rows/load.ts'
import { memoryHere, memoryIsolate } from './rows/memory.ts'
import { executorTasks, parPrimes, parSkewed, parSmall } from './rows/par.ts'
import { queueAsync, queueSync } from './rows/queue.ts'
import { cacheHit, rateLimitCheck } from './rows/shared.ts'
import { freezeMemory, freezeMemoryHere, freezeRead, move100mb } from './rows/sharing.ts'
import { restartNext, spawnBurst, spawnCold, spawnWarm } from './rows/starts.ts'
import { streamItems } from './rows/stream.ts'
import { diagnosticsHere, diagnosticsOff } from './rows/taps.ts'
import { askSync, fanIn8, tellHost, tellIsolate, tellMainBlocked, tellOneCore } from './rows/tell.ts'

const EXPERIMENTS: readonly Experiment[] = [
  askSequential,
  askWork50,
  askBusy,
  askParked,
  askPipelined,
  askCrowd,
  askSync,
  tellHost,
  tellIsolate,
  tellMainBlocked,
  tellOneCore,
  payload1mb,
  freezeRead,
  freezeMemory,
  move100mb,
  fanIn8,
  floodTimer,
  streamItems,
  codecStrict,
  diagnosticsOff,
  queueAsync,
  queueSync,
  idleCpu,
  spawnWarm,
  spawnCold,
  spawnBurst,
  restartNext,
  memoryIsolate,
  loadHeavy,
  hostMemory,
  hangVerdict,
  parPrimes,
  parSmall,
  parSkewed,
  executorTasks,
  leaseBorrow,
  cacheHit,
  rateLimitCheck,
]

/** What starting, warming up and ending may take on a slow machine. */
const START_AND_END_MS = 45_000

const args = process.argv.slice(2)
if (args[0] === '--sample') await printSample(args.slice(1))
else await runAll()
// A library whose threads do not end must not keep the benchmark from ending.
process.exit()

/** For child.ts: one round of one contender. */
async function printSample([row, name, plan]: readonly string[]): Promise<void> {
  const experiment = [...EXPERIMENTS, idleHere, memoryHere, freezeMemoryHere, loadHere, hostMemoryHere, diagnosticsHere].find(({ rows }) =>
    rows.some(({ id }) => id === row),
  )
  const runner = experiment!.runners.find((each) => each.name === name)
  console.log(JSON.stringify(await runner!.measure(JSON.parse(plan!) as Plan)))
}

async function runAll(): Promise<void> {
  const { rows, plan, planName, jsonFile } = parseCommandLine(args, process.env['TROUPE_BENCH_QUICK'] === '1')
  const chosen = chosenRows(
    EXPERIMENTS.flatMap((experiment) => experiment.rows.map(({ id }) => id)),
    rows,
  )
  const load = loadavg()[0]!
  const results: RowResult[] = []
  const experiments = EXPERIMENTS.filter((experiment) => experiment.rows.some(({ id }) => chosen.has(id)))
  const startedMs = performance.now()
  for (const [i, experiment] of experiments.entries()) {
    // Who is ahead of the time may use it.
    const untilMs = startedMs + (plan.budgetMs * (i + 1)) / experiments.length
    const all = experiment.skipped === undefined ? await measureAll(experiment, plan, untilMs) : []
    const wanted = experiment.rows.filter(({ id }) => chosen.has(id))
    results.push(...wanted.map((row) => rowResult(row, all, experiment.skipped)))
  }
  print(results, planName, load)
  if (jsonFile !== undefined || planName !== 'smoke') {
    write(jsonFile ?? join(import.meta.dirname, 'results/latest.json'), results, planName, load)
  }
}

/**
 * Rounds alternate between the contenders, each time another one first: what the machine does meanwhile hits all. After
 * `untilMs` no further round begins. When there is little time, those who are only shown have one round.
 */
async function measureAll(experiment: Experiment, plan: Plan, untilMs: number): Promise<Rounds[]> {
  const { rows, runners, roundsMax = Number.POSITIVE_INFINITY } = experiment
  const all = runners.map(({ name }) => ({ name, samples: [] as Sample[], failure: undefined as string | undefined }))
  const rounds = Math.min(plan.rounds, roundsMax)
  const isOneRound = ({ name }: Runner): boolean => Number.isFinite(plan.budgetMs) && !isCompared(experiment, name)
  for (let round = 0; round < rounds && (round === 0 || performance.now() < untilMs); round++) {
    for (let i = 0; i < runners.length; i++) {
      const at = (round + i) % runners.length
      if (round > 0 && isOneRound(runners[at]!)) continue
      process.stderr.write(`${rows[0]!.id}, round ${round + 1} of ${rounds}: ${runners[at]!.name}\n`)
      await measureOne(runners[at]!, plan, all[at]!)
    }
  }
  return all.map(({ name, samples, failure }) => ({ name, samples, ...(failure === undefined ? {} : { failure }) }))
}

/** Whether a verdict depends on that contender. */
function isCompared({ rows }: Experiment, name: string): boolean {
  return name === TROUPE || rows.some(({ target }) => 'against' in target && target.against.includes(name))
}

/** Who has failed once is not tried again, and the reason is printed. */
async function measureOne(runner: Runner, plan: Plan, rounds: { samples: Sample[]; failure: string | undefined }): Promise<void> {
  if (rounds.failure !== undefined) return
  try {
    rounds.samples.push(await withDeadline(runner.measure(plan), plan))
  } catch (error) {
    rounds.failure = error instanceof Error ? error.message : String(error)
  }
}

/** A library that loses a call would keep everybody waiting for ever. */
async function withDeadline<T>(work: Promise<T>, { settleMs, idleMs, measureMs }: Plan): Promise<T> {
  const deadlineMs = START_AND_END_MS + settleMs + idleMs + 4 * measureMs
  const tooLate = new AbortController()
  const late = sleep(deadlineMs, undefined, { signal: tooLate.signal }).then(() => {
    throw new Error(`no result after ${deadlineMs / 1_000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    tooLate.abort()
  }
}

function print(results: readonly RowResult[], planName: string, load: number): void {
  const { cpu, cores } = machine()
  console.log(`\nNode ${process.versions.node}, ${cpu}, ${cores} cores, load before the run ${load.toFixed(1)}, plan "${planName}"`)
  console.log(`\n${tableOf(results)}\n\n${peersOf(results)}`)
  const failures = failuresOf(results)
  if (failures !== '') console.log(`\nnot measured:\n${failures}`)
  if (planName === 'smoke') console.log('\nThe smoke plan only shows that everything runs: these figures mean nothing.')
}

function write(file: string, rows: readonly RowResult[], planName: string, load: number): void {
  mkdirSync(join(file, '..'), { recursive: true })
  const result = {
    node: process.versions.node,
    ...machine(),
    load,
    plan: planName,
    at: new Date().toISOString(),
    versions: versions(),
    rows: rows.map(writtenRow),
  }
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`)
  const chart = `${file.replace(/\.json$/, '')}.svg`
  writeFileSync(
    chart,
    chartOf(rows, `Troupe against the best of its peers: Node ${result.node}, ${result.cpu}, ${result.cores} cores, ${result.at}`),
  )
  console.log(`\nwritten to ${file} and ${chart}`)
}
