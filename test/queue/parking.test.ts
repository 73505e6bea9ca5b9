import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { load, store } from '../../packages/runtime/src/queue/atomics.ts'
import {
  MESSAGES,
  REPLIES,
  SEAT_DYING,
  SEAT_SLEEPING,
  SEAT_WAIT,
  WAKING,
  WANTS_MESSAGES,
  WANTS_REPLIES,
} from '../../packages/runtime/src/queue/layout.ts'
import { markDying, Parking, wake, wakeIfStalled } from '../../packages/runtime/src/queue/parking.ts'
import { markReady, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import { newArena, OTHER, RECEIVER, SENDER } from './rig.ts'

const BOTH = WANTS_MESSAGES | WANTS_REPLIES

function sleeper(wants: number) {
  const arena = newArena()
  const parking = new Parking(arena, RECEIVER)
  let wakes = 0
  const isAsleep = parking.park(wants, () => wakes++)
  return { arena, parking, isAsleep, wakes: () => wakes, sleeping: () => load(arena.words, arena.seatWord(RECEIVER, SEAT_SLEEPING)) }
}

/** Resolved waits run their callbacks in a later turn. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate()
}

test('D3: whoever finds work does not sleep', () => {
  const { arena, parking, wakes } = sleeper(BOTH)
  markReady(arena, MESSAGES, RECEIVER, SENDER)
  expect(parking.park(BOTH, () => {})).toBe(false)
  expect(wakes()).toBe(0)
})

test('D3: a message wakes whoever sleeps for messages, a reply whoever sleeps for replies', async () => {
  for (const [wants, kind, wanted, expected] of [
    [WANTS_REPLIES, MESSAGES, WANTS_MESSAGES, 0],
    [WANTS_REPLIES, REPLIES, WANTS_REPLIES, 1],
    [BOTH, MESSAGES, WANTS_MESSAGES, 1],
    [BOTH, REPLIES, WANTS_REPLIES, 1],
  ] as const) {
    const { arena, isAsleep, wakes } = sleeper(wants)
    expect(isAsleep).toBe(true)
    markReady(arena, kind, RECEIVER, SENDER)
    wake(arena, RECEIVER, wanted)
    await settled()
    expect(wakes()).toBe(expected)
  }
})

test('D3: of many senders one pays for the wake-up', async () => {
  const { arena, wakes } = sleeper(BOTH)
  const word = arena.seatWord(RECEIVER, SEAT_WAIT)
  const before = load(arena.words, word)
  for (let i = 0; i < 10; i++) wake(arena, RECEIVER, WANTS_MESSAGES)
  expect(load(arena.words, word)).toBe(before + 1)
  await settled()
  expect(wakes()).toBe(1)
})

test('D3: a sender that died while it was waking is made up for by the scan, and a sleeper without work is left alone', async () => {
  const { arena, wakes } = sleeper(BOTH)
  expect(wakeIfStalled(arena, RECEIVER)).toBe(false)
  markReady(arena, MESSAGES, RECEIVER, SENDER)
  store(arena.words, arena.seatWord(RECEIVER, SEAT_SLEEPING), BOTH | WAKING)
  wake(arena, RECEIVER, WANTS_MESSAGES)
  await settled()
  expect(wakes()).toBe(0)
  expect(wakeIfStalled(arena, RECEIVER)).toBe(true)
  await settled()
  expect(wakes()).toBe(1)
  expect(wakeIfStalled(arena, OTHER)).toBe(false)
})

test('D3: there is one wait at a time, however often the receiver goes to sleep', async () => {
  const { arena, parking, wakes } = sleeper(BOTH)
  for (let i = 0; i < 100; i++) {
    parking.awake()
    expect(parking.park(BOTH, () => expect.unreachable())).toBe(true)
  }
  expect(Atomics.notify(arena.words, arena.seatWord(RECEIVER, SEAT_WAIT))).toBe(1)
  await settled()
  expect(wakes()).toBe(1)
})

test('D3: the wait word may wrap', async () => {
  const { arena, parking } = sleeper(0)
  const word = arena.seatWord(RECEIVER, SEAT_WAIT)
  for (const epoch of [0x7fff_ffff, -1]) {
    markDying(arena, RECEIVER)
    await settled()
    store(arena.words, arena.seatWord(RECEIVER, SEAT_DYING), 0)
    store(arena.words, word, epoch)
    let wakes = 0
    expect(parking.park(BOTH, () => wakes++)).toBe(true)
    wake(arena, RECEIVER, WANTS_MESSAGES)
    await settled()
    expect(wakes).toBe(1)
    expect(load(arena.words, word)).toBe((epoch + 1) | 0)
  }
})

test('D3: an isolate that is about to end is woken, and does not wait again', async () => {
  const { arena, parking, wakes } = sleeper(BOTH)
  markDying(arena, RECEIVER)
  await settled()
  expect(wakes()).toBe(1)
  expect(parking.isDying()).toBe(true)
  expect(parking.park(BOTH, () => {})).toBe(true)
  expect(Atomics.notify(arena.words, arena.seatWord(RECEIVER, SEAT_WAIT))).toBe(0)
})

test('askSync: a thread that blocked for a reply in vain is still woken for the replies it sleeps for', async () => {
  const { arena, parking, wakes } = sleeper(WANTS_REPLIES)
  parking.parkSync(1)
  markReady(arena, REPLIES, RECEIVER, SENDER)
  wake(arena, RECEIVER, WANTS_REPLIES)
  wakeIfStalled(arena, RECEIVER)
  await settled()
  expect(wakes()).toBe(1)
})

test('askSync: a thread that found its reply without blocking is still woken for the next one', async () => {
  const { arena, parking, wakes } = sleeper(WANTS_REPLIES)
  markReady(arena, REPLIES, RECEIVER, SENDER)
  parking.parkSync(10_000)
  takeReady(arena, REPLIES, RECEIVER, [])
  markReady(arena, REPLIES, RECEIVER, SENDER)
  wake(arena, RECEIVER, WANTS_REPLIES)
  await settled()
  expect(wakes()).toBe(1)
})
