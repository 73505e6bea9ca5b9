import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionOf } from '../../packages/runtime/src/ref/partition-key.ts'

const names = (count: number) => Array.from({ length: count }, (_, i) => String(i))
const keys = Array.from({ length: 20_000 }, (_, i) => `customer ${i}`)
const key = fc.oneof(fc.string(), fc.integer(), fc.bigInt())

test('partitions: every key has one of them, the same each time, whatever the key is', () => {
  const places = fc.property(
    key,
    fc.integer({ min: 1, max: 64 }),
    fc.constantFrom('modulo' as const, 'rendezvous' as const),
    (one, n, by) => {
      const place = partitionOf(one, names(n), by)
      expect([place >= 0 && place < n, partitionOf(one, names(n), by)]).toEqual([true, place])
    },
  )
  fc.assert(places)
  expect([partitionOf('a', [], 'rendezvous'), partitionOf('a', [], 'modulo')]).toEqual([-1, -1])
})

test.for(['rendezvous', 'modulo'] as const)('partitions: %s spreads keys that are alike evenly', (by) => {
  for (const count of [2, 3, 7, 16]) {
    const hits = new Map<number, number>()
    for (const one of keys) hits.set(partitionOf(one, names(count), by), (hits.get(partitionOf(one, names(count), by)) ?? 0) + 1)
    const mean = keys.length / count
    for (const hit of hits.values()) expect(Math.abs(hit - mean)).toBeLessThan(6 * Math.sqrt(mean))
    expect(hits.size).toBe(count)
  }
})

test('partitions: rendezvous moves a key only to the one that was added, or from the one that was taken away', () => {
  const moved = keys.filter((one) => partitionOf(one, names(8), 'rendezvous') !== partitionOf(one, names(9), 'rendezvous'))
  expect(new Set(moved.map((one) => partitionOf(one, names(9), 'rendezvous')))).toEqual(new Set([8]))
  expect(Math.abs(moved.length - keys.length / 9)).toBeLessThan(6 * Math.sqrt(keys.length / 9))
  const without = names(8).filter((name) => name !== '3')
  for (const one of keys.filter((it) => partitionOf(it, names(8), 'rendezvous') !== 3))
    expect(without[partitionOf(one, without, 'rendezvous')]).toBe(names(8)[partitionOf(one, names(8), 'rendezvous')])
})

test('partitions: modulo gives whole numbers their remainder', () => {
  expect([0, 1, 5, -5, 7n, -7n, 2 ** 53 - 1].map((one) => partitionOf(one, names(4), 'modulo'))).toEqual([0, 1, 1, 1, 3, 3, 3])
})
