import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { MessageTooLargeError, NotSendableError } from '../../packages/runtime/src/base/errors.ts'
import { DEPTH_MAX } from '../../packages/runtime/src/codec/wire.ts'
import { codec, encode, newCodec, roundTrip, thrownBy } from './harness.ts'

class Money {
  cents = 5
}

const shared = new SharedArrayBuffer(8)
const detached = new ArrayBuffer(8)
const detachedBytes = new Uint8Array(detached)
structuredClone(detached, { transfer: [detached] })
const withHole = Object.assign(new Array(3), { 0: 1, 2: 3 })
const circular = { self: {} as unknown, onClick: () => 1 }
circular.self = circular

/** What is sent, where the fault lies, and a word of the reason. */
// biome-ignore format: a table with a row for each refusal.
const REFUSED: readonly (readonly [value: unknown, path: string, why: RegExp])[] = [
  [() => 1, 'args[0]', /a function/],
  [{ user: { onClick: function onClick() {} } }, 'args[0].user.onClick', /the function onClick.*ActorRef/],
  [[1, [2, class Foo {}]], 'args[0][1][1]', /the function Foo/],
  [circular, 'args[0].onClick', /the function onClick/],
  [{ 'unit price': [Symbol('x')] }, 'args[0]["unit price"][0]', /a symbol, Symbol\(x\)/],
  [{ a: 1, [Symbol.iterator]: 1 }, 'args[0]', /key that is a symbol, Symbol\(Symbol.iterator\)/],
  [{ price: new Money() }, 'args[0].price', /an instance of Money, a class without a codec.*registerClass/],
  [Object.create({ inherited: 1 }), 'args[0]', /an instance of Object/],
  [Object.create(new Money()), 'args[0]', /an instance of Money/],
  [new (class Rows extends Array {})(), 'args[0]', /an instance of Rows/],
  [new (class Index extends Map {})(), 'args[0]', /an instance of Index/],
  [new (class Day extends Date {})(), 'args[0]', /an instance of Day/],
  [Promise.resolve(1), 'args[0]', /a Promise. Await it/],
  [{ ready: Promise.resolve(1) }, 'args[0].ready', /a Promise/],
  [AbortSignal.abort(), 'args[0]', /an AbortSignal.*ask/],
  [new AbortController(), 'args[0]', /AbortController/],
  [shared, 'args[0]', /shared memory. .*share\(.*send a copy/],
  [new Int32Array(shared), 'args[0]', /a view of shared memory/],
  [{ a: [new DataView(shared)] }, 'args[0].a[0]', /a view of shared memory/],
  [Buffer.from(shared), 'args[0]', /a view of shared memory/],
  [detached, 'args[0]', /moved elsewhere/],
  [detachedBytes, 'args[0]', /moved elsewhere/],
  [new ArrayBuffer(8, { maxByteLength: 16 }), 'args[0]', /resizable/],
  [new WeakMap(), 'args[0]', /a weak reference/],
  [new WeakSet(), 'args[0]', /a weak reference/],
  [new WeakRef({}), 'args[0]', /a weak reference/],
  [new MessageChannel().port1, 'args[0]', /MessagePort/],
  [[1][Symbol.iterator](), 'args[0]', /an iterator. Send an array; or make it async/],
  [(function* () {})(), 'args[0]', /an iterator/],
  [(async function* () {})(), 'args[0]', /a stream/],
  [new Number(1), 'args[0]', /an instance of Number/],
  [Object(1n), 'args[0]', /an instance of BigInt/],
  [Math, 'args[0]', /symbol/],
  [argumentsOf(1, 2), 'args[0]', /symbol/],
  [{ rows: withHole }, 'args[0].rows[1]', /a hole in a sparse array/],
  [new Array(2 ** 32 - 1), 'args[0][0]', /a hole/],
  ['abc'.match(/b/), 'args[0]', /named properties/],
  [new Map([['k', { f: () => 1 }]]), 'args[0].get("k").f', /the function f/],
  [new Map([[1, 2], [{ a: Symbol() } as never, 2]]), 'args[0].keys()[1].a', /a symbol/],
  [new Map([[new Money(), () => 1]] as never), 'args[0].keys()[0]', /Money/],
  [{ s: new Set([1, () => 1]) }, 'args[0].s.values()[1]', /a function/],
  [Object.assign(new Date(), { zone: 'CET' }), 'args[0]', /a property of its own, zone/],
  [Object.assign(new Map(), { size2: 1 }), 'args[0]', /a property of its own, size2/],
  [Object.create(Date.prototype), 'args[0]', /reading it threw TypeError/],
  [new Proxy(new Map(), {}), 'args[0]', /reading it threw TypeError/],
  [Object.assign(new Error('x'), { request: { send: () => 1 } }), 'args[0].request.send', /the function send/],
  [new Error('x', { cause: Symbol('y') }), 'args[0].cause', /a symbol/],
  [{ a: { get b() { throw new RangeError('no') } } }, 'args[0].a.b', /reading it threw RangeError: no/],
  [{ a: new Proxy({}, { ownKeys() { throw new Error('trap') } }) }, 'args[0].a', /reading it threw Error: trap/],
  [{ a: new Proxy({}, { getPrototypeOf() { throw null } }) }, 'args[0].a', /reading it threw null/],
]

function argumentsOf(..._: unknown[]): unknown {
  // biome-ignore lint/complexity/noArguments: the object itself is what is sent.
  return arguments
}

function nested(depth: number): object {
  let value = {}
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}

test.each(REFUSED.map(([value, path, why]) => [path, why, { value }] as const))('D9: refused: %s: %s', (path, why, { value }) => {
  const error = thrownBy(() => encode(value)) as NotSendableError
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error).toMatchObject({ code: 'TROUPE_NOT_SENDABLE', path })
  expect(error.message).toMatch(why)
  expect(error.message).toContain(`cannot be sent (store.put): `)
})

