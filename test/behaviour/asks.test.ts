import { getEventListeners } from 'node:events'
import {
  ActorDownError,
  ActorStoppedError,
  AskAbortedError,
  AskTimeoutError,
  DeadlockError,
  StartFailedError,
  SystemStoppedError,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Relay } from '../actors/relay.ts'
import { AsksItselfAtStart } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, nodeAt, range, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

/** A victim that is in the middle of `hold`, and the promise of that. */
async function heldVictim(options: { restart?: 'temporary' } = {}) {
  const system = await startSystem()
  const [gate, recorder] = [await system.spawn(Gate), await system.spawn(Recorder)]
  const ref = await system.spawn(Victim, { name: 'victim', args: [recorder], ...options })
  const held = ref.ask(FOREVER).hold(gate)
  held.catch(() => undefined)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  /** What it has begun up to `last`: there is no order between its tells to the recorder and ours, so they are waited for. */
  const begunUpTo = (last: string): Promise<unknown[]> =>
    eventually(async () => {
      const begun = (await recorder.ask.noted()).map((note) => (note as unknown[])[1])
      expect(begun).toContain(last)
      return begun
    })
  return { system, gate, ref, held, begunUpTo }
}

test('G8: an ask that is not answered in time rejects, and its late reply is dropped', async () => {
  const { gate, ref, system } = await heldVictim()
  const [warnings, letters] = [collect(system, 'warning'), collect(system, 'deadLetter')]
  const slow = await rejection(ref.ask({ timeoutMs: 20 }).echo('late'))
  expect(slow).toBeInstanceOf(AskTimeoutError)
  expect(slow.message).toContain('/user/victim.echo(): no answer within 20 ms')
  gate.tell.open()
  // Each gets its own answer, whatever comes late.
  expect(await Promise.all(range(100).map((i) => ref.ask.echo(i)))).toEqual(range(100))
  expect([...warnings, ...letters]).toEqual([])
})

test('G8: the reply of a begun ask comes late, and disturbs nobody', async () => {
  const { system, gate } = await heldVictim()
  const other = await system.spawn(Victim)
  expect(await rejection(other.ask({ timeoutMs: 20 }).hold(gate))).toBeInstanceOf(AskTimeoutError)
  const following = range(10).map((i) => other.ask.echo(i))
  gate.tell.open()
  expect(await Promise.all(following)).toEqual(range(10))
})

test('G4: an expired ask is not started', async () => {
  const { gate, ref, held, begunUpTo } = await heldVictim()
  expect(await rejection(ref.ask({ timeoutMs: 5 }).note('expired'))).toBeInstanceOf(AskTimeoutError)
  gate.tell.open()
  await held
  await ref.ask.note('after')
  expect(await begunUpTo('after')).toEqual(['hold', 'after'])
})

test('G8: an aborted ask rejects with the reason as its cause, and leaves no listener behind', async () => {
  const { ref } = await heldVictim()
  const abort = new AbortController()
  const waiting = rejection(ref.ask({ signal: abort.signal }).echo('never'))
  const reason = new Error('changed my mind')
  abort.abort(reason)
  const error = await waiting
  expect(error).toBeInstanceOf(AskAbortedError)
  expect(error.cause).toBe(reason)
  expect(await rejection(ref.ask({ signal: abort.signal }).echo('never'))).toBeInstanceOf(AskAbortedError)
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('G8: a signal that is never used keeps no listener of an answered ask', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const { signal } = new AbortController()
  for (const i of range(10)) expect(await ref.ask({ signal }).echo(i)).toBe(i)
  expect(await rejection(ref.ask({ signal }).fail('no'))).toBeInstanceOf(RangeError)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('G4: an aborted ask is not started', async () => {
  const { gate, ref, held, begunUpTo } = await heldVictim()
  const abort = new AbortController()
  const waiting = rejection(ref.ask({ signal: abort.signal }).note('aborted'))
  abort.abort()
  await waiting
  gate.tell.open()
  await held
  await ref.ask.note('after')
  expect(await begunUpTo('after')).toEqual(['hold', 'after'])
})

test('G8: of 1,000 asks the begun one rejects at once with the reason, and the successor answers the others', async () => {
  const { system, ref, held } = await heldVictim()
  const others = range(999).map((i) => ref.ask.echo(i))
  await system.kill(ref)
  const error = await rejection(held)
  expect(error).toBeInstanceOf(ActorDownError)
  expect(error).toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'killed' } })
  expect(await Promise.all(others)).toEqual(range(999))
})

