import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import * as E from '../../packages/runtime/src/mailbox/envelope.ts'
import { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { Estate } from '../../packages/runtime/src/system/estate.ts'
import { Seats } from '../../packages/runtime/src/system/seats.ts'

test('G5: an incarnation that ends before it begins anything uses up no attempt of what waits to be begun again', () => {
  const arena = Arena.create(8, 8 << 20)
  const names = new Names(arena)
  const seats = new Seats(arena)
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) })
  const letters: string[] = []
  const estate = new Estate(arena, names, codec, DEFAULT_LIMITS, {
    seats: () => seats.used(),
    pathOf: String,
    publish: ({ why }) => void letters.push(why),
  })
  const [sender, receiver] = [seats.open('/sender'), seats.open('/receiver')]
  const outbox = new Outbox(arena, sender, { bytesMax: 1 << 20, messagesMax: 10 })
  outbox.resume()
  const payload = { bytes: new Uint8Array(4), start: 0, end: 4 }
  outbox.push(MESSAGES, receiver.seat, receiver.generation, E.TELL, names.idOf('work'), 0, 0, 1, payload)

  /** What the next incarnation finds. */
  const attempt = (): number => {
    const consumer = LaneConsumer.attach(arena, MESSAGES, receiver.seat, receiver.generation, sender.seat)!
    expect(consumer.next()).toBe(RECORD)
    return E.readEnvelope(consumer).attempt
  }
  const begin = (): void => {
    const consumer = LaneConsumer.attach(arena, MESSAGES, receiver.seat, receiver.generation, sender.seat)!
    consumer.next()
    consumer.begin()
  }
  const die = (): void => estate.afterIncarnation(receiver, { kind: 'killed' }, 2)

  begin()
  die()
  expect(attempt()).toBe(1)
  // These die at their start.
  for (let i = 0; i < 5; i++) die()
  expect(attempt()).toBe(1)
  begin()
  die()
  expect([attempt(), letters]).toEqual([2, []])
  begin()
  die()
  expect(letters).toEqual(['crashed'])
})
