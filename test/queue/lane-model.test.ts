import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { waitingIn, wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { EMPTY } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { FULL, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { attach, blocksOf, laneFrom, look, newArena, open, patterned, push, reclaim, SENDER, type Taken, taken } from './rig.ts'

/** What a lane is, without memory: an array, and whether its first element is begun. */
type Step =
  | { readonly do: 'push'; readonly bytes: number; readonly times: number }
  | { readonly do: 'take'; readonly times: number }
  | { readonly do: 'begin' | 'collect' | 'restart producer' | 'restart consumer' }

const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300) },
  { weight: 3, arbitrary: fc.nat(4_200) },
  { weight: 1, arbitrary: fc.nat(70_000) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), bytes, times: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), times: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ do: 'begin' }, { do: 'collect' }, { do: 'restart producer' }, { do: 'restart consumer' }),
  },
)
const startAt = fc.oneof(
  fc.constant(0),
  fc.nat(2_000).map((words) => (0x7fff_ffff & ~7) - words * 8),
  fc.nat(2_000).map((words) => -8 - words * 8),
)
const limits = fc.record({ bytesMax: fc.constantFrom(16_384, 200_000, 1 << 28), messagesMax: fc.constantFrom(2, 50, 1 << 28) })

test('G2, G3, G6: a lane behaves like an array, through restarts of either end and past the wraps', () => {
  void fc.assert(
    fc.property(startAt, limits, fc.array(step, { maxLength: 60 }), (start, limit, steps) => {
      runAgainstArray(start, limit, steps)
    }),
    { numRuns: 300 },
  )
})

function runAgainstArray(start: number, limit: { bytesMax: number; messagesMax: number }, steps: readonly Step[]): void {
  const arena = newArena(2_048)
  const lane = laneFrom(SENDER)
  let producer = open(arena, { limits: limit, startAt: start })
  let consumer = attach(arena)
  const expected: Taken[] = []
  let isBegun = false
  let stamp = 0
  const finish = (): void => {
    consumer.done()
    expected.shift()
    isBegun = false
  }
  for (const now of steps) {
    switch (now.do) {
      case 'push':
        for (let i = 0; i < now.times; i++) {
          const payload = patterned(now.bytes, ++stamp)
          const pushed = push(producer, payload, stamp)
          if (pushed === PUSHED) expected.push(taken(payload, stamp))
          else expect(pushed).toBe(FULL)
          expect(expected.length).toBeLessThanOrEqual(limit.messagesMax)
        }
        break
      case 'take':
        if (isBegun) finish()
        for (let i = 0; i < now.times; i++) {
          const found = look(consumer)
          expect(found).toEqual(expected[0] ?? EMPTY)
          if (typeof found === 'number') break
          consumer.begin()
          finish()
        }
        break
      case 'begin':
        if (isBegun || expected.length === 0) break
        expect(look(consumer)).toEqual(expected[0])
        consumer.begin()
        isBegun = true
        break
      case 'collect':
        producer.collect()
        break
      case 'restart producer':
        reclaim(arena, SENDER, [lane])
        producer = open(arena, { limits: limit })
        break
      case 'restart consumer':
        // As the control side does it: what was begun is settled, and not begun again (G5).
        expect(wasBegun(arena, lane)).toBe(isBegun)
        consumer = attach(arena)
        if (!isBegun) break
        expect(look(consumer)).toEqual(expected[0])
        finish()
    }
    expect(waitingIn(arena, lane)).toBe(expected.length)
  }
  if (isBegun) finish()
  for (const each of expected.splice(0)) {
    expect(look(consumer)).toEqual(each)
    consumer.begin()
    consumer.done()
  }
  expect(look(consumer)).toBe(EMPTY)
  producer.collect()
  const left = blocksOf(arena, SENDER).length
  expect(left & (left - 1), `${left} blocks are left of an empty lane`).toBe(0)
}
