import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { BLOCK_BYTES, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { markReady, noteSender, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import { blocksOf, newArena, OTHER, RECEIVER, SENDER } from './rig.ts'

test('blocks in a row are all of one owner, and nobody else gets them', () => {
  const arena = newArena(256)
  const owned = new Map<number, number>()
  void fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(SENDER, OTHER), fc.integer({ min: 1, max: 9 }), fc.boolean()), { maxLength: 40 }),
      (steps) => {
        const held: { seat: number; first: number; count: number }[] = []
        for (const [seat, count, isFree] of steps) {
          const back = isFree ? held.shift() : undefined
          if (back !== undefined) {
            arena.free(back.seat, back.first, back.count)
            for (let i = 0; i < back.count; i++) owned.delete(back.first + i)
            continue
          }
          const first = arena.claim(seat, count, MESSAGES)
          if (first < 0) continue
          held.push({ seat, first, count })
          for (let i = 0; i < count; i++) {
            expect(owned.has(first + i)).toBe(false)
            owned.set(first + i, seat)
          }
        }
        for (const seat of [SENDER, OTHER])
          expect(blocksOf(arena, seat)).toEqual(
            [...owned]
              .filter(([, of]) => of === seat)
              .map(([block]) => block)
              .sort((a, b) => a - b),
          )
        for (const { seat, first, count } of held) arena.free(seat, first, count)
        owned.clear()
      },
    ),
    { numRuns: 200 },
  )
})

test('a claim that meets a block in use gives back what it had taken', () => {
  const arena = newArena(64)
  for (let i = 0; i < 3; i++) expect(arena.claim(SENDER, 1, MESSAGES)).toBe(i)
  arena.free(SENDER, 0, 2)
  expect(arena.claim(OTHER, 3, MESSAGES)).toBe(3)
  expect(blocksOf(arena, OTHER)).toEqual([3, 4, 5])
  expect(arena.claim(OTHER, 2, MESSAGES)).toBe(0)
})

test('G14: the arena grows to its budget and not further, and messages leave the reserve to replies', () => {
  const arena = newArena(200)
  expect(arena.blocksNow()).toBe(0)
  const messages = Array.from({ length: 300 }, () => arena.claim(SENDER, 1, MESSAGES)).filter((block) => block >= 0)
  expect(messages).toHaveLength(200 - arena.layout.replyReserve)
  const replies = Array.from({ length: 300 }, () => arena.claim(OTHER, 1, REPLIES)).filter((block) => block >= 0)
  expect(replies).toHaveLength(arena.layout.replyReserve)
  expect(arena.memory.byteLength).toBe(arena.layout.blocksAtByte + 200 * BLOCK_BYTES)
  expect(new Set([...messages, ...replies]).size).toBe(200)
})

test('a claim of more blocks than there are is refused, and has claimed none', () => {
  const arena = newArena(100)
  expect(arena.claim(SENDER, 101, MESSAGES)).toBe(-1)
  expect(blocksOf(arena, SENDER)).toEqual([])
  expect(arena.claim(SENDER, 100 - arena.layout.replyReserve, MESSAGES)).toBe(0)
})

test('what another thread has grown or freed is found', () => {
  const arena = newArena(512)
  const elsewhere = Arena.attach(arena.memory)
  const all = Array.from({ length: 100 }, () => elsewhere.claim(OTHER, 1, MESSAGES))
  expect(arena.claim(SENDER, 1, MESSAGES)).toBe(100)
  elsewhere.free(OTHER, all[7]!, 1)
  while (arena.claim(SENDER, 1, MESSAGES) >= 0);
  expect(blocksOf(arena, SENDER)).toContain(7)
})

test('an arena of another version is refused', () => {
  expect(() => Arena.attach(new SharedArrayBuffer(1_024))).toThrow(/arena of another version/)
})

test('ready bits: each sender is taken once, and bit 31 is a sender like the others', () => {
  const arena = Arena.create(200, 64 * BLOCK_BYTES)
  const senders = [0, 1, 30, 31, 32, 63, 64, 127, 199]
  for (const sender of senders) noteSender(arena, sender)
  for (const sender of [...senders, ...senders]) markReady(arena, MESSAGES, RECEIVER, sender)
  const into: number[] = []
  takeReady(arena, REPLIES, RECEIVER, into)
  takeReady(arena, MESSAGES, RECEIVER + 1, into)
  expect(into).toEqual([])
  takeReady(arena, MESSAGES, RECEIVER, into)
  expect(into).toEqual(senders)
  takeReady(arena, MESSAGES, RECEIVER, into)
  expect(into).toEqual(senders)
})

test('what a seat does not own it cannot give back', () => {
  const arena = newArena(64)
  expect(arena.claim(SENDER, 2, MESSAGES)).toBe(0)
  arena.free(OTHER, 0, 2)
  expect(blocksOf(arena, SENDER)).toEqual([0, 1])
})
