import { type ActorRef, ActorStoppedError, NotAMessageError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { methodTable } from '../../packages/runtime/src/actor/method-table.ts'
import { Recorder } from '../actors/recorder.ts'
import { Surface } from '../actors/surface.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, isInline, range, rejection, startSystem, thrown } from './scene.ts'

/** What JavaScript, or a wrong cast, can do to a ref. */
type Untyped = Record<string, (...args: unknown[]) => Promise<unknown>>
const untyped = (methods: object): Untyped => methods as Untyped

test('D16: own methods and those of classes between are messages', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Surface)
  expect(await ref.ask.method()).toBe('method')
  expect(await ref.ask.below()).toBe('below')
  expect(await ref.ask.overridden()).toBe('above below')
})

test('D16: accessors, fields, statics and what does not exist are refused by name, and no accessor runs', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Surface)
  for (const name of ['accessor', 'field', 'shared', 'nothing', 'constructor ', '#reads', '#count', 'count']) {
    const error = await rejection(untyped(ref.ask)[name]!())
    expect(error).toBeInstanceOf(NotAMessageError)
    expect(error.message).toMatch(new RegExp(`^/user/.*: Surface has no message ${name}\\(\\)`))
    expect(error.message).toContain('method, overridden, reads, erased, guarded, below')
  }
  expect(await ref.ask.reads()).toBe(0)
})

test('D16: #private is in no table; private and protected of TypeScript are erased, so that only the compiler hides them', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Surface)
  // @ts-expect-error it is private
  void ref.ask.erased
  // @ts-expect-error it is protected
  void ref.ask.guarded
  expect(await untyped(ref.ask).erased!()).toBe('private, of method')
  expect(await untyped(ref.ask).guarded!()).toBe('private, of method')
  expect(await rejection(untyped(ref.ask)['#count']!())).toBeInstanceOf(NotAMessageError)
})

test('D16: names of the language are not messages on the side of the caller, and a hook is refused in words', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Surface)
  for (const name of ['then', 'toJSON', '__proto__', 'constructor', 'hasOwnProperty']) {
    for (const methods of [ref.ask, ref.tell, ref.ask({ timeoutMs: 100 })]) {
      const member = Reflect.get(methods, name) as unknown
      expect(member === undefined || member === Reflect.get({}, name), name).toBe(true)
    }
  }
  for (const name of ['onStart', 'onStop', 'onSignal', 'onUpgrade', 'context']) {
    expect((await rejection(untyped(ref.ask)[name]!())).message).toContain(`Surface has no message ${name}(): only the runtime calls it`)
  }
  // Awaiting it is looking for `then`: it neither hangs nor sends.
  await ref.ask
  expect(JSON.stringify({ ref })).toBe(`{"ref":"${ref.path}"}`)
})

test('D16: nor on the side of the actor, whatever a caller puts into a record', () => {
  const table = methodTable(Surface, Object.getPrototypeOf(Object.getPrototypeOf(Surface.prototype)) as object)
  expect([...table.keys()].sort()).toEqual(['below', 'erased', 'guarded', 'method', 'overridden', 'reads'])
})

test('D16: a tell that is no message of its receiver is a DeadLetter, and harms nobody', async () => {
  const system = await startSystem()
  const letters = collect(system, 'deadLetter')
  const ref = await system.spawn(Surface, { name: 'surface' })
  for (const i of [1, 2, 3, 4, 5]) Reflect.apply(Reflect.get(ref.tell, 'mehtod') as (n: number) => boolean, undefined, [i])
  expect(await ref.ask.method()).toBe('method')
  await eventually(() => expect(letters).toHaveLength(5))
  expect(letters.map(({ to, from, method, args, why }) => [to, from, method, args, why])).toEqual(
    [1, 2, 3, 4, 5].map((i) => ['/user/surface', '(host)', 'mehtod', [i], 'notAMessage']),
  )
  expect((await system.tree()).children[0]!.children[0]).toMatchObject({ path: '/user/surface', restarts: 0 })
})

test('tell and ask: results, undefined, promises and many arguments', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const ref = await system.spawn(Victim, { args: [recorder] })
  expect(ref.tell.note('told')).toBe(true)
  expect(await ref.ask.note('asked')).toBe(1)
  expect(await ref.ask.echo(undefined)).toBe(undefined)
  const value = { n: [1, 2n, null], at: new Date(5), bytes: new Uint8Array([1, 2]), map: new Map([['k', new Set([1])]]) }
  expect(await ref.ask.echo(value)).toEqual(value)
  expect(await eventuallyNoted(recorder, 2)).toEqual([
    [1, 'told'],
    [1, 'asked'],
  ])
})

test('tell and ask: a reply with a key `then` is a value, not a promise', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  expect(await ref.ask.echo([{ then: 5 }])).toEqual([{ then: 5 }])
})

test.skipIf(isInline)('G8: askSync blocks until the reply is there, and throws what an ask rejects with', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { restart: 'temporary' })
  expect(ref.askSync.echo(5)).toBe(5)
  expect(() => ref.askSync.fail('no')).toThrow(RangeError)
  expect(() => ref.askSync({ timeoutMs: 20 }).spin(ref as never)).toThrow('no answer within 20 ms')
  await system.kill(ref)
  expect(() => ref.askSync.echo(5)).toThrow(ActorStoppedError)
})

function eventuallyNoted(recorder: ActorRef<Recorder>, count: number): Promise<unknown[]> {
  return eventually(async () => {
    const noted = await recorder.ask.noted()
    expect(noted).toHaveLength(count)
    return noted
  })
}

test('G2: a message whose getter moves away what was read of it throws where it is sent, and harms no other', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const moved = new Uint8Array(20_000)
  const message = {
    whole: new Uint8Array(20_000),
    moved,
    get last() {
      if (moved.length > 0) structuredClone(moved, { transfer: [moved.buffer] })
      return 1
    },
  }
  expect(thrown(() => recorder.tell.note(message))).toBeInstanceOf(TypeError)
  for (const what of range(3)) expect(recorder.tell.note(what)).toBe(true)
  expect(await recorder.ask.noted()).toEqual(range(3))
})
