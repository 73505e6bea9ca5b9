import { type ActorClass, InvalidMessageError, type StandardSchema, StartFailedError } from '@troupe/runtime'
import { proxy } from '@troupe/runtime/comlink'
import { expect, test } from 'vitest'
import { Checker, type Order, OverlappingChecker, StrictChecker } from '../actors/checker.ts'
import { Misspelt, NoArray, NoObject, NoSchema, TooFew } from '../actors/faulty-schemas.ts'
import { collect, eventually, next, rejection, startSystem, thrown } from './scene.ts'

const WRONG = 'no number' as unknown as number

test('G16: what a schema refuses is not begun; the asker has the actor, the method and each fault with its path', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker, { name: 'checker' })
  expect(await ref.ask.order({ user: { name: 'a' }, lines: [{ sku: 's', count: 1 }] })).toBe(1)
  const wrong = {
    user: { name: 5 },
    lines: [
      { sku: 's', count: 1 },
      { sku: 's', count: -1 },
    ],
  } as unknown as Order
  const error = await rejection(ref.ask.order(wrong))
  expect(error).toBeInstanceOf(InvalidMessageError)
  expect(error).toMatchObject({
    code: 'TROUPE_INVALID_MESSAGE',
    actor: '/user/checker',
    method: 'order',
    issues: [
      { path: 'args[0].user.name', message: expect.stringContaining('expected string') },
      { path: 'args[0].lines[1].count', message: expect.any(String) },
    ],
  })
  expect(error.message).toMatch(/^\/user\/checker\.order\(\): .* args\[0\]\.user\.name: .*expected string/)
  expect(await ref.ask.begun()).toEqual(['order'])
  // A method that says nothing takes what comes, and calls others of its own as they are.
  expect(await ref.ask.unchecked(WRONG)).toBe('no number1')
})

test('G16: the faults of all arguments are told; of very many, the first', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker)
  const both = (await rejection(ref.ask.greet('unknown', 5 as never))) as InvalidMessageError
  expect(both.issues.map(({ path }) => path)).toEqual(['args[0]', 'args[1]'])
  const lines = Array.from({ length: 100 }, () => ({ sku: 'x', count: 'x'.repeat(10_000) as unknown as number }))
  const many = (await rejection(ref.ask.order({ user: { name: 'a' }, lines }))) as InvalidMessageError
  expect(many.issues).toHaveLength(32)
  expect(many.message).toContain('and 95 more')
})

test('G16: the method gets what the schemas give: coerced, with defaults, and nothing that has none', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker)
  expect(await ref.ask.when('2024-05-01' as unknown as Date)).toBe('2024 nobody 2')
  expect(await ref.ask.tag('text')).toBe('TEXT 7')
  expect(await ref.ask.greet(' anna ', 'hello')).toBe('hello, anna')
  // As in `dates.map(ref.ask.when)`, which passes an index and an array, too.
  expect(await Reflect.apply(ref.ask.when, undefined, ['2023-01-01', 'me', { unasked: true }])).toBe('2023 me 2')
})

test.for([
  ['reply', Checker],
  ['crash', StrictChecker],
] as const)('G16: a tell that is refused is a dead letter with its arguments, and no crash (onThrow: %s)', async ([, actor]) => {
  const system = await startSystem()
  const letters = collect(system, 'deadLetter')
  const exits = collect(system, 'exited')
  const ref = await system.spawn(actor as typeof Checker, { name: 'checker' })
  expect(ref.tell.add(WRONG)).toBe(true)
  expect(ref.tell.greet('unknown', 'hello')).toBe(true)
  expect(ref.tell.add(1)).toBe(true)
  expect(await rejection(ref.ask.add(WRONG))).toBeInstanceOf(InvalidMessageError)
  expect(await ref.ask.begun()).toEqual(['add'])
  await eventually(() => expect(letters).toHaveLength(2))
  expect(letters).toMatchObject([
    {
      to: '/user/checker',
      from: '(host)',
      method: 'add',
      args: ['no number'],
      why: 'invalid',
      detail: expect.stringContaining('args[0]: '),
    },
    { method: 'greet', args: ['unknown', 'hello'], why: 'invalid', detail: expect.stringContaining('Nobody knows it') },
  ])
  expect(exits).toEqual([])
})

test('G16: while an asynchronous schema is at work the actor takes no other message', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker)
  const greetings = [ref.ask.greet('a', 'hello'), ref.ask.add(1), ref.ask.greet('b', 'hello'), ref.ask.add(2)]
  expect(await Promise.all(greetings)).toEqual(['hello, a', 2, 'hello, b', 3])
  expect(await ref.ask.begun()).toEqual(['greet', 'add', 'greet', 'add'])
})

