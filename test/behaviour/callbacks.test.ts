import { InvalidArgumentError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { CallerBack } from '../actors/caller-back.ts'
import { Recorder } from '../actors/recorder.ts'
import { eventually, range, rejection, startSystem, thrown } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

async function scene() {
  const system = await startSystem()
  return { system, ref: await system.spawn(CallerBack, { name: 'back' }), recorder: await system.spawn(Recorder) }
}

test('callbacks: a function in the arguments is called in the isolate of who passed it, and its result comes back', async () => {
  const { system, ref } = await scene()
  const seen: number[] = []
  const visit = (n: number): number => {
    seen.push(n)
    return n * 10
  }
  expect(await ref.ask.each(3, { visit })).toBe(60)
  expect(seen).toEqual([1, 2, 3])
  expect(await ref.ask.each(3, { visit: async (n) => n })).toBe(6)
  expect(await ref.ask.all(500, (n) => n)).toEqual(range(500))
  // From an actor, in the other colour, and for as long as a stream lasts.
  const other = await system.spawn(CallerBack)
  expect(await other.ask.sumSync(ref, 3)).toBe(12)
  const mapped: number[] = []
  for await (const n of ref.ask.mapped(3, (i) => i * i)) mapped.push(n)
  expect(mapped).toEqual([1, 4, 9])
})

test('callbacks: one that blocks for another answer is called once', async () => {
  const { system, ref } = await scene()
  const other = await system.spawn(CallerBack)
  const seen: number[] = []
  const visit = (n: number): number => {
    seen.push(n)
    return seen.length > 9 ? Number.NaN : other.askSync.plain(n)
  }
  expect(await ref.ask.each(3, { visit })).toBe(6)
  expect(await ref.ask.all(3, visit)).toEqual([0, 1, 2])
  expect(seen).toEqual([1, 2, 3, 0, 1, 2])
})

test('callbacks: what one throws is thrown where it was called', async () => {
  const { ref } = await scene()
  const error = await rejection(
    ref.ask.each(1, {
      visit: () => {
        throw new RangeError('no')
      },
    }),
  )
  expect(error).toBeInstanceOf(RangeError)
  expect(error.message).toBe('no')
  expect(await ref.ask.each(1, { visit: () => 5 })).toBe(5)
})

test('callbacks: one is released when its call has ended, and one that is told is refused', async () => {
  const { ref } = await scene()
  await ref.ask.keep(() => 1)
  const error = await rejection(ref.ask.callKept())
  expect(error).toBeInstanceOf(InvalidArgumentError)
  expect(error.message).toContain('it is released')
  expect(thrown(() => ref.tell.keep((() => 1) as never))).toMatchObject({ code: 'TROUPE_NOT_SENDABLE', path: 'args[0]' })
})

test('callbacks: a caller that is killed while one is called ends the call back', async () => {
  const { system, ref, recorder } = await scene()
  const passer = await system.spawn(CallerBack, { restart: 'temporary' })
  void rejection(passer.ask(FOREVER).pass(ref, recorder))
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(['called']))
  await system.kill(passer)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(['called', 'ActorDownError']))
  expect(await ref.ask.each(1, { visit: () => 5 })).toBe(5)
})

test('callbacks: a callee that is killed while one is called ends the call, and calls nobody any more', async () => {
  const { system, ref } = await scene()
  let called = 0
  const asked = rejection(ref.ask(FOREVER).each(1_000, { visit: () => ++called && new Promise<number>(() => undefined) }))
  await eventually(() => expect(called).toBe(1))
  await system.kill(ref)
  expect(await asked).toMatchObject({ code: 'TROUPE_ACTOR_DOWN' })
  expect(await ref.ask.each(2, { visit: () => 1 })).toBe(2)
  expect(called).toBe(1)
})
