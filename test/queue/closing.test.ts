import { expect, test } from 'vitest'
import { clearCell, sealLane, sentUpTo } from '../../packages/runtime/src/queue/lane-closing.ts'
import { EMPTY, FINISHED, LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer, PUSHED, STOPPED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { BLOCK_BYTES, MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { hasLane, markSwept, openSeat } from '../../packages/runtime/src/queue/seat.ts'
import { isSeatOpen } from '../../packages/runtime/src/queue/segment.ts'
import {
  attach,
  blocksOf,
  endReceiver,
  GENERATION,
  laneFrom,
  mustPush,
  newArena,
  open,
  PLENTY,
  patterned,
  push,
  RECEIVER,
  reclaim,
  SENDER,
  take,
  takeAll,
} from './rig.ts'

const lane = laneFrom(SENDER)

test('G1: every record is either read by the sweep or refused to its sender, wherever the lane is sealed', () => {
  for (let before = 0; before <= 12; before++) {
    for (const bytes of [100, 4_000, 2 * BLOCK_BYTES]) {
      for (const isReserved of [false, true]) {
        const arena = newArena()
        const producer = open(arena)
        for (let i = 0; i < before; i++) mustPush(producer, patterned(bytes, i), i)
        if (isReserved) expect(producer.reserve(bytes)).toBe(PUSHED)
        endReceiver(arena)
        sealLane(arena, lane)
        if (isReserved) expect(producer.commit()).toBe(STOPPED)
        expect(push(producer, patterned(bytes, 99), 99)).toBe(STOPPED)
        expect(producer.isStopped()).toBe(true)
        const swept = takeAll(attach(arena))
        expect(swept.last).toBe(FINISHED)
        expect(swept.taken.map(({ stamp }) => stamp)).toEqual(Array.from({ length: before }, (_, i) => i))
        expect(producer.release()).toBe(false)
        clearCell(arena, MESSAGES, RECEIVER, SENDER)
        expect(producer.release()).toBe(false)
        markSwept(arena, RECEIVER, GENERATION)
        expect(producer.release()).toBe(true)
        expect(blocksOf(arena, SENDER)).toEqual([])
      }
    }
  }
})

test('G1: sealing twice changes nothing, and a lane that is not there is no matter', () => {
  const arena = newArena()
  sealLane(arena, lane)
  const producer = open(arena)
  mustPush(producer, patterned(10, 1), 1)
  sealLane(arena, lane)
  const position = sentUpTo(arena, lane)
  sealLane(arena, lane)
  expect(sentUpTo(arena, lane)).toEqual(position)
  expect(takeAll(attach(arena)).last).toBe(FINISHED)
})

test('a new incarnation of the sender learns from the lane that the address has ended', () => {
  const arena = newArena()
  mustPush(open(arena), patterned(10, 1), 1)
  endReceiver(arena)
  sealLane(arena, lane)
  const resumed = open(arena)
  expect(push(resumed, patterned(10, 2))).toBe(STOPPED)
  clearCell(arena, MESSAGES, RECEIVER, SENDER)
  expect(LaneProducer.open(arena, lane, PLENTY)).toBe(STOPPED)
})

test('no lane is opened to an address that has ended, and none to one that came after it', () => {
  const arena = newArena()
  endReceiver(arena)
  expect(LaneProducer.open(arena, lane, PLENTY)).toBe(STOPPED)
  expect(openSeat(arena, RECEIVER)).toBe(GENERATION + 1)
  expect(isSeatOpen(arena, RECEIVER, GENERATION)).toBe(false)
  expect(LaneProducer.open(arena, lane, PLENTY)).toBe(STOPPED)
  expect(hasLane(arena, MESSAGES, RECEIVER, SENDER)).toBe(false)
  expect(blocksOf(arena, SENDER)).toEqual([])
  const next = laneFrom(SENDER, MESSAGES, GENERATION + 1)
  mustPush(open(arena, { lane: next }), patterned(10, 1), 1)
  expect(LaneConsumer.attach(arena, MESSAGES, RECEIVER, GENERATION, SENDER)).toBeUndefined()
  expect(takeAll(attach(arena, next)).taken).toHaveLength(1)
})

test('what is left in a cell by an earlier address of either seat is nobody’s', () => {
  for (const next of [laneFrom(SENDER, MESSAGES, GENERATION + 1), laneFrom(SENDER, MESSAGES, GENERATION, GENERATION + 1)]) {
    const arena = newArena()
    mustPush(open(arena), patterned(10, 1), 1)
    if (next.receiverGeneration > GENERATION) {
      endReceiver(arena)
      openSeat(arena, RECEIVER)
      expect(LaneConsumer.attach(arena, MESSAGES, RECEIVER, next.receiverGeneration, SENDER)).toBeUndefined()
    }
    const producer = open(arena, { lane: next })
    mustPush(producer, patterned(10, 2), 2)
    expect(takeAll(attach(arena, next)).taken.map(({ stamp }) => stamp)).toEqual([2])
    reclaim(arena, SENDER, [next])
    expect(blocksOf(arena, SENDER)).toHaveLength(1)
  }
})

test('G9: a dead sender’s lane is finished when all is done, and its cell is free then', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  for (let i = 0; i < 40; i++) mustPush(producer, patterned(1_000, i), i)
  const target = sentUpTo(arena, lane)!
  sealLane(arena, lane)
  for (let i = 0; i < 40; i++) {
    expect(consumer.hasBegun(target)).toBe(false)
    expect(consumer.next()).toBe(RECORD)
    consumer.begin()
    expect(consumer.hasBegun(target)).toBe(i === 39)
    consumer.done()
  }
  expect(consumer.hasBegun(target)).toBe(true)
  expect(consumer.next()).toBe(FINISHED)
  expect(consumer.isCurrent()).toBe(true)
  consumer.detach()
  expect(hasLane(arena, MESSAGES, RECEIVER, SENDER)).toBe(false)
  expect(consumer.isCurrent()).toBe(false)
  reclaim(arena, SENDER, [])
  expect(blocksOf(arena, SENDER)).toEqual([])
})

test('a consumer that is finished does not take the cell from the address that came after', () => {
  const arena = newArena()
  open(arena)
  const consumer = attach(arena)
  sealLane(arena, lane)
  expect(consumer.next()).toBe(FINISHED)
  const next = laneFrom(SENDER, MESSAGES, GENERATION, GENERATION + 1)
  clearCell(arena, MESSAGES, RECEIVER, SENDER)
  mustPush(open(arena, { lane: next }), patterned(10, 2), 2)
  consumer.detach()
  expect(hasLane(arena, MESSAGES, RECEIVER, SENDER)).toBe(true)
  expect(takeAll(attach(arena, next)).taken).toHaveLength(1)
})

test('G9: hasBegun compares places in a lane that has passed the wrap, and in a chain', () => {
  const arena = newArena()
  const producer = open(arena, { startAt: -64 })
  const consumer = attach(arena)
  const targets = Array.from({ length: 60 }, (_, i) => {
    mustPush(producer, patterned(900, i), i)
    return sentUpTo(arena, lane)!
  })
  for (let i = 0; i < 60; i++) {
    expect(targets.map((target) => consumer.hasBegun(target))).toEqual(targets.map((_, t) => t < i))
    take(consumer)
  }
  expect(take(consumer)).toBe(EMPTY)
})
