import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Allowance, SlidingWindow, TokenBucket } from '../../packages/actors/src/shared/allowance.ts'

/** Whoever takes, whenever: what was taken, with its time. */
function run(allowance: Allowance, steps: readonly { readonly afterMs: number; readonly wanted: number }[]): [number, number][] {
  let nowMs = 0
  return steps.map(({ afterMs, wanted }) => {
    nowMs += afterMs
    return [nowMs, allowance.take(nowMs, wanted)]
  })
}

/** The most that was taken within any time of that length; each of them begins with something taken. */
function most(taken: readonly (readonly [number, number])[], windowMs: number): number {
  return Math.max(
    ...taken.map(([fromMs]) => taken.filter(([ms]) => ms >= fromMs && ms < fromMs + windowMs).reduce((sum, [, n]) => sum + n, 0)),
  )
}

const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 300 }), wanted: fc.integer({ min: 1, max: 40 }) }), {
  minLength: 1,
  maxLength: 60,
})

test('rate limit: a token bucket never gives more than its burst and what has flowed in since', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), steps, (perSecond, burst, story) => {
      const taken = run(new TokenBucket(perSecond, burst, burst, 0), story)
      for (const windowMs of [1, 100, 1_000, 5_000])
        expect(most(taken, windowMs)).toBeLessThanOrEqual(burst + (perSecond * windowMs) / 1_000 + 1e-6)
    }),
  )
})

test('rate limit: a sliding window never gives more than its limit within any window, and all of it again after that', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 10, max: 2_000 }), steps, (limit, windowMs, story) => {
      const window = new SlidingWindow(limit, windowMs)
      const taken = run(window, story)
      expect(most(taken, windowMs)).toBeLessThanOrEqual(limit)
      const lastMs = taken.at(-1)![0]
      expect(window.take(lastMs + windowMs * 1.01 + 2, limit)).toBe(limit)
    }),
  )
})

test('rate limit: retryMs says when there is something again', () => {
  const bucket = new TokenBucket(10, 2, 2, 0)
  expect([bucket.take(0, 5), bucket.take(0, 1), bucket.retryMs(0), bucket.take(99, 1), bucket.take(100, 1)]).toEqual([2, 0, 100, 0, 1])
  const window = new SlidingWindow(1, 100)
  expect([window.take(0, 1), window.take(100, 1), window.retryMs(100), window.take(101, 1)]).toEqual([1, 0, 1, 1])
})
