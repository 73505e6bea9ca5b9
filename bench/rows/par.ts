// A parallel map against a loop, and against a pool with chunks made by hand; and many small tasks.
import { availableParallelism } from 'node:os'
import { Executor, par, range } from '@troupe/actors'
import { ActorSystem } from '@troupe/runtime'
import { Piscina } from 'piscina'
import { TROUPE } from '../contender.ts'
import { isPrime, spin } from '../methods.mjs'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

const SEQUENTIAL = 'a loop'
const PISCINA = 'Piscina'
const STATIC = 'Piscina, a chunk for each thread'
const THREADS = availableParallelism()
const CHUNKS = new URL('../workers/chunks.mjs', import.meta.url).href

type Work = () => Promise<number> | number

/** Once to warm up, once for the clock; the answer is checked. */
async function timed(work: Work, expected: number): Promise<number> {
  await work()
  const startedMs = performance.now()
  const got = await work()
  const ms = performance.now() - startedMs
  if (got !== expected) throw new Error(`the answer is ${got}, and should be ${expected}`)
  return ms
}

function runner(name: string, measure: (plan: Plan) => Promise<Sample>): Runner {
  return { name, measure }
}

async function inSystem<T>(use: (system: ActorSystem) => Promise<T>): Promise<T> {
  const system = await ActorSystem.start({ name: 'bench' })
  try {
    return await use(system)
  } finally {
    await system.stop()
  }
}

async function inPool<T>(use: (pool: Piscina) => Promise<T>): Promise<T> {
  const pool = new Piscina({ filename: CHUNKS, minThreads: THREADS, maxThreads: THREADS, execArgv: [] })
  try {
    return await use(pool)
  } finally {
    await pool.destroy()
  }
}

const isShort = ({ measureMs }: Plan): boolean => measureMs < 100

// ---- primes ----

const below = (plan: Plan): number => (isShort(plan) ? 100_000 : 5_000_000)
const primesBelow = (plan: Plan): number => (isShort(plan) ? 9_592 : 348_513)
const HAND_MADE = 50

function countHere(n: number): number {
  let count = 0
  for (let i = 0; i < n; i++) if (isPrime(i)) count++
  return count
}

function countPar(system: ActorSystem, n: number): Promise<number> {
  return par(range(n), { system }).reduce(
    (count, i) => {
      if (i % 2 === 0) return i === 2 ? count + 1 : count
      for (let d = 3; d * d <= i; d += 2) if (i % d === 0) return count
      return i > 1 ? count + 1 : count
    },
    0,
    (a, b) => a + b,
  )
}

async function countPool(pool: Piscina, n: number): Promise<number> {
  const size = n / HAND_MADE
  const counts = Array.from({ length: HAND_MADE }, (_, i) => pool.run({ from: i * size, to: (i + 1) * size }, { name: 'countPrimes' }))
  return ((await Promise.all(counts)) as number[]).reduce((a, b) => a + b)
}

const PRIMES = ['par.primes', 'par.primes.pool'] as const
const both = (ms: number): Sample => ({ values: { [PRIMES[0]]: ms, [PRIMES[1]]: ms } })

export const parPrimes: Experiment = {
  rows: [
    {
      id: PRIMES[0],
      title: `primes below 5 M, par over a range, ${THREADS} processors`,
      unit: 'ms',
      better: 'lower',
      target: { against: [SEQUENTIAL], atLeast: 1.8 },
    },
    { id: PRIMES[1], title: 'the same', unit: 'ms', better: 'lower', target: { against: [PISCINA], atLeast: 1 } },
  ],
  runners: [
    runner(TROUPE, (plan) => inSystem(async (system) => both(await timed(() => countPar(system, below(plan)), primesBelow(plan))))),
    runner(SEQUENTIAL, async (plan) => both(await timed(() => countHere(below(plan)), primesBelow(plan)))),
    runner(PISCINA, (plan) => inPool(async (pool) => both(await timed(() => countPool(pool, below(plan)), primesBelow(plan))))),
  ],
}

// ---- a small input ----

const TEN = Array.from({ length: 10 }, (_, i) => 1_000_003 + i * 2)
const SMALL_CALLS = 2_000

async function callMicros({ warmUpMs }: Plan, call: () => Promise<unknown>): Promise<number> {
  for (const untilMs = performance.now() + warmUpMs; performance.now() < untilMs; ) await call()
  const startedMs = performance.now()
  for (let i = 0; i < SMALL_CALLS; i++) await call()
  return ((performance.now() - startedMs) * 1_000) / SMALL_CALLS
}

