import { expect, test } from 'vitest'
import { slopeOf } from './slope.ts'
import { soak } from './soak.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test('soak: 300 restarts leave no thread, file, block, seat or listener behind', { timeout: 240_000 }, async () => {
  const growths = await soak({ restarts: 300, samples: 12 })
  // So few say nothing of memory, whose noise is larger than what they could leave.
  const counted = growths.filter(({ unit }) => unit === '')
  expect(counted.map(({ name }) => name)).toEqual(['files', 'threads', 'blocks in use', 'open seats', 'listeners and handles'])
  // Of each restart, or of each tenth one, which also had an address of its own: that would be 300, or 30.
  expect(counted.filter(({ first, last }) => last - first > 15)).toEqual([])
})

test('soak: a slope that is there is found, and noise is none', () => {
  const xs = range(100)
  const exact = slopeOf(
    xs,
    xs.map((x) => 5 + 2 * x),
  )
  expect([exact.perX, exact.halfWidth]).toEqual([expect.closeTo(2), expect.closeTo(0)])
  // Waves, as of a garbage collector: neighbours are alike.
  const waves = slopeOf(
    xs,
    xs.map((x) => 100 * Math.sin(x / 3)),
  )
  expect(Math.abs(waves.perX)).toBeLessThan(waves.halfWidth)
  const leak = slopeOf(
    xs,
    xs.map((x) => 100 * Math.sin(x / 3) + 20 * x),
  )
  expect(leak.perX - leak.halfWidth).toBeGreaterThan(0)
})
