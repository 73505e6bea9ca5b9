import { expect, test } from 'vitest'
import * as errors from '../../packages/runtime/src/base/errors.ts'
import { registerError } from '../../packages/runtime/src/codec/class-registry.ts'
import { fingerprint } from './fingerprint.ts'
import { codec, copyOf, newCodec, roundTrip, roundTripError } from './harness.ts'

const { ActorDownError, NotSendableError, RemoteError, TroupeError } = errors

class StockError extends Error {
  readonly sku: string
  constructor(sku: string, options?: ErrorOptions) {
    super(`no ${sku} left`, options)
    this.sku = sku
  }
}
class LateError extends StockError {}
class UnknownError extends TypeError {
  override readonly name = 'UnknownError'
}
registerError(StockError)

test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
  'D8: %o keeps class, message, stack, cause and fields',
  (Class) => {
    const sent = Object.assign(new Class('wrong', { cause: new Error('why') }), { code: 'E_X', details: [1, { a: new Date(1) }] })
    const got = roundTripError(sent) as Error
    expect(Object.getPrototypeOf(got)).toBe(Class.prototype)
    expect(fingerprint(got)).toBe(fingerprint(sent))
    expect(got.stack).toBe(sent.stack)
    expect(Object.keys(got)).toEqual(['code', 'details'])
  },
)

test('D8: an AggregateError keeps its errors', () => {
  const sent = new AggregateError([new TypeError('a'), 'b'], 'many')
  const got = roundTripError(sent) as AggregateError
  expect(got).toBeInstanceOf(AggregateError)
  expect(fingerprint(got)).toBe(fingerprint(sent))
})

test('D8: a DOMException keeps its name and code', () => {
  const got = roundTripError(new DOMException('no', 'AbortError')) as DOMException
  expect(got).toBeInstanceOf(DOMException)
  expect(got).toMatchObject({ name: 'AbortError', code: 20, message: 'no' })
  expect(roundTripError(AbortSignal.timeout(0).reason ?? new DOMException('', 'TimeoutError'))).toMatchObject({
    name: 'TimeoutError',
    code: 23,
  })
})

test('D8: errors of Node itself are what they are to everybody, with their code', () => {
  const got = roundTripError(thrownBy(() => Buffer.alloc('x' as never))) as Error
  expect(Object.getPrototypeOf(got)).toBe(TypeError.prototype)
  expect(got).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
})

function thrownBy(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

test('D8: every error of the closed list arrives as itself', () => {
  const classes = Object.values(errors).filter(
    (each) => each !== TroupeError && each !== RemoteError && Object.prototype.isPrototypeOf.call(TroupeError, each),
  )
  expect(classes.length).toBeGreaterThan(15)
  for (const Class of classes as (typeof NotSendableError)[]) {
    const sent = Object.assign(Object.setPrototypeOf(new Error('text'), Class.prototype), { code: 'TROUPE_X', path: 'p' }) as Error
    const got = roundTripError(sent) as Error
    expect(Object.getPrototypeOf(got)).toBe(Class.prototype)
    expect(fingerprint(got)).toBe(fingerprint(sent))
  }
  const down = roundTripError(new ActorDownError('a.b', { kind: 'error', error: new StockError('nut') })) as InstanceType<
    typeof ActorDownError
  >
  expect(down).toMatchObject({ name: 'ActorDownError', code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'error', error: { sku: 'nut' } } })
  expect(down.cause).toBe((down.reason as { error: unknown }).error)
})

test('D8: a registered class revives without its constructor; its subclass as the nearest registered one, under its own name', () => {
  const got = roundTripError(new StockError('bolt', { cause: 1 })) as StockError
  expect(got).toBeInstanceOf(StockError)
  expect(got).toMatchObject({ message: 'no bolt left', sku: 'bolt', cause: 1 })
  const late = roundTripError(Object.assign(new LateError('nut'), { name: 'LateError' })) as StockError
  expect(Object.getPrototypeOf(late)).toBe(StockError.prototype)
  expect(late).toMatchObject({ name: 'LateError', sku: 'nut' })
})

test('D8: a class that is not registered arrives as a RemoteError: name, code, fields, stack and cause', () => {
  const sent = Object.assign(new UnknownError('odd', { cause: new StockError('nut') }), { code: 404, at: new Date(1) })
  const got = roundTripError(sent) as InstanceType<typeof RemoteError>
  expect(got).toBeInstanceOf(RemoteError)
  expect(got).not.toBeInstanceOf(TypeError)
  expect(got).toMatchObject({ name: 'UnknownError', message: 'odd', code: '404', stack: sent.stack })
  expect(got.fields).toStrictEqual({ code: 404, at: new Date(1) })
  expect(got.cause).toBeInstanceOf(StockError)
  const onwards = roundTripError(got) as InstanceType<typeof RemoteError>
  expect(fingerprint(onwards)).toBe(fingerprint(got))
  expect(onwards).toBeInstanceOf(RemoteError)
})

