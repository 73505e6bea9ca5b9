import { expect, test } from 'vitest'
import { codec, copyOf, encode, newCodec, roundTrip } from './harness.ts'

test('D5: nothing in a decoded value refers to the bytes it came from', () => {
  const sent = [
    Buffer.from('buffer'),
    new Uint8Array([1, 2, 3]),
    new Float64Array([1.5]),
    new ArrayBuffer(4),
    new DataView(new ArrayBuffer(2)),
    'text'.repeat(30),
  ]
  const bytes = Buffer.from(encode(sent))
  const got = codec.decode(bytes, 0, bytes.length)
  const before = JSON.stringify(got)
  bytes.fill(0xff)
  expect(JSON.stringify(got)).toBe(before)
  for (const view of (got as [unknown[]])[0]) {
    const buffer = ArrayBuffer.isView(view) ? view.buffer : view
    if (buffer instanceof ArrayBuffer) expect(buffer).not.toBe(bytes.buffer)
  }
})

test('D5: a Buffer crosses with its own bytes only, into memory of its own', () => {
  const pooled = Buffer.from('secret neighbours').subarray(7, 11)
  expect(pooled.buffer.byteLength).toBeGreaterThan(4)
  const bytes = encode(pooled)
  expect(Buffer.from(bytes).includes('secret')).toBe(false)
  const got = roundTrip(pooled) as Buffer
  expect(Buffer.isBuffer(got)).toBe(true)
  expect([got.toString(), got.byteOffset, got.buffer.byteLength]).toEqual(['neig', 0, 4])
  const view = roundTrip(new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)) as Uint16Array
  expect([...view, view.byteOffset, view.buffer.byteLength]).toEqual([2, 3, 0, 4])
})

test('D5: bytes in the middle of a larger buffer are read where they are', () => {
  const value = { text: 'ü'.repeat(40), bytes: Buffer.from('abc'), number: 1.5, big: 2n ** 90n, lone: '\uD800' }
  const message = encode(value)
  const around = Buffer.alloc(message.length + 1_000, 0xc1)
  around.set(message, 501)
  expect(codec.decode(around, 501, 501 + message.length)).toStrictEqual([value])
  const view = new Uint8Array(around.buffer, around.byteOffset + 3, around.length - 3)
  expect(codec.decode(view, 498, 498 + message.length)).toStrictEqual([value])
})

test('D5: the scratch is one: valid until the next encode, and none of the value stays in it', () => {
  const first = codec.encodeArgs(['first'], 'x')
  const { bytes, start } = first
  const kept = copyOf(first)
  const second = codec.encodeArgs(['other'], 'x')
  expect(second.bytes).toBe(bytes)
  expect(second.start).toBe(start)
  expect(codec.decode(kept, 0, kept.length)).toEqual(['first'])
})

test('D5: one large message does not keep its memory for ever', () => {
  const own = newCodec()
  const large = own.encodeArgs(['x'.repeat(20_000_000)], 'x').bytes.length
  expect(large).toBeGreaterThan(20_000_000)
  let now = large
  for (let i = 0; i < 100; i++) now = own.encodeArgs([i], 'x').bytes.length
  expect(now).toBeLessThan(1_000_000)
})

test('D5: what was sent can be collected: the codec keeps no reference to it', async () => {
  const collected: string[] = []
  const registry = new FinalizationRegistry<string>((name) => collected.push(name))
  const sendAll = (): void => {
    const value = { nested: { list: Array.from({ length: 100 }, () => ({})) }, map: new Map([[{ key: 1 }, 1]]) }
    registry.register(value, 'value')
    registry.register(value.nested, 'nested')
    registry.register(value.nested.list[50]!, 'item')
    registry.register([...value.map.keys()][0]!, 'key')
    encode(value)
  }
  sendAll()
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 50 && collected.length < 4; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(collected.sort()).toEqual(['item', 'key', 'nested', 'value'])
})