test('G8: of 1,000 asks all settle at once when the address ends: only the begun one with ActorDownError', async () => {
  const { system, ref, held } = await heldVictim({ restart: 'temporary' })
  const others = range(999).map((i) => rejection(ref.ask(FOREVER).echo(i)))
  await system.kill(ref)
  expect(await rejection(held)).toBeInstanceOf(ActorDownError)
  for (const error of await Promise.all(others)) {
    expect(error).toBeInstanceOf(ActorStoppedError)
    expect(error).toMatchObject({ reason: { kind: 'killed' } })
  }
  expect(await rejection(ref.ask(FOREVER).echo('afterwards'))).toBeInstanceOf(ActorStoppedError)
})

test('G8: a huge error of the dead does not keep 1,000 asks from settling', async () => {
  const system = await startSystem({ limits: { arenaBytesMax: 64 * 1024 * 1024 } })
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Victim, { restart: 'temporary', onThrow: 'crash' })
  const begun = rejection(ref.ask(FOREVER).failLoudly(gate, 1_000_000))
  const others = range(999).map((i) => rejection(ref.ask(FOREVER).echo(i)))
  gate.tell.open()
  expect(await begun).toBeInstanceOf(ActorDownError)
  for (const error of await Promise.all(others)) expect(error).toBeInstanceOf(ActorStoppedError)
})

test('G8: an ask to oneself, which could never be served, fails at once', async () => {
  const system = await startSystem()
  const relay = await system.spawn(Relay, { name: 'relay' })
  const error = await rejection(relay.ask(FOREVER).askItself())
  expect(error).toBeInstanceOf(DeadlockError)
  expect(error.message).toContain('/user/relay → /user/relay')
})

test('G8: in onStart as well', async () => {
  const system = await startSystem()
  const error = await rejection(system.spawn(AsksItselfAtStart, { name: 'selfish', restart: 'temporary' }))
  expect(error).toBeInstanceOf(StartFailedError)
  expect(error).toMatchObject({ stage: 'onStart' })
  expect(error.cause).toBeInstanceOf(DeadlockError)
})

test('G8: an ask to oneself that can be served is served', async () => {
  const system = await startSystem()
  const [relay, recorder] = [await system.spawn(Relay), await system.spawn(Recorder)]
  await relay.ask.askItselfLater(recorder)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(['served']))
})

test('G8: a reply to an earlier incarnation of the asker is dropped', async () => {
  const { system, ref, gate } = await heldVictim()
  const relay = await system.spawn(Relay)
  const asked = rejection(relay.ask(FOREVER).echoThrough(ref, 'for the first'))
  await eventually(async () => expect(nodeAt(await system.tree(), ref.path)).toMatchObject({ mailboxDepth: 2 }))
  await system.kill(relay)
  expect(await asked).toBeInstanceOf(ActorDownError)
  const second = relay.ask.echoThrough(ref, 'for the second')
  // Both are its first ask: only the incarnation tells their replies apart.
  await eventually(async () => expect(nodeAt(await system.tree(), ref.path)).toMatchObject({ mailboxDepth: 3 }))
  gate.tell.open()
  expect(await second).toBe('for the second')
})

test('G8: asks that are out when the system stops are settled', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { shutdownMs: 50 })
  const begun = rejection(ref.ask(FOREVER).hang())
  await eventually(async () => expect(nodeAt(await system.tree(), ref.path)).toMatchObject({ method: 'hang' }))
  const queued = rejection(ref.ask(FOREVER).echo('queued'))
  await system.stop()
  expect(await begun).toBeInstanceOf(ActorDownError)
  expect(await queued).toBeInstanceOf(ActorStoppedError)
  expect(await rejection(ref.ask.echo('too late'))).toBeInstanceOf(SystemStoppedError)
})
