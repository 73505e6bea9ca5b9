import fc from 'fast-check'
import { FakeRef } from './harness.ts'

/** Any sequence of code units, lone surrogates included, and the strings that went wrong somewhere before. */
const anyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.array(fc.nat(0xffff), { maxLength: 70 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    '\uD800',
    'a\uDC00b',
    '\uFEFFx',
    `\uFEFF${'x'.repeat(100)}`,
    '\uFFFD',
    '\uFFFD'.repeat(60),
    '\0',
    'x'.repeat(70_000),
    'ü'.repeat(30_000),
  ),
)
const anyKey = fc.oneof(
  anyString,
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '0', 'toJSON'),
)
const anyNumber = fc.oneof(
  fc.integer(),
  fc.double(),
  // biome-ignore format: the edges of the number formats.
  fc.constantFrom(0, -0, Number.NaN, 127, 128, 255, 256, 65_535, 65_536, -1, -32, -33, -128, -129, -32_768, -32_769, 2 ** 31, -(2 ** 31), 2 ** 32),
  fc.constantFrom(2 ** 53 + 2, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
)
const anyBigInt = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(1n << 600n), max: 1n << 600n }),
  // biome-ignore format: the edges of the number formats.
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 127n, -(2n ** 127n), 1n << 5000n),
)
const anyBytes = fc.uint8Array({ maxLength: 300 })
const anyBinary = fc.oneof(
  anyBytes.map((bytes) => Buffer.from(bytes)),
  anyBytes,
  anyBytes.map((bytes) => bytes.buffer.slice(0)),
  anyBytes.map((bytes) => new DataView(bytes.buffer.slice(0))),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
)
const anyBuiltIn = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(/a/g, /\//u, /(?<x>.)/dgimsuy, /(?:)/),
  fc.webUrl().map((href) => new URL(href)),
  fc.nat(4_093).map((seat) => new FakeRef({ path: `/a/${seat}`, seat, generation: seat * 1_000_003 })),
)

/** The whole value model, as trees. */
export const anyTree: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'tree' },
    fc.oneof(anyNumber, anyString, fc.boolean(), fc.constantFrom(undefined, null), anyBigInt),
    anyBinary,
    anyBuiltIn,
    fc.array(tie('value'), { maxLength: 20, depthIdentifier: 'tree' }),
    fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 20, depthIdentifier: 'tree' }).map(objectOf),
    fc
      .array(fc.tuple(anyKey, tie('value')), { maxLength: 5, depthIdentifier: 'tree' })
      .map((entries) => Object.setPrototypeOf(objectOf(entries), null)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5, depthIdentifier: 'tree' }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'tree' }).map((values) => new Set(values)),
    fc.tuple(anyString, tie('value'), fc.array(fc.tuple(anyString, tie('value')), { maxLength: 3 })).map(errorOf),
  ),
})).value

/** Objects that refer to each other in any way: repeats, and ways back to where they began. */
export const anyGraph: fc.Arbitrary<unknown> = fc
  .array(fc.tuple(fc.nat(6), fc.array(fc.nat(), { maxLength: 4 })), { minLength: 1, maxLength: 60 })
  .map(graphOf)

function objectOf(entries: (readonly [string, unknown])[]): object {
  const object = {}
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  return object
}

function errorOf([message, cause, fields]: [string, unknown, [string, unknown][]]): Error {
  const known = ['stack', 'message', 'name', 'cause', 'errors', '__proto__']
  const own = fields.filter(([key]) => !known.includes(key))
  return Object.defineProperties(new RangeError(message, { cause }), Object.getOwnPropertyDescriptors(objectOf(own)))
}

const MAKERS: readonly (() => object)[] = [
  () => ({}),
  () => [],
  () => new Map(),
  () => new Set(),
  () => Object.create(null),
  () => new Error('a node'),
  () => new Date(5),
]

function graphOf(spec: [number, number[]][]): unknown {
  const nodes = spec.map(([maker]) => MAKERS[maker]!())
  nodes.forEach((node, i) => {
    for (const target of spec[i]![1]) connect(node, nodes[target % nodes.length]!, target)
  })
  return nodes[0]
}

function connect(from: object, to: object, label: number): void {
  if (from instanceof Map) from.set(label % 2 === 0 ? to : label, to)
  else if (from instanceof Set) from.add(to)
  else if (Array.isArray(from)) from.push(to)
  else if (from instanceof Error) Object.defineProperty(from, 'cause', { value: to, configurable: true, writable: true })
  else if (!(from instanceof Date)) Object.assign(from, { [`to${label % 5}`]: to })
}
