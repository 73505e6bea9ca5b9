import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { clearCell, sealLane } from '../../packages/runtime/src/queue/lane-closing.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES, SEALED_NEXT } from '../../packages/runtime/src/queue/layout.ts'
import { bundled } from './bundle.ts'
import {
  endReceiver,
  GATE_ANSWER,
  GATE_CLOSING,
  GATE_OPENED,
  GATE_PUBLISHED,
  laneFrom,
  newArena,
  OTHER,
  openGate,
  PLENTY,
  patterned,
  push,
  RECEIVER,
  SENDER,
  waitAtGate,
} from './rig.ts'

test('G1: the closer touches no lane but the one it closes, also when that is being opened at the same moment', async () => {
  const arena = newArena(64)
  const gates = new Int32Array(new SharedArrayBuffer(16))
  const worker = new Worker(await bundled('./closing-race-worker.ts'), { workerData: { memory: arena.memory, gates } })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  waitAtGate(gates, GATE_PUBLISHED)

  endReceiver(arena)
  let stranger: LaneProducer | undefined
  const { compareExchange } = Atomics
  Atomics.compareExchange = ((words: Int32Array, index: number, expected: number, value: number) => {
    if (value === SEALED_NEXT && stranger === undefined) {
      // The closer has found the segment. The sender sees that the address has ended, and its block goes to somebody else.
      openGate(gates, GATE_CLOSING)
      waitAtGate(gates, GATE_OPENED)
      stranger = LaneProducer.open(arena, { ...laneFrom(OTHER), receiver: SENDER }, PLENTY) as LaneProducer
    }
    return compareExchange(words, index, expected, value)
  }) as typeof Atomics.compareExchange
  try {
    sealLane(arena, laneFrom(SENDER))
  } finally {
    Atomics.compareExchange = compareExchange
  }
  clearCell(arena, MESSAGES, RECEIVER, SENDER)
  await ended

  expect(gates[GATE_ANSWER]).toBe(1)
  expect(push(stranger!, patterned(10, 1), 1)).toBe(PUSHED)
})
