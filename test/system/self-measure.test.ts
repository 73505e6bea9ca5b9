import { expect, test } from 'vitest'
import { nextMeasureMs } from '../../packages/runtime/src/node/self-measure.ts'

test('inspect: an isolate with nothing to do is not woken often to look at its memory, but one whose buffers are limited is', () => {
  expect([nextMeasureMs(0.5, false), nextMeasureMs(0.5, true), nextMeasureMs(0.0002, true)]).toEqual([3_000, 3_000, 3_000])
  expect(nextMeasureMs(0.0002, false)).toBeGreaterThan(3_000)
})
