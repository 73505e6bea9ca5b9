import { expect, test } from 'vitest'
import { wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { EMPTY, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { FULL, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { BLOCK_BYTES, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { hasReady, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import { prepareSeat } from '../../packages/runtime/src/queue/seat.ts'
import {
  attach,
  blocksOf,
  laneFrom,
  look,
  mustPush,
  newArena,
  OTHER,
  open,
  PLENTY,
  patterned,
  push,
  RECEIVER,
  reclaim,
  SENDER,
  take,
  takeAll,
  taken,
} from './rig.ts'

const lane = laneFrom(SENDER)

test('G3: a new incarnation of the sender goes on where the old one was killed, at every number of records', () => {
  for (const startAt of [0, 0x7fff_ffff & ~7, -8, -16_000]) {
    for (let done = 0; done <= 6; done++) {
      const arena = newArena()
      const old = open(arena, { startAt })
      const consumer = attach(arena)
      for (let i = 0; i < 6; i++) mustPush(old, patterned(3_000, i), i)
      for (let i = 0; i < done; i++) take(consumer)
      // Killed after it had reserved: the bytes are there, and nobody sees them.
      expect(old.reserve(100)).toBe(PUSHED)
      old.payload.fill(0xff, old.payloadAt, old.payloadAt + 100)
      const next = open(arena)
      for (let i = 6; i < 12; i++) mustPush(next, patterned(3_000, i), i)
      expect(takeAll(consumer)).toEqual({
        taken: Array.from({ length: 12 - done }, (_, i) => taken(patterned(3_000, done + i), done + i)),
        last: EMPTY,
      })
    }
  }
})

test('G14: what an earlier incarnation has waiting counts for the next one', () => {
  const arena = newArena()
  const limits = { ...PLENTY, messagesMax: 10 }
  open(arena, { limits })
  const consumer = attach(arena)
  for (let incarnation = 0; incarnation < 20; incarnation++) {
    const producer = open(arena, { limits })
    let pushed = 0
    while (push(producer, patterned(700, 0)) === PUSHED) pushed++
    expect(pushed).toBe(incarnation === 0 ? 10 : 5)
    for (let i = 0; i < 5; i++) take(consumer)
  }
})

test('a lane of several rings is resumed in the last one, and the ones behind the receiver are given back', () => {
  const arena = newArena()
  const old = open(arena)
  for (let i = 0; i < 100; i++) mustPush(old, patterned(1_000, i), i)
  const consumer = attach(arena)
  for (let i = 0; i < 40; i++) take(consumer)
  reclaim(arena, SENDER, [lane])
  const next = open(arena)
  for (let i = 100; i < 150; i++) mustPush(next, patterned(1_000, i), i)
  expect(takeAll(consumer).taken.map(({ stamp }) => stamp)).toEqual(Array.from({ length: 110 }, (_, i) => 40 + i))
  next.collect()
  const blocks = blocksOf(arena, SENDER).length
  expect(blocks & (blocks - 1)).toBe(0)
})

test('a sender that was killed right after it had chained a ring is resumed in that', () => {
  const arena = newArena()
  const old = open(arena)
  for (let i = 0; i < 3; i++) mustPush(old, patterned(4_000, i), i)
  // Reserves in a new ring, and dies before it commits.
  expect(old.reserve(4_000)).toBe(PUSHED)
  expect(old.reserve(4_000)).toBe(PUSHED)
  const consumer = attach(arena)
  take(consumer)
  const next = open(arena, { limits: { ...PLENTY, messagesMax: 4 } })
  mustPush(next, patterned(10, 3), 3)
  mustPush(next, patterned(10, 4), 4)
  expect(push(next, patterned(10, 5))).toBe(FULL)
  expect(takeAll(consumer).taken.map(({ stamp }) => stamp)).toEqual([1, 2, 3, 4])
})

test('runs that an earlier incarnation has waiting are read, and given back while the next one lives', () => {
  const arena = newArena()
  mustPush(open(arena), patterned(5 * BLOCK_BYTES, 1), 1)
  expect(reclaim(arena, SENDER, [lane])).toBe(0)
  const next = open(arena)
  expect(take(attach(arena))).toEqual(taken(patterned(5 * BLOCK_BYTES, 1), 1))
  mustPush(next, patterned(10, 2), 2)
  next.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(1)
})

test('G5: what the receiver had begun is known after its death; what it had only seen is handled by the next incarnation', () => {
  const arena = newArena()
  const producer = open(arena)
  for (let i = 0; i < 3; i++) mustPush(producer, patterned(50, i), i)
  const first = attach(arena)
  expect(first.next()).toBe(RECORD)
  expect(wasBegun(arena, lane)).toBe(false)
  const second = attach(arena)
  expect(look(second)).toEqual(taken(patterned(50, 0), 0))
  second.begin()
  expect(wasBegun(arena, lane)).toBe(true)
  // The control side settles it.
  const settler = attach(arena)
  expect(look(settler)).toEqual(taken(patterned(50, 0), 0))
  settler.done()
  expect(wasBegun(arena, lane)).toBe(false)
  expect(takeAll(attach(arena)).taken.map(({ stamp }) => stamp)).toEqual([1, 2])
})

test('G5: begun is told apart from done when the record sits behind a filler or in a new ring', () => {
  for (const count of [3, 4, 5]) {
    const arena = newArena()
    const producer = open(arena)
    for (let i = 0; i < count; i++) mustPush(producer, patterned(4_000, i), i)
    for (let i = 0; i < count; i++) {
      const consumer = attach(arena)
      consumer.next()
      expect(wasBegun(arena, lane)).toBe(false)
      consumer.begin()
      expect(wasBegun(arena, lane)).toBe(true)
      consumer.done()
      expect(wasBegun(arena, lane)).toBe(false)
    }
  }
})

test('D1: blocks of a dead sender are kept exactly as long as a lane reaches them', () => {
  const arena = newArena()
  const old = open(arena)
  const stranger = open(arena, { lane: laneFrom(OTHER) })
  mustPush(stranger, patterned(2 * BLOCK_BYTES, 9), 9)
  for (let i = 0; i < 30; i++) mustPush(old, patterned(i % 10 === 0 ? 2 * BLOCK_BYTES : 1_000, i), i)
  // Killed with a run and a ring claimed, and nothing published.
  expect(old.reserve(3 * BLOCK_BYTES)).toBe(PUSHED)
  arena.claim(SENDER, 4, MESSAGES)
  const consumer = attach(arena)
  for (let i = 0; i < 18; i++) take(consumer)
  // Three of the run that was not committed, four claimed, the first ring, and the runs of records 0 and 10.
  const before = blocksOf(arena, SENDER).length
  expect(reclaim(arena, SENDER, [lane])).toBe(3 + 4 + 1 + 2 * 2)
  expect(blocksOf(arena, SENDER)).toHaveLength(before - 12)
  expect(blocksOf(arena, OTHER)).toHaveLength(3)
  expect(takeAll(consumer).taken.map(({ stamp }) => stamp)).toEqual(Array.from({ length: 12 }, (_, i) => 18 + i))
  expect(reclaim(arena, SENDER, [])).toBe(before - 12)
  expect(blocksOf(arena, SENDER)).toEqual([])
})

test('a new incarnation of the receiver finds every lane that may hold something, and is not dying', () => {
  const arena = newArena()
  mustPush(open(arena), patterned(10, 1), 1)
  open(arena, { lane: laneFrom(OTHER, REPLIES) })
  prepareSeat(arena, RECEIVER, [SENDER, OTHER])
  const into: number[] = []
  takeReady(arena, MESSAGES, RECEIVER, into)
  expect(into).toEqual([SENDER])
  expect(hasReady(arena, REPLIES, RECEIVER)).toBe(true)
})
