import { ActorLimitError, ActorSystem, child, InvalidNameError, InvalidSpecError, NameTakenError, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { $Odd, Ünïcode } from '../actors/odd-names.ts'
import { Relay } from '../actors/relay.ts'
import { collect, eventually, nodeAt, range, rejection, startSystem } from './scene.ts'

const BAD_NAMES = [
  '__proto__',
  '../../x',
  '',
  'x'.repeat(64 * 1024),
  '*',
  '>',
  '.',
  '..',
  'a/b',
  'a b',
  'a\r\nb',
  'ü',
  '\u0000',
  ' a',
  '%2e',
]

test('names: what would be a path, a wildcard or a key of a prototype is refused before anything starts', async () => {
  const system = await startSystem()
  const started = collect(system, 'started')
  for (const name of [...BAD_NAMES, 5, {}] as string[]) {
    const error = await rejection(system.spawn(Counter, { name }))
    expect(error, String(name).slice(0, 20)).toBeInstanceOf(InvalidSpecError)
    expect(error.message).toContain('is not a name')
    expect(error.message.length).toBeLessThan(1_000)
    expect(await rejection(ActorSystem.start({ name }))).toBeInstanceOf(InvalidNameError)
  }
  expect(started).toEqual([])
  expect((await (await system.spawn(Counter, { name: 'constructor' })).ask.add(1)) + 1).toBe(2)
})

test('names: all faults of a spec are told at once, and nothing is started', async () => {
  const bad = supervisor({
    name: 'a b',
    children: [child(Counter, { name: '' }), child(Counter, { name: 'x' }), child(Counter, { name: 'x' })],
  })
  const error = (await rejection(ActorSystem.start({ name: 'test', children: [bad] }))) as InvalidSpecError
  expect(error).toBeInstanceOf(InvalidSpecError)
  expect(error.faults).toHaveLength(3)
})

test('names: one that is in use is refused, also while its actor starts or is restarted, and the first is not harmed', async () => {
  const system = await startSystem()
  const first = system.spawn(Counter, { name: 'one', args: [1] })
  const second = rejection(system.spawn(Counter, { name: 'one', args: [2] }))
  expect(await second).toBeInstanceOf(NameTakenError)
  expect((await second).message).toContain('/user/one exists already')
  const ref = await first
  const killed = system.kill(ref)
  expect(await rejection(system.spawn(Counter, { name: 'one' }))).toBeInstanceOf(NameTakenError)
  await killed
  expect(await ref.ask.add(1)).toBe(2)
})

test('names: the same name may be used by children of different parents', async () => {
  const system = await startSystem()
  const [a, b] = [await system.spawn(Relay, { name: 'a' }), await system.spawn(Relay, { name: 'b' })]
  const kids = [await a.ask.spawnVictim('kid'), await b.ask.spawnVictim('kid'), await system.spawn(Counter, { name: 'kid' })]
  expect(kids.map(({ path }) => path)).toEqual(['/user/a/kid', '/user/b/kid', '/user/kid'])
  expect(await rejection(a.ask.spawnVictim('kid'))).toBeInstanceOf(NameTakenError)
})

test('names: generated ones are unique, and valid whatever the class is called', async () => {
  const system = await startSystem()
  const taken = await Promise.all(range(5).map((i) => system.spawn(Counter, { name: `Counter-${i + 1}` })))
  const refs = await Promise.all([system.spawn(Counter), system.spawn(Counter), system.spawn($Odd), system.spawn(Ünïcode)])
  expect(new Set([...taken, ...refs].map(({ path }) => path)).size).toBe(9)
  expect(await refs[2].ask.hello()).toBe('odd')
  expect(await refs[3].ask.hello()).toBe('ünïcode')
})

test('limits: one actor too many is refused by name, and a seat is used again', async () => {
  const system = await startSystem({ limits: { actorsMax: 3 } })
  const refs = await Promise.all(range(3).map((i) => system.spawn(Counter, { args: [i] })))
  const error = await rejection(system.spawn(Counter))
  expect(error).toBeInstanceOf(ActorLimitError)
  expect(error.message).toContain('the system has 3 actors')
  for (const i of range(20)) {
    expect(await refs[i % 3]!.ask.add(1)).toBeGreaterThan(0)
    await system.stopActor(refs[i % 3]!)
    refs[i % 3] = await eventually(() => system.spawn(Counter, { args: [i] }))
  }
  expect(nodeAt(await system.tree(), '/user')!.children).toHaveLength(3)
})
