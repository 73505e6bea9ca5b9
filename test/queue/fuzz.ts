// npm run fuzz [-- --kills N] [--seed S] [--only lanes|queue]: terminates threads at random moments, so many for the lanes of the
// mailboxes and so many for the public Queue, and checks that nothing is torn, lost beyond what the docs say, doubled or stuck.
import { parseArgs } from 'node:util'
import { describeQueueSummary, QueueKillRounds } from '../queue-public/kill-rounds.ts'
import { bundleOf } from './bundle-of.ts'
import { describeSummary, KillRounds } from './kill-rounds.ts'

const PROGRESS_EVERY_MS = 10_000

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '10000' }, seed: { type: 'string' }, only: { type: 'string', default: '' } },
})
const kills = wholeNumber(values.kills, '--kills')
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber(values.seed, '--seed')

const startedMs = performance.now()
let saidMs = startedMs
console.log(`Node ${process.versions.node}: ${kills} kills of each, --seed ${seed}`)

await fuzz('lanes', './kill-worker.ts', async (url) => describeSummary(await new KillRounds(url, seed).run(kills, sayNowAndThen)))
await fuzz('queue', '../queue-public/kill-worker.ts', async (url) =>
  describeQueueSummary(await new QueueKillRounds(url, seed, kills).run(kills, sayNowAndThen)),
)

async function fuzz(name: string, worker: string, run: (url: URL) => Promise<string>): Promise<void> {
  if (values.only !== '' && values.only !== name) return
  const { url, remove } = await bundleOf(new URL(worker, import.meta.url))
  try {
    console.log(`${name}: ${await run(url)}`)
    console.log(`${name}: none torn, doubled or stuck, none lost that should not be; ${seconds()} s`)
  } catch (error) {
    console.error(`${name}: FAILED after ${seconds()} s: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  } finally {
    remove()
  }
}

function sayNowAndThen(summary: { readonly kills: number }): void {
  if (performance.now() - saidMs < PROGRESS_EVERY_MS) return
  saidMs = performance.now()
  console.log(`${seconds()} s: ${summary.kills} of ${kills} kills`)
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
