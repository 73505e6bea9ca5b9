import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, hex } from './harness.ts'

/** msgpackr is a dependency of the tests only: the independent reader and writer of the same format. */
const { Packr, Unpackr } = createRequire(new URL('../../packages/runtime/package.json', import.meta.url))(
  'msgpackr',
) as typeof import('../../packages/runtime/node_modules/msgpackr/index.js')

// What both know. msgpackr drops the sign of −0, a BOM before a long string and lone surrogates, and renames `__proto__`.
const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__')
const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((each) => !each.startsWith('\uFEFF') && each.isWellFormed())
const plain: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }).map((n) => n + 0),
      text,
      fc.boolean(),
      fc.constantFrom(null, undefined),
    ),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value

test('D9: msgpackr reads what we write', () => {
  const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })
  fc.assert(
    fc.property(plain, (value) => void expect(unpackr.unpack(Buffer.from(encode(value)))).toStrictEqual([value])),
    { numRuns: 500 },
  )
})

test('D9: we read what msgpackr writes', () => {
  const packr = new Packr({ useRecords: false })
  fc.assert(
    fc.property(plain, (value) => void expect(decode(packr.pack([value]))).toStrictEqual([value])),
    { numRuns: 500 },
  )
})

test('D9: a record is valid MessagePack whatever is in it: a reader that skips unknown extensions finds its end', () => {
  const repeat = { n: 1 }
  const values = [
    new Map([[1, new Set([2])]]),
    new Date(),
    /a/,
    new Error('x', { cause: 1 }),
    new Float64Array(9),
    '\uD800',
    2n ** 99n,
    [repeat, repeat],
    Object.create(null),
  ]
  for (const value of values) {
    const bytes = encode(value)
    expect(endOfValue(bytes, 0)).toBe(bytes.length)
  }
  expect(endOfValue(hex('92 01'), 0)).toBeGreaterThan(2)
})

/** Written from the specification alone. */
function endOfValue(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = at < bytes.length ? bytes[at]! : 0xc0
  const items = (from: number, count: number): number => Array.from({ length: count }).reduce<number>((end) => endOfValue(bytes, end), from)
  if (tag < 0x80 || tag >= 0xe0) return at + 1
  if (tag < 0x90) return items(at + 1, (tag & 15) * 2)
  if (tag < 0xa0) return items(at + 1, tag & 15)
  if (tag < 0xc0) return at + 1 + (tag & 31)
  if (tag <= 0xc3) return at + 1
  if (tag <= 0xc6) return at + 1 + (1 << (tag - 0xc4)) + lengthAt(view, at + 1, tag - 0xc4)
  if (tag <= 0xc9) return at + 2 + (1 << (tag - 0xc7)) + lengthAt(view, at + 1, tag - 0xc7)
  if (tag <= 0xcb) return at + (tag === 0xca ? 5 : 9)
  if (tag <= 0xcf) return at + 1 + (1 << (tag - 0xcc))
  if (tag <= 0xd3) return at + 1 + (1 << (tag - 0xd0))
  if (tag <= 0xd8) return at + 2 + (1 << (tag - 0xd4))
  if (tag <= 0xdb) return at + 1 + (1 << (tag - 0xd9)) + lengthAt(view, at + 1, tag - 0xd9)
  if (tag <= 0xdd) return items(at + (tag === 0xdc ? 3 : 5), lengthAt(view, at + 1, tag - 0xdc + 1))
  return items(at + (tag === 0xde ? 3 : 5), 2 * lengthAt(view, at + 1, tag - 0xde + 1))
}

function lengthAt(view: DataView, at: number, sizeLog2: number): number {
  return sizeLog2 === 0 ? view.getUint8(at) : sizeLog2 === 1 ? view.getUint16(at) : view.getUint32(at)
}