test('G16: a checked method is re-entrant, and can be stashed, as any', async () => {
  const system = await startSystem()
  const ref = await system.spawn(OverlappingChecker)
  const held = ref.ask.hold('a')
  const refused = ref.ask.hold('unknown')
  expect(await rejection(refused)).toBeInstanceOf(InvalidMessageError)
  await ref.ask.let('on')
  expect(await held).toBe('on')
  const later = ref.ask.later(' a ')
  expect(await ref.ask.open()).toBe(1)
  expect(await later).toBe('a')
})

test('G16: askSync, and streams of both kinds, are refused alike', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker)
  expect(ref.askSync.add(1)).toBe(2)
  expect(thrown(() => ref.askSync.add(WRONG))).toMatchObject({ code: 'TROUPE_INVALID_MESSAGE', issues: [{ path: 'args[0]' }] })
  expect([...ref.askSync.count(3)]).toEqual([1, 2, 3])
  expect(await rejection(ref.ask.count(6).next())).toBeInstanceOf(InvalidMessageError)
  expect(await rejection(ref.ask.names('unknown').next())).toBeInstanceOf(InvalidMessageError)
  expect(thrown(() => ref.askSync.names('unknown').next())).toBeInstanceOf(InvalidMessageError)
  expect(await ref.ask.begun()).toEqual(['add', 'count'])
  const names: string[] = []
  for await (const name of ref.ask.names(' a ')) names.push(name)
  expect(names).toEqual(['a', 'b', 'c'])
  // One that is left runs its finally, as any.
  for await (const _ of ref.ask.names('a')) break
  expect(await ref.ask.begun()).toEqual(['add', 'count', 'names', 'left', 'names', 'left'])
})

test('G16: callbacks pass through a schema, and Comlink’s callers are checked', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Checker)
  expect(await ref.ask.each((n) => n * 2, 4)).toBe(8)
  expect(await rejection(ref.ask.each((n) => n, WRONG))).toMatchObject({ issues: [{ path: 'args[1]' }] })
  const remote = proxy(ref)
  expect(await remote.add(1)).toBe(2)
  expect((await rejection(remote.add(WRONG))).name).toBe('InvalidMessageError')
})

test('G16: a refusal that a handler got from somebody else is its own failure, and so is a schema that throws', async () => {
  const system = await startSystem()
  const [ref, other] = [await system.spawn(Checker, { name: 'checker' }), await system.spawn(Checker, { name: 'other' })]
  expect(await ref.ask.greet('a', 'hello')).toBe('hello, a')
  expect(await rejection(ref.ask.passOn(other, false))).toMatchObject({ actor: '/user/other', method: 'add' })
  expect(await rejection(ref.ask.greet('broken', ''))).toMatchObject({ name: 'RangeError', message: 'the schema is broken' })
  // Both of them: the asker hears of one, and nobody of the other.
  expect(await rejection(ref.ask.greet('broken', 'broken'))).toMatchObject({ name: 'RangeError', message: 'so is this one' })
  expect(await ref.ask.greet('a', 'hello')).toBe('hello, a')
  expect(await ref.ask.begun()).toEqual(['greet', 'greet'])
  for (const fail of [() => ref.tell.passOn(other, true), () => ref.tell.greet('broken', '')]) {
    const exited = next(system, 'exited', '/user/checker')
    fail()
    expect(await exited).toMatchObject({ reason: { kind: 'error' }, willRestart: true })
  }
})

test('G16: a derived class keeps the checks of its base, but for the methods that it names', async () => {
  const system = await startSystem()
  const ref = await system.spawn(StrictChecker)
  expect(await rejection(ref.ask.added(5 as never))).toBeInstanceOf(InvalidMessageError)
  expect(await rejection(ref.ask.add(WRONG))).toBeInstanceOf(InvalidMessageError)
  expect(await ref.ask.order({ lines: [] } as unknown as Order)).toBe(0)
})

test.for([
  ['a misspelt method', Misspelt, /schemas\.ad names no message of it\. Did you mean 'add'\? It has: add/],
  ['no schema', NoSchema, /schemas\.add\[0\] is an object, and no Standard Schema .* Take one of zod/],
  ['no array', NoArray, /schemas\.add is an object\. Write an array/],
  ['too few', TooFew, /schemas\.add has 0 schemas, and the method 1 parameters\. Write one for each/],
  ['no object', NoObject, /static schemas is 'strict'\. Write \{ method/],
] as const)('G16: a fault in the schemas themselves is a failed start that says what to do (%s)', async ([, actor, text]) => {
  const system = await startSystem()
  const error = await rejection(system.spawn(actor as ActorClass<object, []>))
  expect(error).toBeInstanceOf(StartFailedError)
  expect((error as StartFailedError).stage).toBe('load')
  expect(error.message).toMatch(text)
})

test('G16: the types of the specification are those of the libraries', async () => {
  const { z } = await import('zod')
  const v = await import('valibot')
  const schemas: StandardSchema<string>[] = [z.string(), v.string()]
  expect(schemas.map((schema) => schema['~standard'].vendor)).toEqual(['zod', 'valibot'])
})
