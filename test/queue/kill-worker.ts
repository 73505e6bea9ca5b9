import { workerData } from 'node:worker_threads'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import {
  FAULT,
  HANDLED,
  IDLE,
  INCARNATIONS_MAX,
  type KillBoot,
  LAST,
  LIMITS,
  laneOf,
  messageOf,
  payloadOf,
  READY,
  RECEIVER,
  SENT,
  torn,
} from './kill-parts.ts'

const { memory, facts, role, seat, incarnation } = workerData as KillBoot
const arena = Arena.attach(memory)

/** Pushes as fast as it can, and says what was accepted: only after it was, so a kill in between hides one at most. */
function produce(): never {
  const producer = LaneProducer.open(arena, laneOf(seat), LIMITS)
  if (typeof producer === 'number') throw new Error(`not opened: ${producer}`)
  const sent = SENT + seat * INCARNATIONS_MAX + incarnation
  Atomics.store(facts, READY + seat, incarnation)
  for (let n = 1; ; n++) {
    const payload = payloadOf(seat, incarnation, n)
    while (producer.reserve(payload.length) !== PUSHED) pause()
    messageOf(producer, incarnation, n)
    producer.payload.set(payload, producer.payloadAt)
    if (producer.commit() !== PUSHED) throw new Error('stopped')
    Atomics.store(facts, sent, n)
  }
}

/** Handles what comes: checks it, and says so before it is done. */
function consume(): never {
  const lanes: (LaneConsumer | undefined)[] = []
  Atomics.store(facts, READY + seat, incarnation)
  for (let round = 0; ; round++) {
    for (const sender of [2, 3]) {
      const lane = (lanes[sender] ??= LaneConsumer.attach(arena, MESSAGES, RECEIVER, 1, sender))
      for (let i = 0; lane !== undefined && i < 16; i++) {
        const found = lane.next()
        if (found !== RECORD) {
          if (found !== 0) Atomics.store(facts, FAULT, 1_000 + found)
          break
        }
        const fault = torn(lane)
        lane.begin()
        if (fault !== 0) Atomics.store(facts, FAULT, fault)
        Atomics.store(facts, HANDLED + sender * INCARNATIONS_MAX + lane.words[lane.envelopeAt]!, lane.words[lane.envelopeAt + 1]!)
        expectNext(sender, lane)
        lane.done()
      }
    }
    if (round % 64 === 0) pause()
  }
}

/** Within an incarnation of the sender n counts up by one. Kept in shared memory: it must hold across our own deaths too. */
function expectNext(sender: number, lane: LaneConsumer): void {
  const last = LAST + sender * 2
  const [from, n] = [lane.words[lane.envelopeAt]!, lane.words[lane.envelopeAt + 1]!]
  const isNext = from === facts[last] ? n === facts[last + 1]! + 1 : from > facts[last]! && n === 1
  if (!isNext) Atomics.store(facts, FAULT, 2_000 + sender)
  facts[last + 1] = n
  facts[last] = from
}

function pause(): void {
  Atomics.wait(facts, IDLE, 0, 0.05)
}

if (role === 'producer') produce()
else consume()
