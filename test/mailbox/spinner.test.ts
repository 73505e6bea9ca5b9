import { expect, test } from 'vitest'
import { Spinner } from '../../packages/runtime/src/mailbox/spinner.ts'

/** A spinner whose clock goes on by 1 ms at each look at it. */
function spinner(spinMs: number) {
  const seen = { clock: 0, looks: 0 }
  const one = new Spinner(spinMs, () => seen.clock++)
  /** Spins for something that is there at the n-th look; undefined: it never is. */
  const spin = (thereAt?: number): boolean => {
    seen.looks = 0
    seen.clock = 0
    return one.spin(() => ++seen.looks === thereAt)
  }
  return { seen, spin }
}

test('a spinner looks until the thing is there, and not once more', () => {
  const { seen, spin } = spinner(10)
  expect(spin(1)).toBe(true)
  expect(seen.looks).toBe(1)
  expect(spin(37)).toBe(true)
  expect(seen.looks).toBe(37)
})

test('a spinner gives up when its time is over, and looks at the clock every 20 looks only', () => {
  const { seen, spin } = spinner(10)
  expect(spin()).toBe(false)
  expect(seen).toEqual({ clock: 11, looks: 200 })
})

test('a spinner looks at least once, however late it is', () => {
  const { spin } = spinner(0.001)
  expect(spin(20)).toBe(true)
})

test('on one core nobody spins: neither a look nor a clock', () => {
  const { seen, spin } = spinner(0)
  expect(spin(1)).toBe(false)
  expect(seen).toEqual({ clock: 0, looks: 0 })
})

test('when spinning does not pay it sits out 8, 16, 32, 32 times, at no cost; a hit makes it pay again', () => {
  const { seen, spin } = spinner(2)
  /** How many spins cost nothing until the next that looks. */
  const satOut = (thereAt?: number): number => {
    for (let times = 0; ; times++) {
      spin(thereAt)
      if (seen.looks > 0) return times
      expect(seen.clock).toBe(0)
    }
  }
  expect([satOut(), satOut()]).toEqual([0, 0])
  expect([satOut(), satOut(), satOut(), satOut()]).toEqual([8, 16, 32, 32])
  expect(satOut(1)).toBe(32)
  expect(satOut()).toBe(0)
  expect(satOut()).toBe(8)
})

test('a spinner that is sure waits eight times as long, until it has been wrong once', () => {
  const { seen, spin } = spinner(10)
  for (let i = 0; i < 8; i++) expect(spin(1)).toBe(true)
  expect(spin()).toBe(false)
  expect(seen.looks).toBe(1_600)
  expect(spin()).toBe(false)
  expect(seen.looks).toBe(200)
})
