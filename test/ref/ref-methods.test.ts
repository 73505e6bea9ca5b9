import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { isMessageName } from '../../packages/runtime/src/ref/message-name.ts'
import { methodsOf } from '../../packages/runtime/src/ref/ref-methods.ts'
import type { AskMethods } from '../../packages/runtime/src/ref/ref-types.ts'

interface Images {
  resize(image: string, width?: number): string
  name(): string
  length(): number
  call(): string
}
type Dynamic = Record<PropertyKey, unknown> & ((options: object) => Record<PropertyKey, unknown>)

/** A ref's methods over a sink that writes down what was sent, with which options. */
function recorder() {
  const sent: unknown[] = []
  const methods = methodsOf(
    (method, args) => {
      sent.push([method, ...args])
      return `${method} sent`
    },
    (options: object) => methodsOf((method, args) => sent.push([method, ...args, options])),
  )
  return { sent, ask: methods as AskMethods<Images>, dynamic: methods as Dynamic }
}

test('a method call sends its name and its arguments, and gives back what the send returns', () => {
  const { ask, sent } = recorder()
  expect(ask.resize('a', 5)).toBe('resize sent')
  expect(ask.resize('b')).toBe('resize sent')
  expect(sent).toEqual([
    ['resize', 'a', 5],
    ['resize', 'b'],
  ])
})

test('what the send throws reaches the caller', () => {
  const ask = methodsOf(
    () => {
      throw new RangeError('full')
    },
    () => ({}),
  ) as AskMethods<Images>
  expect(() => ask.resize('a')).toThrow(RangeError)
})

test('options give another such object, and the first stays without options', () => {
  const { ask, sent } = recorder()
  const quick = ask({ timeoutMs: 5 })
  void quick.resize('a')
  void quick.resize('b')
  void ask.resize('c')
  expect(sent).toEqual([
    ['resize', 'a', { timeoutMs: 5 }],
    ['resize', 'b', { timeoutMs: 5 }],
    ['resize', 'c'],
  ])
})

test('a method needs no this: destructured, as a callback, with call and apply', () => {
  const { ask, sent } = recorder()
  const { resize } = ask
  void resize('a')
  ;['b'].forEach((image) => void ask({}).resize.call(null, image))
  void ['c'].map(ask.resize as (image: string) => unknown)
  expect(sent.map((call) => (call as string[])[1])).toEqual(['a', 'b', 'c'])
})

test('a method is the same function at each access', () => {
  const { ask } = recorder()
  expect(ask.resize).toBe(ask.resize)
})

test('a method may have the name of a member of functions', () => {
  const { dynamic, sent } = recorder()
  const names = ['name', 'length', 'call', 'apply', 'bind', 'arguments', 'caller']
  for (const name of names) (dynamic[name] as () => unknown)()
  for (const name of names) (dynamic({})[name] as () => unknown)()
  expect(sent).toEqual([...names.map((name) => [name]), ...names.map((name) => [name, {}])])
})

test.each(['ref.ask', 'ref.ask({})'])('looking at %s sends nothing', async (form) => {
  const { dynamic, sent } = recorder()
  const methods = form === 'ref.ask' ? dynamic : dynamic({})
  await methods
  await Promise.all([methods])
  JSON.stringify({ methods })
  expect(inspect(methods, { showHidden: true, getters: true })).toBe('[methods of an ActorRef]')
  inspect(methods, { showProxy: true, customInspect: false })
  expect(`${String(methods)}${methods}`).toContain('object')
  expect(methods).toEqual(methods)
  expect({ methods }).not.toEqual({ methods: 1 })
  void [{ ...methods }, Object.entries(methods), methods instanceof Map, typeof methods, methods == null]
  for (const symbol of [Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol.toStringTag]) {
    expect(methods[symbol]).toBeUndefined()
  }
  expect(sent).toEqual([])
})

test.each(['ref.ask', 'ref.ask({})'])('D16: names of the language are no messages of %s', (form) => {
  const { dynamic, sent } = recorder()
  const methods = form === 'ref.ask' ? dynamic : dynamic({})
  for (const name of ['then', 'catch', 'finally', 'toJSON', 'inspect', 'prototype']) {
    expect(methods[name]).toBeUndefined()
  }
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__'] as const) {
    expect(methods[name]).toBe(({} as Record<string, unknown>)[name])
  }
  expect(sent).toEqual([])
})

test('what somebody adds to Object.prototype hides no message, and makes none of a name that is never one', () => {
  const { ask, sent } = recorder()
  const polluted = Object.prototype as { resize?: unknown }
  polluted.resize = () => 'hidden'
  try {
    void ask.resize('a')
    void ask({}).resize('b')
  } finally {
    delete polluted.resize
  }
  expect(sent).toHaveLength(2)
})

test('names that come from outside do not make it grow', () => {
  const { dynamic, sent } = recorder()
  for (let i = 0; i < 2_000; i++) (dynamic[`name${i}`] as () => unknown)()
  expect(sent).toHaveLength(2_000)
  expect(Object.getOwnPropertyNames(dynamic).length).toBeLessThanOrEqual(256)
})

test('D16: symbols, hooks and names of the language are never messages; others are', () => {
  const never = [
    Symbol.iterator,
    1,
    'then',
    'constructor',
    '__proto__',
    'context',
    'onStart',
    'onStop',
    'onSignal',
    'toJSON',
    'asymmetricMatch',
  ]
  expect(never.filter((name) => isMessageName(name))).toEqual([])
  expect(['add', 'name', 'length', 'call', '$', '_a', 'thenable'].filter((name) => !isMessageName(name))).toEqual([])
})
