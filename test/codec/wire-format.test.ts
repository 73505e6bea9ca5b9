import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNativeAccelerationEnabled } from '../../packages/runtime/node_modules/msgpackr/index.js'
import { encode, hex } from './harness.ts'

const dist = new URL('../../packages/runtime/dist/', import.meta.url)

test('D9: msgpackr is the one without native code, in the sources and in what is built', () => {
  expect(isNativeAccelerationEnabled).toBe(false)
  const built = readdirSync(dist).filter((file) => /\.c?js$/.test(file))
  const texts = built.map((file) => readFileSync(new URL(file, dist), 'utf8'))
  expect(texts.filter((text) => text.includes('msgpackr-extract'))).toEqual([])
  // One copy for each kind of thread: extensions are registered once. The host's is shared with its inline isolates.
  const owners = built.filter((_, i) => texts[i]!.includes('Unexpected end of MessagePack data'))
  expect(owners.map((file) => file.replace(/^chunk-\w+/, 'chunk')).sort()).toEqual(['chunk.js', 'control-entry.js', 'isolate-runtime.cjs'])
})

test('D9: the bytes of plain data are those of MessagePack', () => {
  const sent = { a: [1, -1, 300, 1.5, null, true], b: 'ü', c: 5n }
  const expected = '91 de 00 03 a1 61 96 01 ff cd 01 2c cb 3f f8 00 00 00 00 00 00 c0 c3 a1 62 a2 c3 bc a1 63 d3 00 00 00 00 00 00 00 05'
  expect(encode(sent)).toEqual(hex(expected))
  expect(encode(Buffer.from('ab'))).toEqual(hex('91 c4 02 61 62'))
})

// What goes as it is. Keys of Object.prototype and marks of UTF-8 do not.
const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((each) => !/^\uFEFF|\uFFFD/.test(each) && each.isWellFormed())
const key = text.filter((each) => !(each in Object.prototype))
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
    fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value

test('D9: plain data of any shape is valid MessagePack: a reader that skips unknown extensions finds its end', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = encode(value)
      expect(endOfValue(bytes, 0)).toBe(bytes.length)
    }),
    { numRuns: 500 },
  )
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
