import { workerData } from 'node:worker_threads'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneProducer, STOPPED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { SEAT_STATE } from '../../packages/runtime/src/queue/layout.ts'
import { GATE_ANSWER, GATE_CLOSING, GATE_OPENED, GATE_PUBLISHED, laneFrom, openGate, PLENTY, RECEIVER, SENDER, waitAtGate } from './rig.ts'

/** A sender that stands still between the publication of its new lane and its second look at the seat. */
const { memory, gates } = workerData as { memory: SharedArrayBuffer; gates: Int32Array }
const arena = Arena.attach(memory)
const seatState = arena.seatWord(RECEIVER, SEAT_STATE)
const { load } = Atomics
let looks = 0
Atomics.load = ((words: Int32Array, index: number) => {
  if (words[0] === arena.words[0] && index === seatState && ++looks === 2) {
    openGate(gates, GATE_PUBLISHED)
    waitAtGate(gates, GATE_CLOSING)
  }
  return load(words, index)
}) as typeof Atomics.load
const opened = LaneProducer.open(arena, laneFrom(SENDER), PLENTY)
gates[GATE_ANSWER] = opened === STOPPED ? 1 : 2
openGate(gates, GATE_OPENED)
