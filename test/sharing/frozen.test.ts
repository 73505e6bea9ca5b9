import { freeze, thaw } from '@troupe/runtime'
import fc from 'fast-check'
import { expect, test } from 'vitest'

/** Everything that can be frozen; a Map's keys have no parts. */
const scalars = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, '', '\ud800', '__proto__', 2 ** 53),
)
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalars,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
    fc.array(fc.tuple(scalars, tie('value')), { maxLength: 40 }).map((entries) => new Map(entries)),
    fc.array(scalars, { maxLength: 40 }).map((members) => new Set(members)),
    fc.date(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.bigInt64Array(),
  ),
})).value

test('D9: whatever is frozen reads as what it was, and thaws to it', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(thaw(freeze(value))).toEqual(value)
    }),
    { numRuns: 1_000 },
  )
})

test('D9: every key of a frozen Map is found, and no other', () => {
  fc.assert(
    fc.property(fc.array(scalars), fc.array(scalars), (keys, others) => {
      const map = new Map(keys.map((key, i) => [key, i]))
      const frozen = freeze(map)
      expect(frozen.size).toBe(map.size)
      for (const key of [...keys, ...others]) expect([frozen.has(key), frozen.get(key)]).toEqual([map.has(key), map.get(key)])
      expect([...frozen.keys()]).toEqual([...map.keys()])
    }),
  )
})

test('D9: an object with many keys has an index, and looks like one', () => {
  const object = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key ${i}`, i]))
  const frozen = freeze(object)
  expect(frozen['key 77']).toBe(77)
  expect(frozen['key 1000']).toBeUndefined()
  expect('key 5' in frozen).toBe(true)
  expect({ ...frozen }).toEqual(object)
  expect(JSON.stringify(frozen)).toBe(JSON.stringify(object))
})

test('D9: a frozen object or array behaves as what it was', () => {
  const frozen = freeze({ list: [3, 1, 2], user: { name: 'Zoë', since: new Date(0) } })
  expect(Object.keys(frozen)).toEqual(['list', 'user'])
  expect(Array.isArray(frozen.list)).toBe(true)
  expect(frozen.list.map((n) => n * 2)).toEqual([6, 2, 4])
  expect([...frozen.list].sort()).toEqual([1, 2, 3])
  expect(frozen.list.at(-1)).toBe(2)
  const { name, since } = frozen.user
  expect([name, since]).toEqual(['Zoë', new Date(0)])
  expect(freeze(frozen)).toBe(frozen)
})

test('D9: what is repeated, or contains itself, does so when it is frozen', () => {
  const row: { self?: unknown; tags: string[] } = { tags: ['a'] }
  row.self = row
  const frozen = freeze(
    new Map([
      ['first', row],
      ['second', row],
    ] as const),
  )
  expect((frozen.get('second')!.self as typeof row).tags).toEqual(['a'])
  const thawed = thaw(frozen)
  expect(thawed.get('first')).toBe(thawed.get('second'))
})

test('D9: there is no way to write', () => {
  const frozen = freeze({
    rows: [{ n: 1 }, { n: 0 }],
    bytes: new Uint8Array([1]),
    many: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i, i])),
  })
  const open = frozen as unknown as { rows: { n: number }[]; many: Record<string, number> }
  const writes: (() => unknown)[] = [
    () => (open.rows = []),
    () => (open.rows[0]!.n = 2),
    () => open.rows.push({ n: 2 }),
    () => open.rows.sort(),
    () => (open.rows.length = 0),
    () => (open.many['1'] = 5),
    () => Reflect.deleteProperty(open, 'rows'),
    () => Object.defineProperty(open, 'rows', { value: 1 }),
    () => Object.setPrototypeOf(open, null),
    () => Object.freeze(open),
  ]
  for (const write of writes) expect(write).toThrow(/this value is frozen.*thaw\(value\)/)
  const copy = frozen.bytes.copy()
  copy[0] = 9
  expect([...frozen.bytes]).toEqual([1])
  expect(frozen).toEqual({ rows: [{ n: 1 }, { n: 0 }], bytes: frozen.bytes, many: { ...frozen.many } })
})

test.each([
  [{ rows: [{ onClick: () => 1 }] }, /^value\.rows\[0\]\.onClick cannot be sent \(freeze\(\)\): it is the function onClick/],
  [new Map([[{}, 1]]), /^value\.keys\(\)\[0\] .*objects are no keys here/],
  [new Map([['a', { at: Symbol('here') }]]), /^value\.get\("a"\)\.at .*a symbol/],
  [[new (class Money {})()], /^value\[0\] .*an instance of Money/],
  [new Array<number>(2), /^value\[0\] .*a hole/],
  [{ [Symbol('s')]: 1 }, /a key that is a symbol/],
])('D9: freeze refuses what it cannot hold, with its path: %#', (value, text) => {
  expect(() => freeze(value)).toThrow(text)
})