/** Some microseconds each. */
const digits = (n: number): number => {
  let sum = 0
  for (let i = 0; i < 100; i++) for (const digit of String(n + i)) sum += digit.charCodeAt(0)
  return sum
}

export const parSmall: Experiment = {
  rows: [
    {
      id: 'par.small',
      title: 'ten items of some 5 µs each',
      unit: 'µs',
      better: 'lower',
      target: { against: [SEQUENTIAL], atLeast: 1 / 1.1 },
    },
  ],
  runners: [
    runner(TROUPE, (plan) =>
      inSystem(async (system) => {
        // The crew is there, so that it is a decision not to use it.
        if (!isShort(plan)) await par(range(100), { system, hereMs: 0 }).forEach((n) => void n)
        return { values: { 'par.small': await callMicros(plan, () => par(TEN, { system }).map(digits)) } }
      }),
    ),
    runner(SEQUENTIAL, async (plan) => ({ values: { 'par.small': await callMicros(plan, async () => TEN.map(digits)) } })),
  ],
}

// ---- skewed work ----

/** Nearly all of the work is in the last 5 % of the items. */
function skewed(plan: Plan): number[] {
  const scale = isShort(plan) ? 10 : 1
  return Array.from({ length: 2_000 }, (_, i) => (i < 1_900 ? 5 : 5_000 / scale))
}

const sumOf = (items: readonly number[]): number => items.reduce((a, b) => a + b, 0)

export const parSkewed: Experiment = {
  rows: [
    {
      id: 'par.skewed',
      title: '2 000 items, of which the last 100 are a thousand times as dear',
      unit: 'ms',
      better: 'lower',
      target: { against: [SEQUENTIAL], atLeast: 1.6 },
    },
  ],
  runners: [
    runner(TROUPE, (plan) =>
      inSystem(async (system) => {
        const items = skewed(plan)
        const work = () =>
          par(items, { system }).reduce(
            (sum, micros) => {
              for (const until = performance.now() + micros / 1_000; performance.now() < until; );
              return sum + micros
            },
            0,
            (a, b) => a + b,
          )
        return { values: { 'par.skewed': await timed(work, sumOf(items)) } }
      }),
    ),
    runner(SEQUENTIAL, async (plan) => {
      const items = skewed(plan)
      return { values: { 'par.skewed': await timed(() => sumOf(items.map(spin)), sumOf(items)) } }
    }),
    runner(STATIC, (plan) =>
      inPool(async (pool) => {
        const items = skewed(plan)
        const size = Math.ceil(items.length / THREADS)
        const work = async () => {
          const parts = Array.from({ length: THREADS }, (_, i) => pool.run(items.slice(i * size, (i + 1) * size), { name: 'spinAll' }))
          return sumOf((await Promise.all(parts)) as number[])
        }
        return { values: { 'par.skewed': await timed(work, sumOf(items)) } }
      }),
    ),
  ],
}

// ---- small tasks ----

const taskCount = (plan: Plan): number => (isShort(plan) ? 2_000 : 50_000)
const twiceSum = (tasks: number): number => tasks * (tasks - 1)

/** Tasks per second, all submitted at once. */
async function taskRate(plan: Plan, submit: (n: number) => PromiseLike<number>): Promise<number> {
  const tasks = taskCount(plan)
  const all = async () => sumOf(await Promise.all(Array.from({ length: tasks }, (_, n) => submit(n))))
  for (const untilMs = performance.now() + plan.warmUpMs; performance.now() < untilMs; ) await all()
  return tasks / ((await timed(all, twiceSum(tasks))) / 1_000)
}

export const executorTasks: Experiment = {
  rows: [
    {
      id: 'executor.tasks',
      title: '50 000 small tasks, submitted at once',
      unit: 'tasks/s',
      better: 'higher',
      target: { against: [PISCINA], atLeast: 5 },
    },
  ],
  runners: [
    runner(TROUPE, (plan) =>
      inSystem(async (system) => {
        const executor = Executor.start(system, { threads: THREADS })
        return { values: { 'executor.tasks': await taskRate(plan, (n) => executor.submit((m: number) => m * 2, n)) } }
      }),
    ),
    runner(PISCINA, (plan) =>
      inPool(async (pool) => ({
        values: { 'executor.tasks': await taskRate(plan, (n) => pool.run(n, { name: 'double' })) },
      })),
    ),
  ],
}
