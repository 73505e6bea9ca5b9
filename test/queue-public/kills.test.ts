import { expect, test } from 'vitest'
import { bundled } from '../queue/bundle.ts'
import { describeQueueSummary, QueueKillRounds } from './kill-rounds.ts'

/** The long round: npm run fuzz. */
const KILLS = Number(process.env['TROUPE_KILLS'] ?? 40) * 2

async function killAtRandom(kills: number, isReleasing: boolean): Promise<void> {
  const file = await bundled('../queue-public/kill-worker.ts')
  const summary = await new QueueKillRounds(file, 1, kills, { isReleasing }).run(kills)
  expect(summary.kills).toBe(kills)
  // Less than that, and the threads were killed before they had done anything.
  expect(summary.items).toBeGreaterThan(1_000)
  console.log(describeQueueSummary(summary))
}

test(`Queue: ${KILLS} kills of producers and consumers: whole, once, in order, and only what was being taken is lost`, async () => {
  await killAtRandom(KILLS, true)
}, 600_000)

test('Queue: the same without anybody who releases what the dead held', async () => {
  await killAtRandom(Math.min(KILLS, 40), false)
}, 600_000)
