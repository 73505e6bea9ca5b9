import { ActorDownError, ActorStoppedError, child, InvalidArgumentError, NotSendableError, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Relay } from '../actors/relay.ts'
import { Victim } from '../actors/victim.ts'
import { eventually, next, range, rejection, startSystem } from './scene.ts'

test('refs: travel inside messages, are kept, come back as replies, and still lead to their actor', async () => {
  const system = await startSystem()
  const [relay, victim] = [await system.spawn(Relay), await system.spawn(Victim, { name: 'victim' })]
  expect(await relay.ask.echoThrough(victim, 'there and back')).toBe('there and back')
  await relay.ask.keep({ inside: new Map([['victims', [victim]]]) })
  const { ref } = await relay.ask.kept()
  expect(ref!.path).toBe('/user/victim')
  expect(await ref!.ask.echo('directly')).toBe('directly')
  expect(String(await victim.ask.self())).toBe('ActorRef(/user/victim)')
  expect(await (await victim.ask.self()).ask.note('to itself')).toBe(1)
})

test('refs: an actor gets them by path, by its constructor and by spawning', async () => {
  const system = await startSystem()
  const relay = await system.spawn(Relay, { name: 'relay' })
  const recorder = await system.spawn(Recorder)
  const victim = await system.spawn(Victim, { name: 'victim', args: [recorder] })
  await (await relay.ask.find('/user/victim'))!.ask.note('found')
  expect(await relay.ask.find('/user/nobody')).toBe(undefined)
  const spawned = await relay.ask.spawnVictim('kid')
  expect(spawned.path).toBe('/user/relay/kid')
  expect(await spawned.ask.echo(1)).toBe(1)
  expect(await system.lookup('/user/nobody')).toBe(undefined)
  expect((await system.lookup<Victim>('/user/victim'))!.path).toBe(victim.path)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual([[1, 'found']]))
})

test('refs: an error crosses two isolates as what it is', async () => {
  const system = await startSystem()
  const [relay, victim] = [await system.spawn(Relay), await system.spawn(Victim)]
  const error = await rejection(relay.ask.failThrough(victim))
  expect(error).toBeInstanceOf(RangeError)
  expect(error.stack).toContain('Victim.fail')
})

test('G3: what one actor tells another is begun in the order in which it was sent', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const relay = await system.spawn(Relay)
  expect(await relay.ask.flood(recorder, 20_000)).toBe(20_000)
  await eventually(async () => expect(await recorder.ask.noted()).toHaveLength(20_000))
  expect(await recorder.ask.noted()).toEqual(range(20_000))
})

test('G3: an actor can tell itself, and goes on with what comes between', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const relay = await system.spawn(Relay)
  relay.tell.tellItself(recorder, 3)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual([3, 2, 1, 0]))
})

test('address: a ref survives the restarts of its actor', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  for (const incarnation of range(4).map((i) => i + 1)) {
    expect(await ref.ask.note('who?')).toBe(incarnation)
    if (incarnation < 4) await system.kill(ref)
  }
})

test('address: a static child keeps it, and its mailbox, through restarts of its supervisor', async () => {
  const victim = child(Victim, { name: 'victim', shutdownMs: 'kill' })
  const fragile = child(Victim, { name: 'fragile' })
  const crew = supervisor({ name: 'crew', intensity: { restarts: 0, withinMs: 60_000 }, children: [victim, fragile] })
  const system = await startSystem({ children: [crew] })
  const gate = await system.spawn(Gate)
  const ref = system.ref(victim)
  const held = rejection(ref.ask.hold(gate))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const queued = range(10).map((i) => ref.ask.echo(i))
  const gaveUp = next(system, 'gaveUp', '/crew')
  // One end is one too many: the supervisor ends with all its children, and is started again by its own.
  system.ref(fragile).tell.fail('the last straw')
  expect((await gaveUp).reason.kind).toBe('error')
  expect(await held).toBeInstanceOf(ActorDownError)
  expect(await Promise.all(queued)).toEqual(range(10))
  expect(await ref.ask.note('who?')).toBe(2)
  expect(await system.ref(fragile).ask.note('who?')).toBe(2)
})

test('address: a name used again is a new address, and old refs do not reach it', async () => {
  const system = await startSystem()
  const old = await system.spawn(Counter, { name: 'counter' })
  await system.stopActor(old)
  const young = await system.spawn(Counter, { name: 'counter', args: [10] })
  expect(young.path).toBe(old.path)
  expect(await rejection(old.ask.add(1))).toBeInstanceOf(ActorStoppedError)
  expect(old.tell.add(1)).toBe(false)
  expect(await young.ask.add(1)).toBe(11)
  expect(await (await system.lookup<Counter>('/user/counter'))!.ask.add(1)).toBe(12)
})

test('constructor arguments: each static child gets its own, at each start', async () => {
  const specs = range(5).map((i) => child(Counter, { name: `counter-${i}`, args: [i * 100] }))
  const system = await startSystem({ children: specs })
  for (const round of [1, 2]) {
    for (const [i, spec] of specs.entries()) expect(await system.ref(spec).ask.add(round)).toBe(i * 100 + round)
    for (const spec of round === 1 ? specs.slice(0, 3) : []) await system.kill(system.ref(spec))
    for (const spec of round === 1 ? specs.slice(3) : []) await system.ref(spec).ask.add(-1)
  }
})

test('refs: one of another system is refused, where it could mean somebody else', async () => {
  const [one, two] = [await startSystem({ name: 'one' }), await startSystem({ name: 'two' })]
  // Both are the first actor of their system, at the same path.
  const [mine, foreign] = [await one.spawn(Victim, { name: 'victim' }), await two.spawn(Victim, { name: 'victim' })]
  const relay = await one.spawn(Relay)
  const error = await rejection(relay.ask.echoThrough(foreign, 'for the other'))
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error).toMatchObject({ path: 'args[0]' })
  expect(await rejection(one.kill(foreign))).toBeInstanceOf(InvalidArgumentError)
  expect(await rejection(one.stopActor(foreign))).toBeInstanceOf(InvalidArgumentError)
  expect(await mine.ask.note('unharmed')).toBe(1)
  expect(await foreign.ask.note('unharmed')).toBe(1)
})
