import { expect, test } from 'vitest'
import { storm } from './storm.ts'

test('kills: no lease is lost, no limit exceeded, no key has two owners, and every job ends (npm run kills: 1 000 of them)', async () => {
  const { faults } = await storm(8)
  expect(faults).toEqual([])
})
