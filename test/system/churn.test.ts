import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import * as E from '../../packages/runtime/src/mailbox/envelope.ts'
import { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { Estate } from '../../packages/runtime/src/system/estate.ts'
import { Seats } from '../../packages/runtime/src/system/seats.ts'

const PAIRS = 10_000
const LIMITS = { bytesMax: 1 << 20, messagesMax: 1_000 }

test('fault 51: the lanes of 10,000 pairs of addresses are given back when both have ended', { timeout: 120_000 }, () => {
  const arena = Arena.create(8, 8 << 20)
  const names = new Names(arena)
  const seats = new Seats(arena)
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) })
  let letters = 0
  const estate = new Estate(arena, names, codec, DEFAULT_LIMITS, {
    seats: () => seats.used(),
    pathOf: String,
    publish: () => letters++,
  })
  const blocks = (): number =>
    Array.from({ length: arena.blocksNow() }, (_, block) => arena.ownerOf(block)).filter((owner) => owner >= 0).length
  for (let i = 0; i < PAIRS; i++) {
    const [a, b] = [seats.open(`/a-${i}`), seats.open(`/b-${i}`)]
    const payload = { bytes: new Uint8Array(i % 10 === 0 ? 40_000 : 100), start: 0, end: i % 10 === 0 ? 40_000 : 100 }
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const outbox = new Outbox(arena, from, LIMITS)
      outbox.resume()
      for (let n = 0; n < 3; n++)
        expect(outbox.push(MESSAGES, to.seat, to.generation, E.TELL, names.idOf('work'), 0, 0, 1, payload)).toBe(PUSHED)
    }
    for (const dead of i % 2 === 0 ? [a, b] : [b, a]) {
      estate.afterIncarnation(dead, { kind: 'killed' })
      estate.endAddress(dead, { kind: 'killed' })
    }
    for (const dead of [a, b]) {
      expect(estate.isSettled(dead)).toBe(true)
      seats.release(dead.seat)
    }
  }
  expect(letters).toBe(6 * PAIRS)
  expect([blocks(), [...seats.used()].length]).toEqual([0, 2])
})
