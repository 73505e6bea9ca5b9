import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { CORRUPT, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import {
  BLOCK_DATA_BYTES,
  RECORD_LENGTH,
  RECORD_ORDINAL,
  RECORD_PAYLOAD_BYTES,
  RECORD_RUN,
  SEAT_WAIT,
  SEGMENT_TAIL,
  WANTS_MESSAGES,
} from '../../packages/runtime/src/queue/layout.ts'
import { Parking } from '../../packages/runtime/src/queue/parking.ts'
import { bundled } from './bundle.ts'
import { SCRIBBLES, VICTIMS } from './hostile-cases.ts'
import { attach, look, mustPush, newArena, open, patterned, RECEIVER, take, taken } from './rig.ts'

/** How long a thread may take for what takes microseconds. Only what hangs is ended by this. */
const HANGS_MS = 2_000

for (const victim of Object.keys(VICTIMS)) {
  test(`inputs 25 and 26: ${victim} survives a sender that scribbles over its lane, and the others go on`, async () => {
    const file = await bundled('./hostile-worker.ts')
    const faults: string[] = []
    let worker = new Worker(file)
    for (const [scribble, { what }] of SCRIBBLES.entries()) {
      const found = await answerOf(worker, { scribble, victim })
      if (found === 'hangs') {
        await worker.terminate()
        worker = new Worker(file)
      }
      if (found !== '') faults.push(`${what}: ${found}`)
    }
    await worker.terminate()
    expect(faults).toEqual([])
  })
}

async function answerOf(worker: Worker, question: unknown): Promise<string> {
  return new Promise((resolve) => {
    const answered = (answer: string): void => {
      clearTimeout(limit)
      worker.off('message', answered)
      resolve(answer)
    }
    const limit = setTimeout(() => answered('hangs'), HANGS_MS)
    worker.on('message', answered)
    worker.postMessage(question)
  })
}

test('input 26: a tail further ahead than the ring is long is refused before an old record is handled once more', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  // The whole ring holds records that are done, and could be read again.
  for (let i = 0; i < 2 * BLOCK_DATA_BYTES; i += 64) {
    mustPush(producer, patterned(24, i), i)
    take(consumer)
  }
  const tail = producer.words[SEGMENT_TAIL]!
  for (const ahead of [BLOCK_DATA_BYTES + 8, BLOCK_DATA_BYTES + 64, 1 << 30]) {
    producer.words[SEGMENT_TAIL] = tail + ahead
    expect(consumer.next()).toBe(CORRUPT)
  }
})

test('input 27: what is changed after it was checked changes the sender’s own payload at most', () => {
  const arena = newArena()
  const producer = open(arena)
  const consumer = attach(arena)
  mustPush(producer, patterned(100, 1), 1)
  const { words, envelopeAt, payload, payloadAt } = producer
  mustPush(producer, patterned(100, 2), 2)
  expect(consumer.next()).toBe(RECORD)
  const header = envelopeAt - 4
  for (const word of [RECORD_LENGTH, RECORD_RUN, RECORD_PAYLOAD_BYTES, RECORD_ORDINAL]) words[header + word] = -1
  payload.fill(0xff, payloadAt, payloadAt + 100)
  expect(consumer.payloadBytes).toBe(100)
  consumer.begin()
  consumer.done()
  expect(take(consumer)).toEqual(taken(patterned(100, 2), 2))
})

test('input 28: a storm of notifications wakes the receiver, and costs no message', async () => {
  const arena = newArena()
  const parking = new Parking(arena, RECEIVER)
  const producer = open(arena)
  const consumer = attach(arena)
  const word = arena.seatWord(RECEIVER, SEAT_WAIT)
  for (let round = 0; round < 200; round++) {
    let wakes = 0
    const woken = new Promise<void>((resolve) => {
      expect(
        parking.park(WANTS_MESSAGES, () => {
          wakes++
          resolve()
        }),
      ).toBe(true)
    })
    for (let i = 0; i < 50; i++) {
      Atomics.add(arena.words, word, i % 3)
      Atomics.notify(arena.words, word)
    }
    mustPush(producer, patterned(20, round), round)
    await woken
    expect(wakes).toBe(1)
    parking.awake()
    expect(look(consumer)).toEqual(taken(patterned(20, round), round))
    take(consumer)
  }
})
