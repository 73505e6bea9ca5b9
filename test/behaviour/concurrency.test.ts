import { ActorDownError, type ActorRef, type ActorSystem, AskAbortedError, AskTimeoutError, DeadlockError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Hanging, Juggler, Misnamed, Solo, TooMany, Trio } from '../actors/juggler.ts'
import { Recorder } from '../actors/recorder.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

interface Scene {
  readonly system: ActorSystem
  readonly juggler: ActorRef<Juggler>
  readonly recorder: ActorRef<Recorder>
  readonly gate: ActorRef<Gate>
  readonly later: ActorRef<Gate>
  /** Resolves when so many are at a gate. */
  arrived(gate: ActorRef<Gate>, count: number): Promise<void>
  noted(expected: readonly string[]): Promise<void>
}

async function scene(actor: typeof Juggler = Juggler, options: { redeliver?: number } = {}): Promise<Scene> {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const [gate, later] = [await system.spawn(Gate), await system.spawn(Gate)]
  const juggler = await system.spawn(actor, { name: 'juggler', args: [recorder], ...options })
  const arrived = (at: ActorRef<Gate>, count: number) => eventually(async () => expect(await at.ask.arrived()).toBe(count))
  const noted = (expected: readonly string[]) => eventually(async () => expect(await recorder.ask.noted()).toEqual(expected))
  return { system, juggler, recorder, gate, later, arrived, noted }
}

test('G3: concurrency: n begins the next message while others await, in order, and no more than n are at work', async () => {
  const { juggler, gate, later, arrived, noted, system } = await scene()
  const first = juggler.ask(FOREVER).hold('a', later)
  const rest = ['b', 'c', 'd'].map((name) => juggler.ask(FOREVER).hold(name, gate))
  await arrived(later, 1)
  await arrived(gate, 1)
  await noted(['a 1', 'b 1'])
  expect(nodeAt(await system.tree(), juggler.path)).toMatchObject({ mailboxDepth: 4, method: 'hold' })
  gate.tell.open()
  // They end in any order: the first is still at work.
  expect(await Promise.all(rest)).toEqual(['b', 'c', 'd'])
  await noted(['a 1', 'b 1', 'c 1', 'd 1'])
  later.tell.open()
  expect(await first).toBe('a')
  await eventually(async () => expect(nodeAt(await system.tree(), juggler.path)).toMatchObject({ mailboxDepth: 0, method: undefined }))
})

test.for([
  ['two slots', Juggler],
  ['one', Solo],
] as const)('G3: a reentrant method lets others in while it awaits, and takes no slot (%s)', async ([_, actor]) => {
  const { juggler, gate, later, arrived } = await scene(actor)
  const peeks = range(5).map(() => juggler.ask(FOREVER).peek(gate))
  await arrived(gate, 5)
  expect(await juggler.ask.echo('in between')).toBe('in between')
  // Others still wait for their turn.
  const held = range(actor.concurrency + 1).map((i) => juggler.ask(FOREVER).hold(String(i), later))
  await arrived(later, actor.concurrency)
  for (const open of [gate, later]) open.tell.open()
  expect(await Promise.all(peeks)).toEqual(range(5).map(() => 'peeked'))
  expect(await Promise.all(held)).toEqual(range(actor.concurrency + 1).map(String))
})

test('G8: of several messages at work each has its own deadline and signal, before and after its awaits', async () => {
  const { juggler, gate, later, arrived, noted } = await scene()
  const abort = new AbortController()
  const looks = juggler.ask({ timeoutMs: 60_000 }).look(gate)
  const aborted = rejection(juggler.ask({ ...FOREVER, signal: abort.signal }).sleep(later))
  await arrived(gate, 1)
  await arrived(later, 1)
  abort.abort()
  expect(await aborted).toBeInstanceOf(AskAbortedError)
  await noted(['AbortError'])
  gate.tell.open()
  expect(await looks).toEqual([true, true, false, 'wanted'])
})

test('Streams, G8: streams, errors and deferred replies take their slots and give them back', async () => {
  const { juggler, gate, later, arrived } = await scene()
  const counted =
    Array.fromAsync ??
    (async (items: AsyncIterable<number>) => {
      const all = []
      for await (const item of items) all.push(item)
      return all
    })
  const streams = range(2).map((i) => counted(juggler.ask(FOREVER).count(2_000 + i, gate)))
  await arrived(gate, 2)
  gate.tell.open()
  expect((await Promise.all(streams)).map((items) => items.length)).toEqual([2_000, 2_001])
  const failing = range(2).map(() => rejection(juggler.ask(FOREVER).failAfter(gate)))
  for (const error of await Promise.all(failing)) expect(error).toMatchObject({ name: 'RangeError' })
  const answers = range(5).map(() => juggler.ask(FOREVER).answerLater(later))
  await arrived(later, 5)
  expect(await juggler.ask.echo(1)).toBe(1)
  later.tell.open()
  expect(await Promise.all(answers)).toEqual(range(5).map(() => 'later'))
})

