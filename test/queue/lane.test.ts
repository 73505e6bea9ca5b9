import { expect, test } from 'vitest'
import { waitingIn } from '../../packages/runtime/src/queue/lane-closing.ts'
import { EMPTY, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { FULL, NO_MEMORY, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { BLOCK_BYTES, BLOCK_DATA_BYTES, INLINE_BYTES_MAX, RECORD_HEADER_BYTES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import {
  attach,
  blocksOf,
  laneFrom,
  mustPush,
  newArena,
  OTHER,
  open,
  PLENTY,
  patterned,
  push,
  SENDER,
  take,
  takeAll,
  taken,
} from './rig.ts'

const SIZES = [0, 1, 7, 8, 9, 96, 97, INLINE_BYTES_MAX - 1, INLINE_BYTES_MAX, INLINE_BYTES_MAX + 1, BLOCK_BYTES, BLOCK_BYTES + 1, 1_000_003]

test('G2: records of all sizes arrive as they were sent, inline and in runs', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  for (const [i, bytes] of [...SIZES, ...SIZES].entries()) {
    expect(push(producer, patterned(bytes, i), i)).toBe(PUSHED)
    expect(take(consumer)).toEqual(taken(patterned(bytes, i), i))
  }
  expect(take(consumer)).toBe(EMPTY)
})

test('G3: what is queued comes out in the order in which it was pushed, whatever the sizes', () => {
  const arena = newArena()
  const producer = open(arena)
  for (const [i, bytes] of SIZES.entries()) mustPush(producer, patterned(bytes, i), i)
  expect(takeAll(attach(arena)).taken).toEqual(SIZES.map((bytes, i) => taken(patterned(bytes, i), i)))
})

test('G2: a record that is marked when it is done changes nothing that lies in its place by then', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  for (let i = 0; i < 2; i++) mustPush(producer, patterned(8, i), 0)
  const ticket = producer.ticket()
  takeAll(consumer)
  // Wherever one looks for its ordinal, there it is.
  const twos = new Uint8Array(new Int32Array(INLINE_BYTES_MAX / 4).fill(ticket.ordinal).buffer)
  for (let i = 0; i < 20; i++) {
    mustPush(producer, twos, i)
    producer.mark(ticket, 7)
    expect(take(consumer)).toEqual(taken(twos, i))
  }
})

test('a ring is used to its last byte, and what does not fit before its end goes behind a filler', () => {
  for (let rest = 0; rest <= 2 * RECORD_HEADER_BYTES; rest += 8) {
    const arena = newArena()
    const producer = open(arena)
    const consumer = attach(arena)
    // Four records up to `rest` bytes before the end, drained; then one that needs 56 bytes.
    const quarter = BLOCK_DATA_BYTES / 4 - RECORD_HEADER_BYTES
    const lengths = [quarter, quarter, quarter, quarter - rest]
    for (const [i, bytes] of lengths.entries()) mustPush(producer, patterned(bytes, i), i)
    expect(takeAll(consumer).taken).toEqual(lengths.map((bytes, i) => taken(patterned(bytes, i), i)))
    for (let i = 0; i < 5; i++) mustPush(producer, patterned(16, i), i)
    expect(takeAll(consumer).taken).toEqual([0, 1, 2, 3, 4].map((i) => taken(patterned(16, i), i)))
    expect(blocksOf(arena, SENDER)).toHaveLength(1)
  }
})

test('a burst goes through chained rings of twice the size, and the former ones are given back', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  const burst = Array.from({ length: 2_000 }, (_, i) => patterned(i % 400, i))
  for (const [i, payload] of burst.entries()) mustPush(producer, payload, i)
  expect(blocksOf(arena, SENDER).length).toBeGreaterThan(3)
  expect(takeAll(consumer).taken).toEqual(burst.map(taken))
  const before = blocksOf(arena, SENDER).length
  producer.collect()
  const after = blocksOf(arena, SENDER).length
  expect(after).toBeLessThan(before)
  expect(after & (after - 1)).toBe(0)
})

