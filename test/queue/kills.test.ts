import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { bundled } from './bundle.ts'
import { FACTS, FAULT, HANDLED, INCARNATIONS_MAX, type KillBoot, LAST, laneOf, READY, RECEIVER, SENT, torn } from './kill-parts.ts'
import { attach, blocksOf, newArena, reclaim } from './rig.ts'

/** Kills of each kind. The long round: TROUPE_KILLS=3000. */
const KILLS = Number(process.env['TROUPE_KILLS'] ?? 25)
const SENDERS = [2, 3]

type Facts = Int32Array

async function started(file: URL, boot: KillBoot): Promise<Worker> {
  const worker = new Worker(file, { workerData: boot })
  worker.on('error', (error) => Atomics.store(boot.facts, FAULT, String(error).includes('terminat') ? 0 : 5_000))
  while (Atomics.load(boot.facts, READY + boot.seat) !== boot.incarnation) await new Promise((resolve) => setTimeout(resolve, 1))
  return worker
}

/** Some hundred thousand instructions, give or take: the kill comes from a busy thread, so that it can be anywhere. */
function busyFor(turns: number): void {
  for (let i = 0; i < turns * 1_000; i++) Math.imul(i, i)
}

function settle(arena: ReturnType<typeof newArena>, facts: Facts): number {
  let settled = 0
  for (const sender of SENDERS) {
    const lane = laneOf(sender)
    if (!wasBegun(arena, lane)) continue
    const consumer = attach(arena, lane)
    expect(consumer.next()).toBe(RECORD)
    expect(torn(consumer)).toBe(0)
    const [from, n] = [consumer.words[consumer.envelopeAt]!, consumer.words[consumer.envelopeAt + 1]!]
    // Its handler had said so, or had not come to it: for whoever comes next it is over (G5).
    facts[HANDLED + sender * INCARNATIONS_MAX + from] = n
    facts[LAST + sender * 2] = from
    facts[LAST + sender * 2 + 1] = n
    consumer.done()
    settled++
  }
  return settled
}

test(`G2, G3, G5, G6: ${KILLS} kills of a sender and of its receiver: nothing torn, no gap, no duplicate, no block lost`, async () => {
  const file = await bundled('./kill-worker.ts')
  const arena = newArena(1_024)
  const facts = new Int32Array(new SharedArrayBuffer(FACTS * 4))
  const boot = (role: KillBoot['role'], seat: number, incarnation: number): KillBoot => ({
    memory: arena.memory,
    facts,
    role,
    seat,
    incarnation,
  })
  const producers = await Promise.all(SENDERS.map((seat) => started(file, boot('producer', seat, 1))))
  let consumer = await started(file, boot('consumer', RECEIVER, 1))
  let inFlight = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    busyFor((kill * 7_919) % 3_000)
    const victim = kill % SENDERS.length
    const seat = SENDERS[victim]!
    await producers[victim]!.terminate()
    reclaim(arena, seat, [laneOf(seat)])
    producers[victim] = await started(file, boot('producer', seat, 1 + kill))
    busyFor((kill * 104_729) % 3_000)
    await consumer.terminate()
    inFlight += settle(arena, facts)
    consumer = await started(file, boot('consumer', RECEIVER, 1 + kill))
    expect(facts[FAULT], 'what a consumer found wrong').toBe(0)
  }
  await Promise.all(producers.map((producer) => producer.terminate()))
  for (const seat of SENDERS) reclaim(arena, seat, [laneOf(seat)])
  const isDrained = (): boolean => SENDERS.every((seat) => attach(arena, laneOf(seat)).next() !== RECORD)
  while (!isDrained() && facts[FAULT] === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await consumer.terminate()
  settle(arena, facts)
  expect(facts[FAULT], 'what a consumer found wrong').toBe(0)

  let total = 0
  for (const seat of SENDERS) {
    for (let incarnation = 1; incarnation <= KILLS + 1; incarnation++) {
      const sent = facts[SENT + seat * INCARNATIONS_MAX + incarnation]!
      const handled = facts[HANDLED + seat * INCARNATIONS_MAX + incarnation]!
      // Accepted is handled; one more may have been committed by a sender that died before it could say so.
      expect([sent, sent + 1], `of incarnation ${incarnation} of ${seat}`).toContain(handled)
      total += handled
    }
    reclaim(arena, seat, [laneOf(seat)])
    const left = blocksOf(arena, seat).length
    expect(left & (left - 1), `${left} blocks are left of an empty lane`).toBe(0)
  }
  // Less than that, and the threads were killed before they had done anything.
  expect(total).toBeGreaterThan(1_000)
  console.log(`${2 * KILLS} kills, ${total} records, ${inFlight} in flight at a kill`)
})
