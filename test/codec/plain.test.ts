import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import { type Encoded, sizeOf } from '../../packages/runtime/src/codec/encoded.ts'
import { DEPTH_MAX } from '../../packages/runtime/src/codec/wire.ts'
import { ShapeNames } from '../../packages/runtime/src/queue/names.ts'
import { newArena } from '../queue/rig.ts'
import { fingerprint } from './fingerprint.ts'
import { copyOf, FakeRef, randomFrom, thrownBy } from './harness.ts'
import { anyGraph, anyTree } from './values.ts'

/** Sender and receiver of one system: they have nothing in common but the arena. */
function pair(): { sender: Codec; receiver: Codec; pass: (value: unknown) => unknown } {
  const arena = newArena()
  const [sender, receiver] = [codecOn(arena), codecOn(arena)]
  const pass = (value: unknown): unknown => {
    const bytes = copyOf(sender.encodeArgs([value], 'store.put'))
    return receiver.decodeArgs(bytes, 0, bytes.length)[0]
  }
  return { sender, receiver, pass }
}

function codecOn(arena: ReturnType<typeof newArena>): Codec {
  const refs = {
    isRef: (value: object) => value instanceof FakeRef,
    toWire: (ref: object) => (ref as FakeRef).address,
    fromWire: (address: FakeRef['address']) => new FakeRef(address),
  }
  return new Codec(refs, undefined, ShapeNames.of(arena))
}

const row = (n: number) => ({ id: n, name: 'reading', value: n / 2, unit: 'ms', at: { x: n, isLast: false }, none: undefined })

test('D9: objects with keys that have been sent before carry a number, and arrive as they were', () => {
  const { sender, pass } = pair()
  const sizes = Array.from({ length: 8 }, (_, n) => {
    expect(pass(row(n))).toStrictEqual(row(n))
    return sizeOf(sender.encodeArgs([row(n)], 'x'))
  })
  expect(sizes.at(-1)).toBeLessThan(sizes[0]! * 0.7)
  expect(Object.keys(pass({ b: 1, a: 2 }) as object)).toEqual(['b', 'a'])
  expect(Object.keys(pass({ a: 1, b: 2 }) as object)).toEqual(['a', 'b'])
})

test('D9: a receiver that starts later knows every number', () => {
  const arena = newArena()
  const sender = codecOn(arena)
  for (let n = 0; n < 10; n++) sender.encodeArgs([row(n)], 'x')
  const bytes = copyOf(sender.encodeArgs([row(10)], 'x'))
  expect(codecOn(arena).decodeArgs(bytes, 0, bytes.length)).toStrictEqual([row(10)])
})

test('D9: whatever can be sent arrives as it was through numbered keys, too', () => {
  const { pass } = pair()
  fc.assert(
    fc.property(fc.oneof(anyTree, anyGraph), (value) => {
      for (let time = 0; time < 5; time++) expect(fingerprint(pass(value))).toBe(fingerprint(value))
    }),
    { numRuns: 200 },
  )
})

test('D9: dictionaries do not fill the table of shapes, and a full table only costs bytes', () => {
  const { pass } = pair()
  for (let n = 0; n < 20_000; n++) pass({ [`user-${n}`]: n })
  for (let n = 0; n < 2_000; n++) for (let time = 0; time < 6; time++) pass({ [`field-${n}`]: n })
  for (let time = 0; time < 6; time++) expect(pass({ late: time })).toStrictEqual({ late: time })
})

test('D9: names of Object.prototype are keys like all others', () => {
  const { pass } = pair()
  const sent = JSON.parse('{"__proto__": {"polluted": 1}, "toString": 1, "a": 1}')
  for (let time = 0; time < 8; time++) expect(JSON.stringify(pass(sent))).toBe(JSON.stringify(sent))
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
})

test('D9: objects of several kinds in any order arrive as they were, wherever they begin to differ', () => {
  const long = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [n === 0 ? 'type' : `key${n}`, n]))
  const kinds: ((n: number) => object)[] = [
    (n) => ({ type: 'a', x: n }),
    (n) => ({ type: 'b', y: n }),
    () => ({ type: 'c' }),
    (n) => ({ type: 'd', x: n, y: [n, { type: 'a', x: n }], z: new Uint8Array(n % 3 === 0 ? 2_000 : 3) }),
    (n) => ({ type: { x: n }, y: n }),
    (n) => ({ type: { x: n }, z: { y: n }, w: [{ x: n }] }),
    () => ({}),
    () => long,
    (n) => ({ ...long, type: { x: n } }),
    (n) => ({ type: { x: n }, [`once${n}`]: n }),
  ]
  const { pass } = pair()
  fc.assert(
    fc.property(fc.array(fc.nat(kinds.length - 1), { maxLength: 80 }), (order) => {
      const objects = order.map((kind, n) => kinds[kind]!(n))
      const seen = new Set<object>()
      const own = objects.map((object) => (seen.size === seen.add(object).size ? { ...object } : object))
      expect(fingerprint(pass(own))).toEqual(fingerprint(own))
      for (const object of own.slice(0, 8)) expect(fingerprint(pass(object))).toEqual(fingerprint(object))
    }),
    { numRuns: 60 },
  )
})

