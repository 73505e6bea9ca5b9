import { ActorSystem } from '@troupe/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perform } from '../bench/savina/perform.ts'
import type { Program } from '../bench/savina/program.ts'
import { ADDED, isRun, PAPER, SUITE } from '../bench/savina/suite.ts'
import { lineOf, savinaTable, sizeText } from '../bench/savina/table.ts'

/** Table 1 of the paper, from top to bottom. */
const NAMES = [
  'Ping Pong',
  'Counting Actor',
  'Fork Join (throughput)',
  'Fork Join (actor creation)',
  'Thread Ring',
  'Chameneos',
  'Big',
  'Concurrent Dictionary',
  'Concurrent Sorted Linked-List',
  'Producer-Consumer with Bounded Buffer',
  'Dining Philosophers',
  'Sleeping Barber',
  'Cigarette Smokers',
  'Logistic Map Series',
  'Bank Transaction',
  'Radix Sort',
  'Filter Bank',
  'Sieve of Eratosthenes',
  'Unbalanced Cobwebbed Tree',
  'Online Facility Location',
  'Trapezoidal Approximation',
  'Precise Pi Computation',
  'Recursive Matrix Multiplication',
  'Quicksort',
  'All-Pairs Shortest Path',
  'Successive Over-Relaxation',
  'A-Star Search',
  'NQueens first N Solutions',
]

let system: ActorSystem
beforeAll(async () => {
  system = await ActorSystem.start({ name: 'savina', spares: 4 })
})
afterAll(() => system.stop())

for (const program of SUITE.filter(isRun)) {
  test(`savina: ${program.name} gives the right result`, async () => {
    expect(await perform(system, program, 'smoke')).toMatchObject({ name: program.name, isVerified: true })
  })
}

test('savina: all 28 programs of the paper are in the table, run or with a reason', () => {
  expect(PAPER.map(({ name }) => name)).toEqual(NAMES)
  expect(PAPER.filter(isRun).length).toBeGreaterThanOrEqual(20)
  const table = savinaTable(SUITE.map((entry) => lineOf(entry, 'smoke'))).split('\n')
  expect(table.slice(2).map((line) => [...NAMES, ...ADDED.map(({ name }) => name)].find((name) => line.startsWith(name)))).not.toContain(
    undefined,
  )
  for (const entry of SUITE) if (!isRun(entry)) expect(entry.waitsFor).toContain('light actors')
})

test('savina: what is not verified, and who ends in the middle of it, is said to be', async () => {
  const wrong: Program = {
    name: 'Wrong',
    paper: '',
    sizes: { smoke: {}, quick: {}, full: {} },
    run: async () => ({ ms: 1, messages: 1, result: 1, expected: 2 }),
  }
  const performance = await perform(system, wrong, 'smoke')
  expect(performance).toMatchObject({ actors: 0, isVerified: false })
  expect(savinaTable([lineOf(wrong, 'smoke', performance)])).toMatch(/Wrong.* NO/)
  const hung: Program = {
    ...wrong,
    async run(on) {
      const { Worker } = await import('../bench/savina/programs/trapezoid.ts')
      await on.kill(await on.spawn(Worker))
      return await new Promise<never>(() => {})
    },
  }
  await expect(perform(system, hung, 'smoke')).rejects.toThrow(/Wrong: \/user\/.*killed/)
  expect(sizeText({ numbers: 20_000, primesEach: 500 })).toBe('numbers 20,000, primes each 500')
})