test('a chained ring starts with a record that the ring before it had no room for', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  const record = INLINE_BYTES_MAX
  const perRing = Math.floor(BLOCK_DATA_BYTES / (record + RECORD_HEADER_BYTES))
  for (let i = 0; i < perRing; i++) mustPush(producer, patterned(record, i), i)
  expect(blocksOf(arena, SENDER)).toHaveLength(1)
  mustPush(producer, patterned(record, perRing), perRing)
  expect(blocksOf(arena, SENDER)).toHaveLength(3)
  for (let i = 0; i <= perRing; i++) expect(take(consumer)).toEqual(taken(patterned(record, i), i))
  producer.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(2)
})

test('G14: a lane takes so many records and no more; one done makes room for one', () => {
  const arena = newArena()
  const producer = open(arena, { limits: { ...PLENTY, messagesMax: 3 } })
  const consumer = attach(arena)
  for (let round = 0; round < 500; round++) {
    while (push(producer, patterned(100, 0)) === PUSHED);
    expect(waitingIn(arena, laneFrom(SENDER))).toBe(3)
    expect(push(producer, patterned(100, 0))).toBe(FULL)
    expect(consumer.next()).toBe(RECORD)
    consumer.begin()
    // Begun is not done: it still counts.
    expect(push(producer, patterned(100, 0))).toBe(FULL)
    consumer.done()
    expect(push(producer, patterned(100, 0))).toBe(PUSHED)
  }
})

test('G14: a lane takes so many bytes and no more, in rings and in runs, and all of it comes back', () => {
  for (const bytes of [200, INLINE_BYTES_MAX, 3 * BLOCK_BYTES]) {
    const arena = newArena(4_096)
    const bytesMax = 16 * BLOCK_BYTES
    const producer = open(arena, { limits: { ...PLENTY, bytesMax } })
    const consumer = attach(arena)
    for (let round = 0; round < 3; round++) {
      let pushed = 0
      while (push(producer, patterned(bytes, pushed), pushed) === PUSHED) pushed++
      expect(push(producer, patterned(bytes, 0))).toBe(FULL)
      expect(blocksOf(arena, SENDER).length * BLOCK_DATA_BYTES).toBeLessThanOrEqual(bytesMax + 2 * BLOCK_BYTES)
      expect(takeAll(consumer).taken.map(({ stamp }) => stamp)).toEqual(Array.from({ length: pushed }, (_, i) => i))
      producer.collect()
    }
  }
})

test('one message above the limit of a lane still goes through when nothing waits', () => {
  const arena = newArena()
  const producer = open(arena, { limits: { ...PLENTY, bytesMax: BLOCK_BYTES } })
  mustPush(producer, patterned(20 * BLOCK_BYTES, 1), 1)
  expect(push(producer, patterned(20 * BLOCK_BYTES, 2), 2)).toBe(FULL)
  expect(take(attach(arena))).toEqual(taken(patterned(20 * BLOCK_BYTES, 1), 1))
})

test('G14: a large payload in progress does not wait: whoever has its reply may send the next before it is done', () => {
  const arena = newArena()
  const producer = open(arena, { limits: { ...PLENTY, bytesMax: 8 * BLOCK_BYTES } })
  const consumer = attach(arena)
  const large = patterned(20 * BLOCK_BYTES, 1)
  mustPush(producer, large, 1)
  expect(push(producer, large, 2)).toBe(FULL)
  for (let round = 1; round <= 50; round++) {
    expect(consumer.next()).toBe(RECORD)
    consumer.begin()
    expect(push(producer, large, round + 1)).toBe(PUSHED)
    // That one waits.
    expect(push(producer, large, 0)).toBe(FULL)
    consumer.done()
    expect(push(producer, large, 0)).toBe(FULL)
  }
  expect(takeAll(consumer).taken).toEqual([taken(large, 51)])
  producer.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(1)
})

test('a run is given back when its record is done, and not before', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  mustPush(producer, patterned(3 * BLOCK_BYTES, 1), 1)
  mustPush(producer, patterned(2 * BLOCK_BYTES, 2), 2)
  expect(blocksOf(arena, SENDER)).toHaveLength(6)
  consumer.next()
  consumer.begin()
  producer.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(6)
  consumer.done()
  producer.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(3)
  expect(take(consumer)).toEqual(taken(patterned(2 * BLOCK_BYTES, 2), 2))
  producer.collect()
  expect(blocksOf(arena, SENDER)).toHaveLength(1)
})

test('runs of a ring that was left behind are given back with it', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  for (let i = 0; i < 900; i++) mustPush(producer, patterned(i % 100 === 0 ? BLOCK_BYTES : 300, i), i)
  expect(takeAll(consumer).taken).toHaveLength(900)
  producer.collect()
  const blocks = blocksOf(arena, SENDER).length
  expect(blocks & (blocks - 1)).toBe(0)
})

