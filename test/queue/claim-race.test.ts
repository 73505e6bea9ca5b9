import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { bundled } from './bundle.ts'
import { blocksOf, claimRounds, GATE_ANSWER, GATE_OPENED, GATE_PUBLISHED, newArena, OTHER, openGate, SENDER, waitAtGate } from './rig.ts'

test('G14: nobody is refused because another thread was taking the same blocks, as long as there are enough for both', async () => {
  const arena = newArena(64)
  const gates = new Int32Array(new SharedArrayBuffer(16))
  const worker = new Worker(await bundled('./claim-race-worker.ts'), { workerData: { memory: arena.memory, gates } })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  waitAtGate(gates, GATE_PUBLISHED)
  openGate(gates, GATE_OPENED)
  const refused = claimRounds(arena, SENDER)
  await ended

  expect({ here: refused, there: gates[GATE_ANSWER] }).toEqual({ here: 0, there: 0 })
  expect([...blocksOf(arena, SENDER), ...blocksOf(arena, OTHER)]).toEqual([])
})