test('D9: the whole text of a refusal', () => {
  expect((thrownBy(() => encode({ user: { onClick() {} } })) as Error).message).toBe(
    'args[0].user.onClick cannot be sent (store.put): it is the function onClick. Send plain data, or pass an ActorRef.',
  )
})

test('D9: the path of a result begins with its name', () => {
  expect(thrownBy(() => codec.encodeResult({ rows: [() => 1] }, 'store.list'))).toMatchObject({ path: 'the result.rows[0]' })
  expect(thrownBy(() => codec.encodeResult(Symbol.iterator, 'store.list'))).toMatchObject({ path: 'the result' })
})

test('D9: what user code threw is the cause', () => {
  const thrown = new Error('mine')
  const value = Object.defineProperty({}, 'a', {
    enumerable: true,
    get: () => {
      throw thrown
    },
  })
  expect((thrownBy(() => encode(value)) as Error).cause).toBe(thrown)
})

test('D9: a refusal leaves nothing behind', () => {
  for (const [value] of REFUSED) {
    thrownBy(() => encode([{ a: 1 }, value]))
    const again = { x: 1 }
    expect(roundTrip([again, again, 'text'])).toStrictEqual([again, again, 'text'])
  }
})

test('D9: what is too deep is refused, not tried', () => {
  for (const depth of [DEPTH_MAX, 200_000]) {
    const error = thrownBy(() => encode(nested(depth))) as NotSendableError
    expect(error).toMatchObject({ code: 'TROUPE_NOT_SENDABLE', message: expect.stringMatching(/nested more than \d+ levels deep/) })
    expect(error.path).toMatch(/^args\[0\](\.a)+$/)
  }
})

test('D9: almost as deep as allowed works, also from deep in the stack', () => {
  let value: unknown = 'bottom'
  for (let i = 0; i < DEPTH_MAX - 1; i++)
    value = i % 3 === 0 ? new Map([['k', value]]) : i % 3 === 1 ? { a: value } : Object.assign(new Error('x'), { a: value })
  const deepCall = (depth: number): unknown => (depth === 0 ? roundTrip(value) : deepCall(depth - 1))
  expect(thrownBy(() => deepCall(1_500))).toBe(undefined)
})

test('D9: a stack that is used up is a refusal, not a crash', () => {
  let outcome: unknown
  const dig = (): void => {
    const here = thrownBy(() => encode(nested(300)))
    if (here !== undefined) outcome = here
    else dig()
  }
  thrownBy(dig)
  expect(outcome === undefined || outcome instanceof NotSendableError || outcome instanceof RangeError).toBe(true)
  expect(roundTrip({ a: 1 })).toStrictEqual({ a: 1 })
})

test('G1: a message that is too large is refused by its size, before anything of that size is built', () => {
  const small = newCodec(100_000)
  for (const value of [
    'x'.repeat(100e6),
    Buffer.alloc(200_000),
    Array.from({ length: 60_000 }, (_, i) => i),
    1n << 2_000_000n,
    'x'.repeat(99_999),
  ]) {
    const error = thrownBy(() => small.encodeArgs([value], 'store.put'))
    expect(error).toBeInstanceOf(MessageTooLargeError)
    expect((error as Error).message).toMatch(/^store\.put: the message has \d+ bytes, and at most 100000 are allowed/)
  }
  // There is room for the longest UTF-8 there could be.
  const { bytes, start, end } = small.encodeArgs(['x'.repeat(99_000)], 'store.put')
  expect(end - start).toBeLessThan(100_000)
  expect(bytes.length).toBeLessThan(99_000 * 3 * 4 + 100_000)
})
