import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint } from './fingerprint.ts'
import { codec, copyOf, FakeRef, roundTrip, thrownBy } from './harness.ts'
import { anyGraph, anyTree } from './values.ts'

test('D9: every value of the model arrives as it was sent', () => {
  fc.assert(
    fc.property(anyTree, (value) => {
      expect(fingerprint(roundTrip(value))).toBe(fingerprint(value))
    }),
    { numRuns: 1_500 },
  )
})

test('D9: repeated and cyclic references arrive as the same graph', () => {
  fc.assert(
    fc.property(anyGraph, (value) => {
      expect(fingerprint(roundTrip(value))).toBe(fingerprint(value))
    }),
    { numRuns: 2_000 },
  )
})

test('D9: arguments, results and their number', () => {
  const args = [1, undefined, null, { a: [undefined] }]
  const bytes = copyOf(codec.encodeArgs(args, 'store.put'))
  expect(codec.decodeArgs(bytes, 0, bytes.length)).toStrictEqual(args)
  const result = copyOf(codec.encodeResult(undefined, 'store.put'))
  expect(codec.decode(result, 0, result.length)).toBe(undefined)
  const none = copyOf(codec.encodeArgs([], 'store.put'))
  expect(codec.decodeArgs(none, 0, none.length)).toStrictEqual([])
})

test('D9: keys that mean something to JavaScript are plain own properties', () => {
  const sent = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "then": 3, "toString": 4, "hasOwnProperty": 5}')
  const got = roundTrip(sent) as Record<string, unknown>
  expect(Object.keys(got)).toEqual(Object.keys(sent))
  expect(Object.getPrototypeOf(got)).toBe(Object.prototype)
  expect(Object.getOwnPropertyDescriptor(got, '__proto__')?.value).toEqual({ polluted: 1 })
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
})

test('D9: a reply with a `then` can be awaited: functions never cross, so it is no thenable', async () => {
  const sent = JSON.parse('{"then": "soon"}')
  expect(await roundTrip(sent)).toEqual(sent)
})

test('D9: a getter arrives as its value; it is read once, and once more if there is something else that is not plain', () => {
  let reads = 0
  const sent = {
    get total() {
      return ++reads
    },
  }
  expect(roundTrip(sent)).toStrictEqual({ total: 1 })
  expect(roundTrip([sent, new Set()])).toStrictEqual([{ total: 3 }, new Set()])
  expect(reads).toBe(3)
})

test('D9: a getter that answers differently when it is read again is refused or sent as that: nothing degrades', () => {
  const answering = (second: unknown) => {
    let reads = 0
    return {
      get a() {
        return reads++ === 0 ? 1 : second
      },
      // Not plain: so all is read once more.
      b: new Set(),
    }
  }
  for (const second of [() => 1, Symbol('x'), new (class Money {})(), new (class Index extends Map {})(), Promise.resolve()])
    expect(thrownBy(() => roundTrip(answering(second)))).toMatchObject({ code: 'TROUPE_NOT_SENDABLE', path: 'args[0].a' })
  for (const second of [new Map([[1, 2]]), new Set([1]), new URL('http://a/'), /a/g, new RangeError('x'), Object.create(null), 2n ** 70n])
    expect(fingerprint(roundTrip(answering(second)))).toBe(fingerprint({ a: second, b: new Set() }))
})

test('D9: what toJSON, valueOf or an inherited property would say plays no part', () => {
  const sent = Object.create(Object.prototype, { a: { value: 1, enumerable: true }, hidden: { value: 2 } })
  expect(roundTrip(sent)).toStrictEqual({ a: 1 })
  expect(keysUnderPollution({ a: 1 })).toEqual(['a'])
})

function keysUnderPollution(sent: object): string[] {
  const polluted = Object.prototype as Record<string, unknown>
  polluted['inherited'] = 1
  try {
    return Object.keys(roundTrip(sent) as object)
  } finally {
    delete polluted['inherited']
  }
}

test('D9: a frozen Object.prototype does not get in the way of its own names', () => {
  const descriptor = Object.getOwnPropertyDescriptor(Object.prototype, 'toString')!
  Object.defineProperty(Object.prototype, 'toString', { ...descriptor, writable: false })
  try {
    expect(Object.entries(roundTrip({ toString: 1, valueOf: 2 }) as object)).toEqual([
      ['toString', 1],
      ['valueOf', 2],
    ])
  } finally {
    Object.defineProperty(Object.prototype, 'toString', descriptor)
  }
})

test('D9: a transparent Proxy arrives as what it shows', () => {
  const shown = new Proxy({ a: 1 }, { get: (target, key) => (key === 'a' ? 2 : Reflect.get(target, key)) })
  expect(roundTrip(shown)).toStrictEqual({ a: 2 })
  expect(roundTrip(new Proxy([1, 2], {}))).toStrictEqual([1, 2])
})

test('D9: plain objects, arrays and errors of another realm arrive as ours', () => {
  const foreign = runInNewContext('({ a: [1, { b: 2 }], error: new TypeError("x") })')
  const got = roundTrip(foreign) as { a: unknown; error: Error }
  expect(got.a).toStrictEqual([1, { b: 2 }])
  expect(got.error).toMatchObject({ name: 'TypeError', message: 'x' })
})

test('D9: objects with more keys than a short header counts, and keys of any length', () => {
  for (const count of [15, 16, 17, 300, 70_000]) {
    const wide = Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${'x'.repeat(i % 50)} ${i}`, i]))
    expect(fingerprint(roundTrip({ before: wide, after: [wide] }))).toBe(fingerprint({ before: wide, after: [wide] }))
  }
})

test('D9: large values, and small ones after them', () => {
  const large = [Buffer.alloc(5_000_000, 7), 'ü'.repeat(2_000_000), Array.from({ length: 20_000 }, (_, i) => ({ i }))] as const
  const [bytes, text, rows] = roundTrip(large) as [Buffer, string, unknown[]]
  expect([bytes.equals(large[0]), text === large[1]]).toEqual([true, true])
  expect(fingerprint(rows)).toBe(fingerprint(large[2]))
  for (let i = 0; i < 200; i++) expect(roundTrip(i)).toBe(i)
})

test('D9: marks that a decoder of UTF-8 might eat or invent stay as they are', () => {
  for (const text of ['\uFEFF', '\uFEFF\uFFFD', `\uFEFF${'x'.repeat(100)}\uFFFD`, `${'\uFFFD'.repeat(30)}\uFEFF`, '\0'.repeat(70)]) {
    expect(fingerprint(roundTrip({ [text]: text }))).toBe(fingerprint({ [text]: text }))
  }
})

test('D9: a ref crosses as its address', () => {
  const address = { path: '/ledger/store', seat: 7, generation: 2 ** 40 }
  const got = roundTrip({ to: new FakeRef(address) }) as { to: FakeRef }
  expect(got.to).toBeInstanceOf(FakeRef)
  expect(got.to.address).toEqual(address)
})
