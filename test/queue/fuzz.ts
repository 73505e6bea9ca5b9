// npm run fuzz [-- --kills N] [--seed S]: terminates threads at random moments, and checks that nothing is torn, lost, doubled or stuck.
import { parseArgs } from 'node:util'
import { bundleOf } from './bundle-of.ts'
import { describeSummary, KillRounds, type KillSummary } from './kill-rounds.ts'

const PROGRESS_EVERY_MS = 10_000

const { values } = parseArgs({ options: { kills: { type: 'string', default: '10000' }, seed: { type: 'string' } } })
const kills = wholeNumber(values.kills, '--kills')
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber(values.seed, '--seed')

const startedMs = performance.now()
let saidMs = startedMs
console.log(`Node ${process.versions.node}: ${kills} kills, --seed ${seed}`)
const { url, remove } = await bundleOf(new URL('./kill-worker.ts', import.meta.url))
try {
  const summary = await new KillRounds(url, seed).run(kills, sayNowAndThen)
  console.log(describeSummary(summary))
  console.log(`none torn, lost or doubled, no lane stuck; ${seconds()} s`)
} catch (error) {
  console.error(`FAILED after ${seconds()} s: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  remove()
}

function sayNowAndThen(summary: KillSummary): void {
  if (performance.now() - saidMs < PROGRESS_EVERY_MS) return
  saidMs = performance.now()
  console.log(`${seconds()} s: ${summary.kills} of ${kills} kills, ${summary.records} records`)
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(0)
}

function wholeNumber(text: string, option: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`${option} needs a whole number, and is ${text}`)
  process.exit(2)
}
