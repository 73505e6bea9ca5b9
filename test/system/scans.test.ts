import { afterEach, expect, test } from 'vitest'
import { REST_MS, SCAN_MS } from '../../packages/runtime/src/base/limits.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { HEAD_RESTING, MESSAGES, WANTS_MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { Parking, wake } from '../../packages/runtime/src/queue/parking.ts'
import { markReady, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import { sleepMark } from '../../packages/runtime/src/queue/rest.ts'
import { Scans } from '../../packages/runtime/src/system/scans.ts'
import { HandClock } from './hand-clock.ts'

const [SENDER, SLEEPER, OTHER] = [1, 2, 3] as const

let scans: Scans | undefined
afterEach(() => scans?.stop())

/** Two actors that sleep until a test does something, and a clock that the test moves. */
function scene() {
  const arena = Arena.create(4, 1 << 20)
  const parkings = [SLEEPER, OTHER].map((seat) => new Parking(arena, seat))
  const park = (): void => {
    for (const parking of parkings) parking.park(WANTS_MESSAGES, () => {})
  }
  park()
  const clock = new HandClock()
  const looks: number[] = []
  const onLook = { once: (): void => {} }
  scans = new Scans(arena, clock, () => {
    looks.push(clock.ms)
    onLook.once()
    return sleepMark(arena, [SLEEPER, OTHER])
  })
  return {
    arena,
    looks,
    clock,
    onLook,
    park,
    parking: parkings[0]!,
    isResting: () => arena.words[HEAD_RESTING] === 1,
    tell(): void {
      markReady(arena, MESSAGES, SLEEPER, SENDER)
      wake(arena, SLEEPER, WANTS_MESSAGES)
    },
    /** Looks while that time passes. */
    async pass(ms: number): Promise<number> {
      const before = looks.length
      for (const untilMs = clock.ms + ms; clock.ms < untilMs; clock.ms += SCAN_MS / 3) {
        clock.run()
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      return looks.length - before
    },
  }
}

test('D3: while everybody sleeps the control side rests, and looks once in REST_MS', async () => {
  const { pass, isResting } = scene()
  await pass(SCAN_MS * 10)
  expect(isResting()).toBe(true)
  await pass(REST_MS)
  // Each time twice: before it rests again, it looks whether somebody was woken meanwhile.
  const looks = await pass(REST_MS * 10)
  expect(looks).toBeGreaterThan(15)
  expect(looks).toBeLessThan(25)
})

test('D3: a sender that wakes somebody rouses it, and so does a receiver that wakes by itself', async () => {
  const { pass, isResting, tell, park, parking, arena, looks, clock } = scene()
  for (const begin of [tell, () => parking.awake()]) {
    await pass(SCAN_MS * 10)
    expect(isResting()).toBe(true)
    begin()
    expect(isResting()).toBe(false)
    const before = looks.length
    await pass(SCAN_MS * 2)
    expect(looks.length).toBeGreaterThan(before)
    expect(clock.waiting).toBe(1)
    takeReady(arena, MESSAGES, SLEEPER, [])
    parking.awake()
    // Awake as it is, it is looked at as often as before.
    expect(await pass(SCAN_MS * 20)).toBeGreaterThan(18)
    park()
  }
})

test('D3: a sender that is killed while it rouses it, with the word written and nobody notified, does not leave it at rest for ever', async () => {
  const { pass, arena, isResting } = scene()
  await pass(SCAN_MS * 10)
  expect(isResting()).toBe(true)
  arena.words[HEAD_RESTING] = 0
  await pass(REST_MS)
  expect(await pass(REST_MS * 10)).toBeGreaterThan(15)
})

test('D3: it does not rest while somebody is woken again and again, though all sleep whenever it looks', async () => {
  const { pass, tell, park, parking, arena, onLook, isResting } = scene()
  onLook.once = () => {
    tell()
    takeReady(arena, MESSAGES, SLEEPER, [])
    parking.awake()
    park()
  }
  const looks = await pass(SCAN_MS * 40)
  expect(looks).toBeGreaterThan(36)
  expect(looks).toBeLessThan(44)
  expect(isResting()).toBe(false)
})

test('D3: who was woken just before it rests is looked at', async () => {
  const { pass, isResting, arena, onLook, parking } = scene()
  let wasResting = false
  // The look that it takes when the word is there already finds somebody who had not seen the word.
  onLook.once = () => {
    if (arena.words[HEAD_RESTING] === 1 && !wasResting) {
      wasResting = true
      arena.words[HEAD_RESTING] = 0
      parking.awake()
      arena.words[HEAD_RESTING] = 1
    }
  }
  await pass(SCAN_MS * 8)
  expect(wasResting).toBe(true)
  expect(isResting()).toBe(false)
  expect(await pass(SCAN_MS * 20)).toBeGreaterThan(18)
})

test('D3: when it is stopped nothing of it is left, at rest or not', async () => {
  for (const ms of [SCAN_MS * 2, SCAN_MS * 20]) {
    const { pass, clock, isResting } = scene()
    await pass(ms)
    scans!.stop()
    expect(await pass(REST_MS * 2)).toBe(0)
    expect(clock.waiting).toBe(0)
    expect(isResting()).toBe(false)
  }
})
