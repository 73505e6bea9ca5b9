import { expect, test } from 'vitest'
import { Linger } from '../../packages/runtime/src/mailbox/linger.ts'

/** One whose clock is set by hand, and the pauses that it makes when so many items come between two waits. */
function linger() {
  const clock = { ms: 0 }
  const one = new Linger(() => clock.ms)
  const wait = (items: number, msPerItem = 0): number => {
    for (let i = 1; i < items; i++) {
      clock.ms += msPerItem
      one.hit()
    }
    clock.ms += msPerItem
    return one.wait()
  }
  /** The pauses of each wait. */
  const waits = (count: number, items: number): number[] => Array.from({ length: count }, () => wait(items))
  /** A trial: 1,024 items, eight at a time. Whether there were pauses in it. */
  const trial = (msPerItem: (pauses: number) => number): boolean => {
    let pauses = 0
    let before = 0
    for (let i = 0; i < 128; i++) {
      before = wait(8, msPerItem(before))
      pauses += before
    }
    return pauses > 0
  }
  return { wait, waits, trial }
}

test('whoever catches up again and again waits longer each time, as long as that brings more items', () => {
  expect(linger().waits(6, 20)).toEqual([16, 32, 64, 128, 128, 128])
})

test('a wait that brings one item or none is left for 32 times', () => {
  const { waits } = linger()
  expect(waits(3, 1)).toEqual([16, 32, 0])
  expect(waits(32, 1).every((pauses) => pauses === 0)).toBe(true)
  expect(waits(3, 1)).toEqual([16, 32, 0])
})

test('a wait that does not bring more than a shorter one is left, too', () => {
  expect(linger().waits(6, 4)).toEqual([16, 32, 64, 128, 0, 0])
})

test('where items get on faster without waits there are none for 30 of 32 trials; where they get on faster with them they stay', () => {
  const slower = linger()
  const withWaits = Array.from({ length: 64 }, () => slower.trial((pauses) => (pauses > 0 ? 2 : 1)))
  expect(withWaits.filter((has) => has).length).toBeLessThanOrEqual(4)
  const faster = linger()
  const without = Array.from({ length: 64 }, () => !faster.trial((pauses) => (pauses > 0 ? 1 : 2)))
  expect(without.filter((has) => has).length).toBeLessThanOrEqual(2)
})
