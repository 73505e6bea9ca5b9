// npm run fuzz:codec [-- --records N] [--seed S]: damages records at random, and checks that each is a value or refused by name.

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fuzzRecords } from './fuzz-records.ts'
import { randomFrom } from './harness.ts'

/** What is kept of a million records is less than this. */
const GROWTH_BYTES_MAX = 4 * 1024 * 1024

const { values } = parseArgs({ options: { records: { type: 'string', default: '1000000' }, seed: { type: 'string' } } })
const records = Number(values.records)
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)

setFlagsFromString('--expose-gc')
globalThis.gc = runInNewContext('gc') as typeof globalThis.gc

const startedMs = performance.now()
console.log(`Node ${process.versions.node}: ${records} records, --seed ${seed}`)
const random = randomFrom(seed)
try {
  const { unreadable, heapGrowthBytes } = fuzzRecords(records, (n) => Math.floor(random() * n))
  const growthKiB = Math.round(heapGrowthBytes / 1024)
  console.log(
    `${unreadable} refused, ${records - unreadable} read, no prototype touched; the heap grew by ${growthKiB} KiB; ${seconds()} s`,
  )
  if (heapGrowthBytes > GROWTH_BYTES_MAX) throw new Error(`the heap grew by ${growthKiB} KiB`)
} catch (error) {
  console.error(`FAILED after ${seconds()} s:`, error)
  process.exitCode = 1
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(0)
}
