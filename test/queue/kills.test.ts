import { expect, test } from 'vitest'
import { bundled } from './bundle.ts'
import { describeSummary, KillRounds } from './kill-rounds.ts'

/** The long round: npm run fuzz. */
const KILLS = Number(process.env['TROUPE_KILLS'] ?? 25) * 2

test(`G2, G3, G5, G6: ${KILLS} kills of senders and receivers, awake and asleep: nothing torn, lost or doubled, no lane stuck`, async () => {
  const summary = await new KillRounds(await bundled('./kill-worker.ts'), 1).run(KILLS)
  expect(summary.kills).toBe(KILLS)
  // Less than that, and the threads were killed before they had done anything.
  expect(summary.records).toBeGreaterThan(1_000)
  console.log(describeSummary(summary))
})
