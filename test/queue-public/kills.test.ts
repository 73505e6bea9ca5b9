import { Worker } from 'node:worker_threads'
import { Queue } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { bundled } from '../queue/bundle.ts'
import { FAULT, factsFor, INCARNATIONS_MAX, type Item, type KillBoot, LOG_MAX, LOGGED, LOGS, N_BITS, SENT } from './kill-parts.ts'

/** Rounds of two kills each, a producer and a consumer. The long round: TROUPE_KILLS=900. */
const ROUNDS = Math.min(INCARNATIONS_MAX - 8, Number(process.env['TROUPE_KILLS'] ?? 40))
const PRODUCERS = 3
const CONSUMERS = 3

/** Some hundred thousand instructions, give or take: the kill comes from a busy thread, so that it can be anywhere. */
function busyFor(turns: number): void {
  for (let i = 0; i < turns * 1_000; i++) Math.imul(i, i)
}

interface Story {
  readonly queue: Queue<Item>
  readonly facts: Int32Array
  /** Kills of consumers that had not ended by themselves. */
  consumersKilled: number
  producers: number
  consumers: number
}

async function killAtRandom(rounds: number, isReleasing: boolean): Promise<Story> {
  const file = await bundled('../queue-public/kill-worker.ts')
  const queue = Queue.create<Item>({ capacity: 64, bytesMax: 16 * 1024 })
  const facts = factsFor(rounds + 2 * CONSUMERS)
  const story: Story = { queue, facts, consumersKilled: 0, producers: 0, consumers: 0 }
  const start = (role: KillBoot['role']): Worker => {
    const incarnation = role === 'producer' ? story.producers++ : story.consumers++
    const boot: KillBoot = { handle: queue.handle, facts, role, isSync: incarnation % 2 === 0, incarnation }
    const worker = new Worker(file, { workerData: boot })
    const { threadId } = worker
    worker.on('error', () => Atomics.store(facts, FAULT, 2))
    if (isReleasing) worker.on('exit', () => queue.release(threadId))
    return worker
  }
  const producers = Array.from({ length: PRODUCERS }, () => start('producer'))
  const consumers = Array.from({ length: CONSUMERS }, () => start('consumer'))
  onTestFinished(async () => void (await Promise.all([...producers, ...consumers].map((worker) => worker.terminate()))))
  const taken = (): number => Array.from({ length: story.consumers }, (_, i) => facts[LOGGED + i]!).reduce((a, b) => a + b, 0)
  for (let round = 1; round <= rounds; round++) {
    // Somebody makes progress between any two kills: nobody blocks the others.
    const before = taken()
    while (taken() < before + 20 && facts[FAULT] === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    busyFor((round * 7_919) % 2_000)
    await producers[round % PRODUCERS]!.terminate()
    producers[round % PRODUCERS] = start('producer')
    busyFor((round * 104_729) % 2_000)
    await consumers[round % CONSUMERS]!.terminate()
    story.consumersKilled++
    consumers[round % CONSUMERS] = start('consumer')
    expect(facts[FAULT], 'what a thread found wrong').toBe(0)
  }
  await Promise.all(producers.map((producer) => producer.terminate()))
  queue.close()
  // A consumer may have ended because its log was full.
  const last = start('consumer')
  await Promise.all(
    [...consumers, last].map(
      (consumer) => new Promise((resolve) => (consumer.threadId === -1 ? resolve(0) : consumer.on('exit', resolve))),
    ),
  )
  return story
}

function check({ queue, facts, producers, consumers, consumersKilled }: Story): string {
  expect(facts[FAULT], 'what a thread found wrong').toBe(0)
  expect(queue.size).toBe(0)
  const seen = Array.from({ length: producers }, () => new Set<number>())
  let total = 0
  for (let consumer = 0; consumer < consumers; consumer++) {
    const last = new Int32Array(producers)
    for (let i = 0; i < facts[LOGGED + consumer]!; i++, total++) {
      const word = facts[LOGS + consumer * LOG_MAX + i]!
      const [from, n] = [word >>> N_BITS, word & ((1 << N_BITS) - 1)]
      expect(n > last[from]!, `order of ${from}: ${n} after ${last[from]}`).toBe(true)
      expect(seen[from]!.has(n), `${n} of ${from} twice`).toBe(false)
      last[from] = n
      seen[from]!.add(n)
    }
  }
  let missing = 0
  for (let from = 0; from < producers; from++) {
    const sent = facts[SENT + from]!
    for (let n = 1; n <= sent; n++) if (!seen[from]!.has(n)) missing++
    for (const n of seen[from]!) expect(n <= sent + 1, `${n} of ${from}, which put ${sent}`).toBe(true)
  }
  expect(missing, 'items lost with a consumer that was taking them').toBeLessThanOrEqual(consumersKilled)
  // Or it has not tested what it says: even a few rounds take 20 items each.
  expect(total).toBeGreaterThan(100)
  return `${producers + consumers} threads, ${total} items, ${missing} in the hands of a consumer that was killed`
}

test(`Queue: ${2 * ROUNDS} kills of producers and consumers: whole, once, in order, and only what was being taken is lost`, async () => {
  console.log(check(await killAtRandom(ROUNDS, true)))
}, 600_000)

test('Queue: the same without anybody who releases what the dead held', async () => {
  console.log(check(await killAtRandom(Math.min(ROUNDS, 40), false)))
}, 600_000)
