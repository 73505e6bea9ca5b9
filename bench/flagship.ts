// How quickly the HTTP side answers while every core is busy with indexing: npm run bench:flagship
// The client is a process of its own and asks on a fixed schedule, so that a slow answer cannot hide those that would have
// been slow behind it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { IndexService } from '../packages/examples/flagship/index-service.ts'
import { createServer } from '../packages/examples/flagship/server.ts'

const FOLDER = process.argv[2] ?? join(import.meta.dirname, '../node_modules/.pnpm')
const ROUNDS = 3
const EVERY_MS = 5
const P99_TARGET_MS = 25

interface Round {
  readonly files: number
  readonly seconds: number
  /** Milliseconds from the moment at which each request was due. */
  readonly latenciesMs: readonly number[]
  readonly failed: number
}

/** One service, from its start until its index is complete, under requests all the time. */
async function measure(): Promise<Round> {
  // Started before, so that its own start takes no core from the service.
  const client = fork(join(import.meta.dirname, 'health-client.mjs'), [], { execArgv: [] })
  await once(client, 'message')
  const service = await IndexService.start({ folder: FOLDER })
  const app = createServer(service)
  try {
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    client.send({ url: `${address}/health`, everyMs: EVERY_MS })
    await service.untilComplete(new AbortController().signal)
    client.send('stop')
    const [result] = (await once(client, 'message')) as [Pick<Round, 'latenciesMs' | 'failed'>]
    return { files: service.progress.indexed, seconds: service.seconds, ...result }
  } finally {
    client.kill()
    await app.close()
    await service.stop()
  }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function rowOf(name: string, { files, seconds, latenciesMs, failed }: Round) {
  const sorted = [...latenciesMs].sort((a, b) => a - b)
  const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((part) => Number(quantile(sorted, part).toFixed(2)))
  return { round: name, files, seconds: Number(seconds.toFixed(1)), requests: sorted.length, failed, p50Ms, p99Ms, maxMs }
}

const rounds: Round[] = []
for (let i = 0; i < ROUNDS; i++) rounds.push(await measure())
const all: Round = {
  files: rounds[0]?.files ?? 0,
  seconds: rounds.reduce((sum, { seconds }) => sum + seconds, 0),
  latenciesMs: rounds.flatMap(({ latenciesMs }) => latenciesMs),
  failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
}
const rows = [...rounds.map((round, i) => rowOf(String(i + 1), round)), rowOf('all', all)]
const total = rows.at(-1)!
const isMet = (total.p99Ms ?? Number.POSITIVE_INFINITY) < P99_TARGET_MS && total.failed === 0

console.log(`GET /health every ${EVERY_MS} ms while indexing, Node ${process.versions.node}, ${cpus().length} cores`)
console.table(rows)
console.log(`p99 ${total.p99Ms} ms, target under ${P99_TARGET_MS} ms: ${isMet ? 'met' : 'MISSED'}`)
console.log(
  JSON.stringify({ bench: 'flagship', node: process.versions.node, cores: cpus().length, targetP99Ms: P99_TARGET_MS, isMet, rows }),
)
process.exitCode = isMet ? 0 : 1
