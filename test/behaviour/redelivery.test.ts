import { setTimeout as delay } from 'node:timers/promises'
import { ActorDownError, ActorSystem, AskTimeoutError, child, InvalidSpecError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Retrier } from '../actors/retrier.ts'
import { begunIn, Scribe } from '../actors/scribe.ts'
import { collect, eventually, next, range, rejection, startSystem, temporaryFile } from './scene.ts'

async function scene(redeliver: number, options: { restart?: 'temporary' } = {}) {
  const specs = [child(Recorder, { name: 'recorder' }), child(Gate, { name: 'gate' })] as const
  const system = await startSystem({ children: specs })
  const recorder = system.ref(specs[0])
  const ref = await system.spawn(Retrier, { name: 'retrier', args: [recorder], redeliver, ...options })
  const noted = (expected: readonly unknown[]) => eventually(async () => expect(await recorder.ask.noted()).toEqual(expected))
  return { system, ref, noted, gate: system.ref(specs[1]), letters: collect(system, 'deadLetter'), exits: collect(system, 'exited') }
}

test('G5: with redeliver a tell that was begun is begun again, before what was sent after it, and says which attempt it is', async () => {
  const { ref, noted, letters, exits } = await scene(2)
  for (const what of ['a', 'b']) ref.tell.take(what)
  ref.tell.throwUntil(3, 'poison')
  for (const what of ['c', 'd']) ref.tell.take(what)
  expect(await ref.ask.take('asked')).toBe(1)
  await noted([
    [1, 'a'],
    [1, 'b'],
    [1, 'poison'],
    [2, 'poison'],
    [3, 'poison'],
    [1, 'c'],
    [1, 'd'],
    [1, 'asked'],
  ])
  expect(exits.map(({ reason }) => reason.kind)).toEqual(['error', 'error'])
  expect(letters).toEqual([])
})

test('G7: one message crashes an actor redeliver + 1 times, and is a DeadLetter then; the next one is handled', async () => {
  const { ref, noted, letters, exits, system } = await scene(2)
  ref.tell.throwUntil(100, 'poison')
  expect(await ref.ask.take('next')).toBe(1)
  await noted([
    [1, 'poison'],
    [2, 'poison'],
    [3, 'poison'],
    [1, 'next'],
  ])
  await system.tree()
  expect(exits).toHaveLength(3)
  expect(letters.map(({ method, args, why }) => [method, args, why])).toEqual([['throwUntil', [100, 'poison'], 'crashed']])
})

test('G5: an ask that was begun is answered by a later attempt, or rejects after the last one', async () => {
  const { ref } = await scene(1)
  expect(await ref.ask.dieUntil(2, 'second')).toBe(2)
  const error = await rejection(ref.ask.dieUntil(3, 'third'))
  expect(error).toBeInstanceOf(ActorDownError)
  expect(error).toMatchObject({ reason: { kind: 'exit', code: 7 } })
  expect(await ref.ask.take('next')).toBe(1)
})

test('G5: without redeliver nothing is begun twice', async () => {
  const { ref, noted } = await scene(0)
  expect(await rejection(ref.ask.dieUntil(2, 'once'))).toBeInstanceOf(ActorDownError)
  expect(await ref.ask.take('next')).toBe(1)
  await noted([
    [1, 'once'],
    [1, 'next'],
  ])
})

test('G5: a kill is a death like any other, and hooks are no attempts', async () => {
  const { system, ref, gate, noted } = await scene(1)
  const asked = ref.ask.hold(gate, 'held')
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.kill(ref)
  gate.tell.open()
  expect(await asked).toBe(2)
  await system.stopActor(ref)
  await noted([
    [1, 'held'],
    [2, 'held'],
    [1, 'onStop'],
  ])
})

test('G5: what waits for another attempt when its address ends was begun: its ask says so, and its DeadLetter', async () => {
  const { ref, letters, noted } = await scene(1, { restart: 'temporary' })
  const asked = rejection(ref.ask.dieUntil(2, 'asked'))
  expect(await asked).toBeInstanceOf(ActorDownError)
  await noted([[1, 'asked']])
  expect(letters).toEqual([])
  const other = await scene(1, { restart: 'temporary' })
  other.ref.tell.throwUntil(2, 'told')
  await eventually(() => expect(other.letters.map(({ method, why }) => [method, why])).toEqual([['throwUntil', 'crashed']]))
})

test('G4: an ask whose time is over is not begun again', async () => {
  const { system, ref, gate, noted } = await scene(2)
  const asked = rejection(ref.ask({ timeoutMs: 300 }).hold(gate, 'held'))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  expect(await asked).toBeInstanceOf(AskTimeoutError)
  await system.kill(ref)
  expect(await ref.ask.take('next')).toBe(1)
  await noted([
    [1, 'held'],
    [1, 'next'],
  ])
})

test('G3, G5: killed at random under 10,000 tells: each is begun at least once, in order, and again only right after itself', async () => {
  const path = temporaryFile('begun')
  const spec = child(Scribe, { name: 'scribe', args: [path], redeliver: 2 })
  const system = await startSystem({ children: [spec], intensity: { restarts: 10_000, withinMs: 1_000 } })
  const ref = system.ref(spec)
  const [letters, exits] = [collect(system, 'deadLetter'), collect(system, 'exited')]
  for (const n of range(10_000)) ref.tell.take(n)
  for (let kills = 0; kills < 10; kills++) {
    const started = next(system, 'started', ref.path)
    await delay(Math.random() * 3)
    await system.kill(ref)
    await started
  }
  await ref.ask({ timeoutMs: 60_000 }).answer(10_000)
  await system.tree()
  const begun = begunIn(path)
  expect(begun).toEqual([...begun].sort((a, b) => a - b))
  // Only what was begun three times is dead, each time in an incarnation that was killed; whether it came as far as its first
  // line before that, nobody can say.
  const dead = letters.map(({ args }) => args![0] as number)
  expect(letters.every(({ why }) => why === 'crashed')).toBe(true)
  expect(dead.length).toBeLessThanOrEqual(exits.length / 3)
  for (const n of new Set(begun)) expect(begun.filter((other) => other === n).length).toBeLessThanOrEqual(3)
  expect(new Set([...begun, ...dead])).toEqual(new Set(range(10_001)))
  expect(exits.length).toBe(10)
})

test('G7: redeliver must be below the intensity of the supervisor, or nothing is started', async () => {
  const { system, ref } = await scene(0)
  const error = await rejection(system.spawn(Retrier, { args: [ref as never], redeliver: 3 }))
  expect(error).toBeInstanceOf(InvalidSpecError)
  expect(error.message).toContain('redeliver is 3, and must be below intensity.restarts of its supervisor, which is 3')
  const children = [child(Gate, { name: 'gate', redeliver: 1 })]
  const refused = ActorSystem.start({ name: 'refused', children, intensity: { restarts: 1, withinMs: 1_000 } })
  expect((await rejection(refused)).message).toContain('/gate: redeliver is 1')
})
