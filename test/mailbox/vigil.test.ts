import { expect, test } from 'vitest'
import { Vigil } from '../../packages/runtime/src/mailbox/vigil.ts'

const VIGIL_MS = 20

/** A thread whose time is given: it sleeps again as soon as it is woken. */
class Sleeper {
  readonly vigil = new Vigil()
  nowMs = 1_000

  /** Sleeps so often, each time so long. Returns after how many sleeps it was kept awake; undefined: never. */
  sleeps(times: number, sleepMs: number): number | undefined {
    for (let slept = 0; slept < times; slept++) {
      if (this.vigil.isKept(this.nowMs)) return slept
      this.nowMs += sleepMs
      this.vigil.woken(this.nowMs)
    }
    return this.vigil.isKept(this.nowMs) ? times : undefined
  }
}

test('a thread that sleeps shortly 32 times in a row is kept awake, for 20 ms, and then sleeps', () => {
  const sleeper = new Sleeper()
  expect(sleeper.sleeps(1_000, 0.1)).toBe(32)
  const beganMs = sleeper.nowMs
  expect(sleeper.vigil.isKept(beganMs + VIGIL_MS / 2)).toBe(true)
  expect(sleeper.vigil.isKept(beganMs + VIGIL_MS - 0.001)).toBe(true)
  expect(sleeper.vigil.isKept(beganMs + VIGIL_MS)).toBe(false)
})

test('a sleep that was worth it begins the count anew', () => {
  const sleeper = new Sleeper()
  expect(sleeper.sleeps(31, 0.1)).toBe(undefined)
  expect(sleeper.sleeps(1, 1)).toBe(undefined)
  expect(sleeper.sleeps(1_000, 0.1)).toBe(32)
})

test('sleeps that are worth it never keep a thread awake', () => {
  expect(new Sleeper().sleeps(100_000, 0.5)).toBe(undefined)
})

test('a vigil that did not help is tried half as often each time, down to one in 32 768 sleeps', () => {
  const sleeper = new Sleeper()
  const needed = Array.from({ length: 12 }, () => {
    const slept = sleeper.sleeps(100_000, 0.1)
    sleeper.nowMs += VIGIL_MS
    return slept
  })
  expect(needed).toEqual([32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 32_768])
})

test('after a long sleep it is tried as soon as at first; after a middling one it is not', () => {
  const sleeper = new Sleeper()
  sleeper.sleeps(1_000, 0.1)
  sleeper.nowMs += VIGIL_MS
  sleeper.sleeps(1, 5)
  expect(sleeper.sleeps(1_000, 0.1)).toBe(64)
  sleeper.nowMs += VIGIL_MS
  sleeper.sleeps(1, VIGIL_MS + 1)
  expect(sleeper.sleeps(1_000, 0.1)).toBe(32)
})

test('a sleep after a vigil is counted from its own beginning, not from that of the vigil', () => {
  const sleeper = new Sleeper()
  sleeper.sleeps(1_000, 0.1)
  for (; sleeper.vigil.isKept(sleeper.nowMs); sleeper.nowMs += 1);
  sleeper.nowMs += 0.1
  sleeper.vigil.woken(sleeper.nowMs)
  expect(sleeper.sleeps(1_000, 0.1)).toBe(63)
})
