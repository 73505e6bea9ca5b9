import { ActorDownError, type ActorRef, child, type ExitReason } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Strict, Victim } from '../actors/victim.ts'
import { Watcher } from '../actors/watcher.ts'
import { collect, eventually, next, rejection, startSystem } from './scene.ts'

/** What everybody gets from a throw that has nobody to go to: the same error, whatever way it came. */
function expectCrash(reason: ExitReason, text: string): void {
  expect(reason.kind).toBe('error')
  const { error } = reason as { error: Error }
  expect(error).toBeInstanceOf(RangeError)
  expect(error.message).toBe(text)
  expect(error.stack).toContain('fail')
}

test('throw rule: the error of an asked method goes to the asker, and the actor lives on', async () => {
  const system = await startSystem()
  const exits = collect(system, 'exited')
  const ref = await system.spawn(Victim)
  for (const method of ['fail', 'failLater'] as const) {
    const error = await rejection(ref.ask[method]('no'))
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toBe('no')
  }
  expect(await ref.ask.note('still there')).toBe(1)
  expect(exits).toEqual([])
})

test.for(['fail', 'failLater'] as const)('throw rule: an error of a told method is a crash (%s)', async (method) => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim' })
  const exited = next(system, 'exited', ref.path)
  ref.tell[method]('told')
  const exit = await exited
  expectCrash(exit.reason, 'told')
  expect(exit).toMatchObject({ incarnation: 1, willRestart: true })
  expect(await ref.ask.note('successor')).toBe(2)
})

test.for(['failInTimer', 'failUnawaited'] as const)('throw rule: an error that nobody awaits is a crash (%s)', async (method) => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim' })
  const exited = next(system, 'exited', ref.path)
  await ref.ask[method]('nobody')
  expectCrash((await exited).reason, 'nobody')
  expect(await ref.ask.note('successor')).toBe(2)
})

test('throw rule: an error of onSignal is a crash', async () => {
  const system = await startSystem()
  const target = await system.spawn(Victim, { restart: 'temporary' })
  const watcher = await system.spawn(Watcher, { name: 'watcher' })
  await watcher.ask.failOnSignal('signal')
  await watcher.ask.watchNow(target)
  const exited = next(system, 'exited', watcher.path)
  await system.stopActor(target)
  expectCrash((await exited).reason, 'signal')
})

test('throw rule: what a crash in the background interrupts was begun', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Victim, { name: 'victim' })
  const error = await rejection(ref.ask.holdAndFailInTimer(gate, 'background'))
  expect(error).toBeInstanceOf(ActorDownError)
  expectCrash((error as ActorDownError).reason, 'background')
  expect(error.cause).toBeInstanceOf(RangeError)
})

async function expectEachThrowCrashes(ref: ActorRef<Victim>): Promise<void> {
  const error = await rejection(ref.ask.fail('let it crash'))
  expect(error).toBeInstanceOf(ActorDownError)
  expectCrash((error as ActorDownError).reason, 'let it crash')
  expect(await ref.ask.note('successor')).toBe(2)
}

test("throw rule: static onThrow = 'crash' makes every throw a crash", async () => {
  const system = await startSystem()
  await expectEachThrowCrashes(await system.spawn(Strict))
})

test("throw rule: onThrow: 'crash' in the spec does so for one actor", async () => {
  const spec = child(Victim, { name: 'static', onThrow: 'crash' })
  const system = await startSystem({ children: [spec] })
  await expectEachThrowCrashes(system.ref(spec))
  await expectEachThrowCrashes(await system.spawn(Victim, { onThrow: 'crash' }))
})

test("throw rule: onThrow: 'reply' in the spec takes it back", async () => {
  const system = await startSystem()
  const ref = await system.spawn(Strict, { onThrow: 'reply' })
  expect(await rejection(ref.ask.fail('for the asker'))).toBeInstanceOf(RangeError)
  expect(await ref.ask.note('still there')).toBe(1)
})

test('throw rule: handlers that swallow what nobody has caught do not hide a crash', async () => {
  const system = await startSystem()
  for (const method of ['failInTimer', 'failUnawaited'] as const) {
    const ref = await system.spawn(Victim, { name: method })
    await ref.ask.installSwallowers()
    const exited = next(system, 'exited', ref.path)
    await ref.ask[method]('swallowed?')
    expectCrash((await exited).reason, 'swallowed?')
    expect(await ref.ask.note('successor')).toBe(2)
  }
})

test('throw rule: nor does taking the handlers of the runtime away', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim' })
  await ref.ask.removeListeners()
  const exited = next(system, 'exited', ref.path)
  await ref.ask.failInTimer('bare')
  expect((await exited).reason).toMatchObject({ kind: 'error', error: { message: 'bare' } })
  await eventually(async () => expect(await ref.ask.note('successor')).toBe(2))
})