test('G1: what is nested as deep as it may be arrives, and what is deeper is refused: as arguments and as a result, whatever its keys', () => {
  const { sender, receiver } = pair()
  const nested = (levels: number): object => {
    let value = {}
    for (let level = 1; level < levels; level++) value = level % 3 === 0 ? [value] : { inner: value }
    return value
  }
  const deepest = (encode: (value: object) => Encoded): number => {
    let levels = DEPTH_MAX - 3
    for (; levels < DEPTH_MAX + 3; levels++) {
      const value = nested(levels)
      // Its keys have a number after a few times.
      for (let time = 0; time < 6; time++) {
        let bytes: Uint8Array
        try {
          bytes = copyOf(encode(value))
        } catch (refusal) {
          expect(refusal).toMatchObject({ code: 'TROUPE_NOT_SENDABLE' })
          return levels - 1
        }
        const got = receiver.decode(bytes, 0, bytes.length)
        expect(JSON.stringify(got)).toBe(JSON.stringify(encode === asArguments ? [value] : value))
      }
    }
    return levels
  }
  const asArguments = (value: object): Encoded => sender.encodeArgs([value], 'store.put')
  expect(deepest(asArguments)).toBe(DEPTH_MAX - 1)
  expect(deepest((value) => sender.encodeResult(value, 'store.get'))).toBe(DEPTH_MAX)
})

test('D9: a getter that changes its object in the middle sends what can be sent, or is refused; nothing is mixed up', () => {
  const { pass } = pair()
  for (let time = 0; time < 8; time++) pass({ a: 1, b: 2, c: 3 })
  const shrinking: Record<string, unknown> = { a: 1, b: 2, c: 3 }
  Object.defineProperty(shrinking, 'a', {
    enumerable: true,
    configurable: true,
    get: () => {
      delete shrinking['c']
      return 1
    },
  })
  expect(pass(shrinking)).toStrictEqual({ a: 1, b: 2 })
})

test('D5: large binaries are chunks: copied once, equal in kind and content, also among other things', () => {
  const { sender, pass } = pair()
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => i)
  const kinds = [
    Buffer.from(bytes),
    bytes,
    bytes.slice().buffer,
    new Float64Array(bytes.slice(0, 8_000).buffer),
    new Int16Array(3_000).fill(-7),
  ]
  const encoded = sender.encodeArgs([kinds, 'after'], 'x')
  expect(encoded.chunks).toHaveLength(kinds.length)
  expect(encoded.end - encoded.start).toBeLessThan(100)
  expect(fingerprint(pass([kinds, 'after']))).toBe(fingerprint([kinds, 'after']))
  const middle = bytes.subarray(1_000, 3_000)
  const got = pass(middle) as Uint8Array
  expect([got.length, got.byteOffset, got.buffer.byteLength]).toEqual([2_000, 0, 2_000])
  expect(fingerprint(pass([middle, middle]))).toBe(fingerprint([middle, middle]))
})

test('D5: a chunk that reaches beyond its message, or is one twice, is unreadable', () => {
  const { sender, receiver } = pair()
  const good = copyOf(sender.encodeArgs([Buffer.alloc(2_000, 1), Buffer.alloc(2_000, 2)], 'x'))
  const view = new DataView(good.buffer)
  const place = 1 + 3 + 1
  expect(view.getUint32(place + 4)).toBe(2_000)
  const bad = (at: number, value: number): unknown => {
    const bytes = good.slice()
    new DataView(bytes.buffer).setUint32(at, value)
    return thrownBy(() => receiver.decodeArgs(bytes, 0, bytes.length))
  }
  expect(bad(place, view.getUint32(place))).toBeUndefined()
  for (const [at, value] of [
    [place + 4, 2_200],
    [place + 4, 2 ** 32 - 1],
    [place, 2 ** 32 - 1],
    [place + 12, view.getUint32(place)],
  ] as const)
    expect(bad(at, value)).toMatchObject({ code: 'TROUPE_UNREADABLE_MESSAGE' })
})

test('D5: bytes changed at random are a value or unreadable, whatever their keys were numbered', () => {
  const { sender, receiver } = pair()
  const random = randomFrom(7)
  const message = (n: number): Uint8Array =>
    copyOf(sender.encodeArgs([row(n), [row(n + 1), Buffer.alloc(1_500, n)], 'text of some length'], 'x'))
  for (let n = 0; n < 10; n++) message(n)
  let unreadable = 0
  for (let n = 0; n < 20_000; n++) {
    const bytes = message(n)
    for (let i = 0; i < 3; i++) bytes[Math.floor(random() * 120)] = Math.floor(random() * 256)
    const error = thrownBy(() => receiver.decode(bytes, 0, bytes.length))
    if (error === undefined) continue
    expect(error).toMatchObject({ code: 'TROUPE_UNREADABLE_MESSAGE' })
    unreadable++
  }
  expect(unreadable).toBeGreaterThan(1_000)
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('D9: a shape that somebody scribbled into the table is unreadable, and harms nobody else', () => {
  const arena = newArena()
  const sender = codecOn(arena)
  for (let n = 0; n < 10; n++) sender.encodeArgs([{ a: n }], 'x')
  const bytes = copyOf(sender.encodeArgs([{ a: 1 }], 'x'))
  const text = new Uint8Array(arena.memory, (arena.layout.shapesAt + 64 + 1) * 4, 16)
  const good = text.slice()
  for (const nonsense of ['["__proto__"]', '["a","a"]', '[1]', '{"a":1}', 'nonsense']) {
    text.fill(0x20)
    text.set(new TextEncoder().encode(nonsense))
    const word = new Int32Array(arena.memory, (arena.layout.shapesAt + 64) * 4, 1)
    word[0] = nonsense.length
    expect(thrownBy(() => codecOn(arena).decodeArgs(bytes, 0, bytes.length))).toMatchObject({ code: 'TROUPE_UNREADABLE_MESSAGE' })
    text.set(good)
    word[0] = 5
  }
  expect(codecOn(arena).decodeArgs(bytes, 0, bytes.length)).toStrictEqual([{ a: 1 }])
})
