import { expect, test } from 'vitest'
import type { Encoded } from '../../packages/runtime/src/codec/encoded.ts'
import { ASK, CANCELLED, TELL } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import type { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { clearCell, sealLane } from '../../packages/runtime/src/queue/lane-closing.ts'
import { EMPTY, LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { PUSHED, type PushResult, STOPPED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { BLOCK_BYTES, MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { hasLane, markSwept } from '../../packages/runtime/src/queue/seat.ts'
import {
  blocksOf,
  endReceiver,
  GENERATION,
  laneFrom,
  newArena,
  OTHER,
  open,
  PLENTY,
  patterned,
  RECEIVER,
  SENDER,
  summaryOf,
  takeAll,
} from '../queue/rig.ts'

const run = patterned(3 * BLOCK_BYTES, 1)

/** `meanwhile`: what another thread does after the record is reserved and before it is committed. */
function payloadOf(bytes: Uint8Array, meanwhile: () => void = () => {}): Encoded {
  return {
    start: 0,
    end: bytes.length,
    get bytes() {
      meanwhile()
      return bytes
    },
  }
}

function tell(outbox: Outbox, receiver: number, payload: Encoded): PushResult {
  return outbox.push(MESSAGES, receiver, GENERATION, TELL, 0, 1, 0, 0, payload)
}

function newOutbox(arena: Arena): Outbox {
  return new Outbox(arena, { seat: SENDER, generation: GENERATION }, PLENTY)
}

/** As the control side does it once all is read. */
function sweep(arena: Arena): void {
  clearCell(arena, MESSAGES, RECEIVER, SENDER)
  markSwept(arena, RECEIVER, GENERATION)
}

test('G2: who sends again and again to an address that is ending gives its memory back once', () => {
  const arena = newArena()
  const outbox = newOutbox(arena)
  expect(tell(outbox, OTHER, payloadOf(run))).toBe(PUSHED)
  for (let i = 0; i < 3; i++) expect(tell(outbox, RECEIVER, payloadOf(run))).toBe(PUSHED)
  endReceiver(arena)
  sealLane(arena, laneFrom(SENDER))
  expect(tell(outbox, RECEIVER, payloadOf(run))).toBe(STOPPED)
  expect(
    tell(
      outbox,
      RECEIVER,
      payloadOf(run, () => sweep(arena)),
    ),
  ).toBe(STOPPED)
  // What was freed is in use again.
  for (let i = 0; i < 5; i++) expect(tell(outbox, OTHER, payloadOf(run))).toBe(PUSHED)
  outbox.collect()
  const other = LaneConsumer.attach(arena, MESSAGES, OTHER, GENERATION, SENDER)!
  const { taken, last } = takeAll(other)
  expect(last).toBe(EMPTY)
  expect(taken.map(({ payload }) => payload)).toEqual(Array.from({ length: 6 }, () => summaryOf(run)))
})

test('G1: what was opened too late, by a sender that died before it could take it back, accepts nothing', () => {
  const arena = newArena()
  // The closer had passed its cell already.
  open(arena)
  endReceiver(arena)
  const outbox = newOutbox(arena)
  outbox.resume()
  expect(tell(outbox, RECEIVER, payloadOf(run))).toBe(STOPPED)
  expect(blocksOf(arena, SENDER)).toHaveLength(1)
  markSwept(arena, RECEIVER, GENERATION)
  outbox.collect()
  expect(hasLane(arena, MESSAGES, RECEIVER, SENDER)).toBe(false)
  expect(blocksOf(arena, SENDER)).toEqual([])
  expect(tell(outbox, RECEIVER, payloadOf(run))).toBe(STOPPED)
})

test('G1: what somebody has sent who was told of an ask is not cancelled in its place', () => {
  const arena = newArena()
  const outbox = newOutbox(arena)
  const asked = (correlation: number): PushResult => outbox.push(MESSAGES, RECEIVER, GENERATION, ASK, 0, correlation, 0, 0, payloadOf(run))
  const kinds: number[] = []
  asked(5)
  outbox.cancelLast(RECEIVER, 5)()
  asked(6)
  tell(outbox, RECEIVER, payloadOf(run))
  outbox.cancelLast(RECEIVER, 6)()
  const lane = LaneConsumer.attach(arena, MESSAGES, RECEIVER, GENERATION, SENDER)!
  for (; lane.next() === RECORD; lane.done()) kinds.push(lane.firstWordNow())
  expect(kinds).toEqual([CANCELLED, ASK, TELL])
})