test('D8: a class that is not registered and has not named its errors is known by its own name', () => {
  class Outage extends Error {}
  class Overload extends RangeError {}
  const named = Object.assign(new Outage('x'), { name: 'Mine' })
  expect([new Outage('x'), new Overload('x'), named].map((sent) => (roundTripError(sent) as Error).name)).toEqual([
    'Outage',
    'Overload',
    'Mine',
  ])
})

test('D8: an error that is its own cause, or has itself in a field', () => {
  const sent = new Error('round') as Error & { self?: unknown }
  sent.cause = sent
  sent.self = { again: sent }
  const got = roundTripError(sent) as typeof sent
  expect(got.cause).toBe(got)
  expect((got.self as { again: unknown }).again).toBe(got)
})

test('D8: what is not an error can be thrown too', () => {
  for (const thrown of [null, undefined, 'text', 5, { status: 404 }, [1]]) expect(roundTripError(thrown)).toStrictEqual(thrown)
})

class Response {
  readonly status = 404
}

test('D8: what cannot be sent at all arrives as an error that says what it was', () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const cases = [
    [() => 1, /something was thrown that cannot be sent: a function/],
    [Symbol('s'), /Symbol\(s\)/],
    [new Response(), /\[Response\]/],
    [Promise.resolve(), /\[Promise\]/],
    [revoked.proxy, /cannot be sent/],
  ] as const
  for (const [thrown, text] of cases) {
    const got = roundTripError(thrown) as Error
    expect(got).toBeInstanceOf(RemoteError)
    expect(got.message).toMatch(text)
  }
})

test('D8: what cannot be sent in an error is replaced by its description; the rest arrives', () => {
  const sent = Object.assign(new StockError('nut', { cause: Symbol('why') }), {
    retry: () => 1,
    response: new Response(),
    list: [1, { deep: class Deep {} }, 2],
    map: new Map([['k', new WeakMap()]]),
    trap: {
      get a() {
        throw new Error('no')
      },
    },
  })
  const again = { n: 1 }
  Object.assign(sent, { first: again, second: again })
  const got = roundTripError(sent) as typeof sent & { first: unknown; second: unknown }
  expect(got).toBeInstanceOf(StockError)
  expect(got).toMatchObject({
    sku: 'nut',
    cause: '[Symbol(why)]',
    retry: '[the function retry]',
    response: '[[Response]]',
    list: [1, { deep: '[the function Deep]' }, 2],
    map: new Map([['k', '[[WeakMap]]']]),
    trap: '[reading it threw Error: no]',
  })
  expect(got.first).toBe(got.second)
})

test('D8: an error whose own getters throw still gets out', () => {
  const sent = new Error('x')
  for (const key of ['stack', 'message', 'name', 'cause', 'field', 'code']) {
    Object.defineProperty(sent, key, {
      enumerable: key === 'field',
      get: () => {
        throw new Error(key)
      },
    })
  }
  expect(roundTripError(sent)).toMatchObject({
    message: '(reading its message threw Error: message)',
    field: '[reading it threw Error: field]',
  })
})

test('D8: an error that is too large loses its fields and the ends of its texts, and says who it is', () => {
  const small = newCodec(10_000)
  const sent = Object.assign(new StockError('nut'), { code: 'E_STOCK', dump: 'x'.repeat(1e6) })
  sent.message = 'ü'.repeat(1e6)
  const bytes = copyOf(small.encodeError(sent, 'store.take'))
  expect(bytes.length).toBeLessThan(10_000)
  const got = small.decodeError(bytes, 0, bytes.length) as InstanceType<typeof RemoteError>
  expect(got).toMatchObject({ name: 'Error', code: 'E_STOCK', message: expect.stringMatching(/^ü{600,}$/) })
  expect(got.stack?.length).toBeGreaterThan(100)
})

test('D8: whatever it is in it that is too large', () => {
  const small = newCodec(100_000)
  const bytes = copyOf(small.encodeError(Object.assign(new StockError('nut'), { a: { deep: ['x'.repeat(1e6)] } }), 'store.take'))
  expect(small.decodeError(bytes, 0, bytes.length)).toMatchObject({ name: 'Error', message: 'no nut left', fields: {} })
})

test('D8: an error is a value like any other in arguments and results', () => {
  const got = roundTrip({ failures: [new StockError('a'), new UnknownError('b')] }) as { failures: Error[] }
  expect(got.failures[0]).toBeInstanceOf(StockError)
  expect(got.failures[1]).toMatchObject({ name: 'UnknownError', message: 'b' })
  expect(codec.decodeError(copyOf(codec.encodeError('plain', 'x')), 0, 6)).toBe('plain')
})