test('G5: when the actor dies each message at work gets its outcome, and those that wait are handled', async () => {
  const { juggler, gate, arrived, system, noted } = await scene()
  const letters = collect(system, 'deadLetter')
  const asked = rejection(juggler.ask(FOREVER).hold('asked', gate))
  juggler.tell.hold('told', gate)
  const behind = juggler.ask(FOREVER).echo('behind')
  await arrived(gate, 2)
  await system.kill(juggler)
  expect(await asked).toBeInstanceOf(ActorDownError)
  expect(await behind).toBe('behind')
  await eventually(() => expect(letters.map(({ method, args, why }) => [method, args?.[0], why])).toEqual([['hold', 'told', 'crashed']]))
  await noted(['asked 1', 'told 1'])
})

test('G3, G5: with redeliver all that were at work are begun again, in their order and first', async () => {
  const { juggler, gate, arrived, system, noted } = await scene(Juggler, { redeliver: 1 })
  const asked = ['a', 'b', 'c'].map((name) => juggler.ask(FOREVER).hold(name, gate))
  await arrived(gate, 2)
  await system.kill(juggler)
  await noted(['a 1', 'b 1', 'a 2', 'b 2'])
  gate.tell.open()
  expect(await Promise.all(asked)).toEqual(['a', 'b', 'c'])
  await noted(['a 1', 'b 1', 'a 2', 'b 2', 'c 1'])
})

test('G4: a stop waits for all that is at work, begins nothing more, and runs onStop after it', async () => {
  const { juggler, gate, arrived, system, noted } = await scene()
  const held = ['a', 'b'].map((name) => juggler.ask(FOREVER).hold(name, gate))
  const peek = juggler
    .ask(FOREVER)
    .peek(gate)
    .catch((error: Error) => error.name)
  await arrived(gate, 2)
  const stopped = system.stopActor(juggler)
  // What was sent before the gate opens is answered after the request to stop has come.
  gate.tell.open()
  expect(await Promise.all(held)).toEqual(['a', 'b'])
  expect(['peeked', 'ActorStoppedError']).toContain(await peek)
  await stopped
  await noted(['a 1', 'b 1', 'stopped'])
})

test('G4: once the stop has come nothing more is begun, although a slot is free', async () => {
  const { juggler, gate, arrived, system, noted } = await scene()
  const held = juggler.ask(FOREVER).hold('a', gate)
  await arrived(gate, 1)
  expect(await juggler.ask.through([])).toBe('there')
  const stopped = system.stopActor(juggler)
  await eventually(async () => expect(await rejection(juggler.ask({ timeoutMs: 50 }).through([]))).toBeInstanceOf(AskTimeoutError))
  gate.tell.open()
  expect(await held).toBe('a')
  await stopped
  await noted(['a 1', 'stopped'])
})

test('G8: with slots a cycle is refused only when it takes the last one', async () => {
  const { juggler, later, arrived, system } = await scene()
  const other = await system.spawn(Juggler, { name: 'other' })
  const solo = await system.spawn(Solo, { name: 'solo' })
  // Each has a slot for the other, and for itself.
  expect(await juggler.ask(FOREVER).through([other, juggler])).toBe('there')
  expect(await juggler.ask(FOREVER).through([juggler])).toBe('there')
  expect(await juggler.ask(FOREVER).through([solo, juggler])).toBe('there')
  expect(await rejection(juggler.ask(FOREVER).through([juggler, juggler]))).toBeInstanceOf(DeadlockError)
  expect(await rejection(juggler.ask(FOREVER).through([solo, juggler, solo]))).toMatchObject({
    cycle: ['/user/juggler', '/user/solo', '/user/juggler'],
  })
  // Who waits for a call that has been begun waits for that slot, whatever the others do.
  const trio = await system.spawn(Trio, { name: 'trio' })
  expect(await rejection(trio.ask(FOREVER).through([solo, trio, solo]))).toBeInstanceOf(DeadlockError)
  expect(await trio.ask(FOREVER).through([other, trio, other, trio])).toBe('there')
  // A slot that waits for somebody else is not free, and will be.
  const held = juggler.ask(FOREVER).holdThrough(later, [other])
  await arrived(later, 1)
  const waiting = solo
    .ask(FOREVER)
    .through([juggler, solo])
    .catch((error: Error) => error)
  expect(await waiting).toMatchObject({ cycle: ['/user/juggler', '/user/solo', '/user/juggler'] })
  const behind = juggler.ask(FOREVER).through([other, juggler])
  later.tell.open()
  expect([await held, await behind]).toEqual(['there', 'there'])
})

test('fault 12: an event loop that blocks after an await is a hang, and each message at work gets its outcome', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const hanging = await system.spawn(Hanging, { name: 'hanging' })
  const ended = next(system, 'exited', hanging.path)
  const held = rejection(hanging.ask(FOREVER).hold('held', gate))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const spinning = rejection(hanging.ask(FOREVER).spinSoon())
  expect((await ended).reason).toMatchObject({ kind: 'hung' })
  for (const error of [await held, await spinning]) expect(error).toMatchObject({ reason: { kind: 'hung' } })
})

test('a class that asks for no or an unknown overlap does not start, and the error says what to write', async () => {
  const system = await startSystem()
  expect((await rejection(system.spawn(TooMany))).message).toContain(
    'TooMany.concurrency is 0, and must be a whole number from 1 to 65536.',
  )
  expect((await rejection(system.spawn(Misnamed))).message).toContain("Misnamed.reentrant names 'peak', and there is no such method.")
})
