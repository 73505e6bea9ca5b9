import { expect, test } from 'vitest'
import * as L from '../../packages/runtime/src/queue/layout.ts'

test('layout: no two words of a seat, of the head or of a segment are the same', () => {
  const sizes = /_(WORDS|MAX|BLOCKS_MAX)$/
  for (const prefix of ['SEAT_', 'HEAD_', 'SEGMENT_']) {
    const words = Object.entries(L).flatMap(([name, value]) =>
      name.startsWith(prefix) &&
      (name === 'HEAD_BLOCKS_MAX' || !sizes.test(name)) &&
      typeof value === 'number' &&
      !name.endsWith('HEADER_WORDS')
        ? [[name, value] as const]
        : [],
    )
    const twice = words.filter(([name, value]) => words.some(([other, at]) => other !== name && at === value))
    expect(twice).toEqual([])
  }
  const asks = Array.from({ length: L.SEAT_ASKS_MAX }, (_, i) => L.SEAT_ASKS + i)
  expect(
    asks.filter((at) => at !== L.SEAT_ASKS && Object.entries(L).some(([name, value]) => /^SEAT_(?!WORDS|ASKS)/.test(name) && value === at)),
  ).toEqual([])
})