test('G14: NO_MEMORY when the arena is used up, and everything works again when there is room', () => {
  const arena = newArena(64)
  const producer = open(arena)
  const other = open(arena, { lane: laneFrom(OTHER) })
  let pushed = 0
  while (push(producer, patterned(BLOCK_BYTES, pushed), pushed) === PUSHED) pushed++
  expect(push(producer, patterned(BLOCK_BYTES, 0))).toBe(NO_MEMORY)
  expect(push(other, patterned(BLOCK_BYTES, 0))).toBe(NO_MEMORY)
  // What still fits into a ring is taken, and a refusal has left nothing behind.
  mustPush(other, patterned(10, 9), 9)
  expect(blocksOf(arena, SENDER).length + blocksOf(arena, OTHER).length).toBeLessThanOrEqual(64)
  expect(takeAll(attach(arena)).taken).toHaveLength(pushed)
  producer.collect()
  expect(push(other, patterned(BLOCK_BYTES, 1), 1)).toBe(PUSHED)
  expect(takeAll(attach(arena, laneFrom(OTHER))).taken.map(({ stamp }) => stamp)).toEqual([9, 1])
})

test('G8: the end of the arena is kept for replies', () => {
  const arena = newArena(64)
  const messages = open(arena)
  while (push(messages, patterned(BLOCK_BYTES, 0)) === PUSHED);
  expect(arena.claim(SENDER, 1, messages.lane.kind)).toBe(-1)
  const replies = open(arena, { lane: laneFrom(OTHER, REPLIES) })
  mustPush(replies, patterned(100, 5), 5)
  mustPush(replies, patterned(BLOCK_BYTES, 6), 6)
  expect(takeAll(attach(arena, laneFrom(OTHER, REPLIES))).taken).toEqual([taken(patterned(100, 5), 5), taken(patterned(BLOCK_BYTES, 6), 6)])
})

test('a run that finds room, in a lane whose ring then finds none, is given back', () => {
  const arena = newArena()
  const producer = open(arena, { limits: { bytesMax: BLOCK_BYTES, messagesMax: PLENTY.messagesMax } })
  while (push(producer, patterned(2_000, 0)) === PUSHED);
  while (push(producer, patterned(0, 0)) === PUSHED);
  const before = blocksOf(arena, SENDER).length
  expect(push(producer, patterned(BLOCK_BYTES, 0))).toBe(FULL)
  expect(blocksOf(arena, SENDER)).toHaveLength(before)
})

test('two senders, two kinds: each lane is its own', () => {
  const arena = newArena()
  const lanes = [laneFrom(SENDER), laneFrom(OTHER), laneFrom(SENDER, REPLIES), laneFrom(OTHER, REPLIES)]
  const producers = lanes.map((lane) => open(arena, { lane }))
  const consumers = lanes.map((lane) => attach(arena, lane))
  for (let i = 0; i < 300; i++) for (const [p, producer] of producers.entries()) mustPush(producer, patterned(i, p), p * 1_000 + i)
  consumers.forEach((consumer, p) => {
    expect(takeAll(consumer).taken.map(({ stamp }) => stamp)).toEqual(Array.from({ length: 300 }, (_, i) => p * 1_000 + i))
  })
})

const NEAR_WRAPS = { 'the end of positive numbers': 0x7fff_ffff & ~7, 'the wrap to 0': -8, 'just before it': (0x7fff_ffff & ~7) - 4_096 }

for (const [where, startAt] of Object.entries(NEAR_WRAPS)) {
  test(`positions pass ${where} without a trace`, () => {
    const arena = newArena()
    const producer = open(arena, { startAt })
    const consumer = attach(arena)
    for (let round = 0; round < 40; round++) {
      const batch = Array.from({ length: 7 }, (_, i) => patterned((round * 97 + i * 311) % 1_500, i))
      for (const [i, payload] of batch.entries()) mustPush(producer, payload, i)
      expect(waitingIn(arena, laneFrom(SENDER))).toBe(7)
      expect(takeAll(consumer).taken).toEqual(batch.map(taken))
    }
    expect(blocksOf(arena, SENDER)).toHaveLength(1)
  })
}
