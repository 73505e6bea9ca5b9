import { ActorDownError, type ActorRef, type ExitReason } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, rejection, startSystem } from './scene.ts'

/** Everybody hears of the same end: the asker, the event, and the successor handles what was queued. */
async function expectEnd(call: (ref: ActorRef<Victim>) => Promise<unknown>, expected: Partial<ExitReason> & object): Promise<ExitReason> {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim' })
  const exited = next(system, 'exited', ref.path)
  const asked = rejection(call(ref))
  const queued = ref.ask.note('queued')
  const { reason, incarnation, willRestart } = await exited
  expect(reason).toMatchObject(expected)
  expect([incarnation, willRestart]).toEqual([1, true])
  expect(await asked).toBeInstanceOf(ActorDownError)
  expect(await asked).toMatchObject({ reason: expected })
  expect(await queued).toBe(2)
  return reason
}

test.for([0, 7])('D7: process.exit(%i) in a handler is no normal end', async (code) => {
  await expectEnd((ref) => ref.ask.exit(code), { kind: 'exit', code })
})

test('D7: a transient actor is started again after process.exit(0), and not after a normal end', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim', restart: 'transient' })
  await rejection(ref.ask.exit(0))
  expect(await ref.ask.note('who?')).toBe(2)
  const ended = system.terminated(ref)
  await ref.ask.end()
  expect(await ended).toEqual({ kind: 'normal' })
})

test('a stack overflow is an error like any other', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const error = await rejection(ref.ask.overflow())
  expect(error).toBeInstanceOf(RangeError)
  expect(error.message).toContain('call stack')
  expect(await ref.ask.note('still there')).toBe(1)
})

test.for(['spin', 'block'] as const)('an actor that never comes back (%s) can be killed, and its mailbox goes on', async (method) => {
  const system = await startSystem()
  const [gate, ref] = [await system.spawn(Gate), await system.spawn(Victim)]
  const asked = rejection(ref.ask[method](gate))
  const queued = ref.ask.note('queued')
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.kill(ref)
  expect(await asked).toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'killed' } })
  expect(await queued).toBe(2)
})

test('an actor that changes the globals of its isolate changes nobody else', async () => {
  const system = await startSystem()
  const [bad, good] = [await system.spawn(Victim), await system.spawn(Victim)]
  await bad.ask.pollute()
  expect(await good.ask.echo({ fine: [1, 2, 3] })).toEqual({ fine: [1, 2, 3] })
  expect(({} as { polluted?: unknown }).polluted).toBe(undefined)
  // It may have broken what it runs on itself: a kill is what helps, and the successor is whole.
  await system.kill(bad)
  expect(await bad.ask.echo({ fine: [1, 2, 3] })).toEqual({ fine: [1, 2, 3] })
})

test('many crashes at once: every actor is started again, by its own intensity', async () => {
  const system = await startSystem()
  const refs = await Promise.all(Array.from({ length: 12 }, (_, i) => system.spawn(Victim, { name: `victim-${i}` })))
  const exits = collect(system, 'exited')
  for (const ref of refs) ref.tell.fail('all together')
  expect(await Promise.all(refs.map((ref) => ref.ask.note('who?')))).toEqual(refs.map(() => 2))
  expect(exits.map(({ path }) => path).sort()).toEqual(refs.map(({ path }) => path).sort())
})

test('a listener that throws harms neither the others nor the system', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { name: 'victim' })
  const thrown: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  try {
    const off = system.events.on('exited', () => {
      off()
      throw new RangeError('of a listener')
    })
    const exits = collect(system, 'exited')
    ref.tell.fail('now')
    expect(await ref.ask.note('who?')).toBe(2)
    await eventually(() => expect([exits.length, thrown.length]).toEqual([1, 1]))
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
})
