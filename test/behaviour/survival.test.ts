import { ActorDownError, ActorStoppedError, child } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { begunIn, Scribe } from '../actors/scribe.ts'
import { FailsToRestart, StartsSlowly } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem, temporaryFile } from './scene.ts'

const PATIENT = { restarts: 100, withinMs: 60_000 }

/** A scribe whose file can be read, dead letters, and a gate that its handler `hold` waits at. */
async function scene(options: { shutdownMs?: number } = {}) {
  const path = temporaryFile('begun')
  const spec = child(Scribe, { name: 'scribe', args: [path], ...options })
  const gate = child(Gate, { name: 'gate' })
  const system = await startSystem({ children: [gate, spec], intensity: PATIENT })
  const arrived = (count: number): Promise<void> => eventually(async () => expect(await system.ref(gate).ask.arrived()).toBe(count))
  return { system, path, ref: system.ref(spec), gate: system.ref(gate), arrived, letters: collect(system, 'deadLetter') }
}

test('G4: a kill while idle loses nothing: tells and asks sent before and after it are handled, in order', async () => {
  const { system, path, ref, letters } = await scene()
  for (const round of range(5)) {
    const killed = system.kill(ref)
    for (const i of range(100)) ref.tell.take(round * 200 + i)
    await killed
    for (const i of range(99)) ref.tell.take(round * 200 + 100 + i)
    expect(await ref.ask.answer(round * 200 + 199)).toEqual([round * 200 + 199, round + 2])
  }
  // The kill may come while the first of them is in progress: that one was begun.
  const dead = letters.map(({ args }) => args![0] as number)
  expect(new Set([...begunIn(path), ...dead])).toEqual(new Set(range(1_000)))
  expect(begunIn(path)).toEqual([...new Set(begunIn(path))].sort((a, b) => a - b))
  for (const { why, reason } of letters) expect([why, reason?.kind]).toEqual(['crashed', 'killed'])
})

test('G5: a tell that was begun is a DeadLetter with the cause, and is not handled again', async () => {
  const { system, path, ref, gate, arrived, letters } = await scene()
  ref.tell.hold(gate)
  for (const i of range(10)) ref.tell.take(i)
  await arrived(1)
  await system.kill(ref)
  expect(await ref.ask.answer(10)).toEqual([10, 2])
  expect(begunIn(path)).toEqual(range(11))
  expect(await gate.ask.arrived()).toBe(1)
  await eventually(() => expect(letters).toHaveLength(1))
  expect(letters[0]).toMatchObject({ to: '/scribe', from: '(host)', method: 'hold', why: 'crashed', reason: { kind: 'killed' } })
  expect(String(letters[0]!.args![0])).toBe('ActorRef(/gate)')
})

test('G5: an ask that was begun rejects with the cause, those that were queued are answered by the next incarnation', async () => {
  const { system, ref, gate, arrived, letters } = await scene()
  const begun = rejection(ref.ask.hold(gate))
  const queued = range(10).map((i) => ref.ask.answer(i))
  await arrived(1)
  await system.kill(ref)
  expect(await begun).toBeInstanceOf(ActorDownError)
  expect(await begun).toMatchObject({ reason: { kind: 'killed' } })
  expect(await Promise.all(queued)).toEqual(range(10).map((i) => [i, 2]))
  expect(letters).toEqual([])
})

test('G5: each message that throws is one crash and one DeadLetter; what is between them is handled once', async () => {
  const spec = child(Victim, { name: 'victim' })
  const system = await startSystem({ children: [spec], intensity: PATIENT })
  const recorder = await system.spawn(Recorder)
  const [letters, exits] = [collect(system, 'deadLetter'), collect(system, 'exited')]
  const ref = await system.spawn(Victim, { name: 'noted', args: [recorder] })
  for (const i of range(3)) {
    ref.tell.note(i)
    ref.tell.fail(`poison ${i}`)
  }
  expect(await ref.ask.note(3)).toBe(4)
  await eventually(async () =>
    expect(await recorder.ask.noted()).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ]),
  )
  await eventually(() => expect(letters).toHaveLength(3))
  expect(letters.map(({ method, args, why }) => [method, args, why])).toEqual(range(3).map((i) => ['fail', [`poison ${i}`], 'crashed']))
  expect(letters.map(({ reason }) => (reason as { error: Error }).error.message)).toEqual(range(3).map((i) => `poison ${i}`))
  expect(exits.map(({ path, incarnation }) => [path, incarnation])).toEqual(range(3).map((i) => ['/user/noted', i + 1]))
})

test('G4: the mailbox waits while starts fail', async () => {
  const recorder = child(Recorder, { name: 'recorder' })
  const first = await startSystem({ children: [recorder], intensity: PATIENT })
  const ref = await first.spawn(FailsToRestart, { args: [first.ref(recorder), 2] })
  const asked = first.kill(ref).then(() => ref.ask.incarnation())
  const queued = ref.ask.incarnation()
  expect([1, 4]).toContain(await queued.catch((error: unknown) => (error instanceof ActorDownError ? 1 : error)))
  expect(await asked).toBe(4)
  expect(await first.ref(recorder).ask.noted()).toEqual([1, 2, 3, 4])
})

test('G4: what is sent while an actor starts again is handled when it is ready', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const spawning = system.spawn(StartsSlowly, { name: 'slow', args: [gate] })
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  gate.tell.open()
  const ref = await spawning
  await system.kill(ref)
  expect(await Promise.all(range(10).map(() => ref.ask.incarnation()))).toEqual(range(10).map(() => 2))
})

test('G4: stop finishes what is begun; waiting tells become DeadLetters with their arguments, waiting asks reject', async () => {
  const { system, path, ref, gate, arrived, letters } = await scene()
  const begun = ref.ask.hold(gate)
  await arrived(1)
  for (const i of range(5)) ref.tell.take(i, 'an argument')
  const asked = range(5).map(() => ref.ask.answer(9).catch((error: unknown) => error))
  const stopped = system.stopActor(ref)
  await eventually(async () => expect(nodeAt(await system.tree(), '/scribe')!.state).toBe('stopping'))
  gate.tell.open()
  await begun
  await stopped
  // The request to stop comes through a port: what the actor takes before it hears of it is handled as ever.
  const outcomes = await Promise.all(asked)
  for (const outcome of outcomes.filter((value) => value instanceof Error)) {
    expect(outcome).toBeInstanceOf(ActorStoppedError)
    expect(outcome).toMatchObject({ reason: { kind: 'shutdown' } })
  }
  // Of the tells: asks may have been answered before that, too.
  const begunNumbers = begunIn(path).filter((number) => number !== 9)
  await eventually(() => expect(letters).toHaveLength(5 - begunNumbers.length))
  expect(begunNumbers).toEqual(range(begunNumbers.length))
  expect(letters.map(({ args, why, reason }) => [args, why, reason?.kind])).toEqual(
    range(5)
      .slice(begunNumbers.length)
      .map((i) => [[i, 'an argument'], 'ended', 'shutdown']),
  )
})

test('G4: with drain the actor finishes what is queued first, however short its shutdownMs is', async () => {
  const { system, path, ref, gate, arrived, letters } = await scene({ shutdownMs: 1 })
  const begun = ref.ask.hold(gate)
  await arrived(1)
  for (const i of range(1_000)) ref.tell.take(i)
  const last = ref.ask.answer(1_000)
  const stopped = system.stopActor(ref, { drain: true })
  gate.tell.open()
  await Promise.all([begun, last, stopped])
  expect(begunIn(path)).toEqual(range(1_001))
  expect(letters).toEqual([])
})

test('G4: system.stop({ drain: true }) finishes what is queued everywhere', async () => {
  const { system, path, ref, letters } = await scene()
  const others = await Promise.all(range(3).map((i) => system.spawn(Scribe, { args: [`${path}${i}`] })))
  for (const i of range(5_000)) for (const to of [ref, ...others]) to.tell.take(i)
  await system.stop({ drain: true })
  for (const file of [path, ...range(3).map((i) => `${path}${i}`)]) expect(begunIn(file)).toEqual(range(5_000))
  expect(letters).toEqual([])
})

test('G4: a drain ends at its deadline: what is left becomes DeadLetters', async () => {
  const { system, path, ref, gate, arrived, letters } = await scene({ shutdownMs: 100_000 })
  ref.tell.take(0)
  ref.tell.hold(gate)
  for (const i of range(5)) ref.tell.take(i + 1)
  await arrived(1)
  await system.stop({ drain: true, deadlineMs: 50 })
  expect(begunIn(path)).toEqual([0])
  expect(letters.map(({ method, why }) => [method, why])).toEqual([['hold', 'crashed'], ...range(5).map(() => ['take', 'ended'])])
})

test('G1: a DeadLetter of a large message says its size, and keeps its arguments up to 64 KiB', async () => {
  const { system, ref, letters } = await scene()
  await system.stopActor(ref)
  ref.tell.take(1, 'x'.repeat(60_000))
  ref.tell.take(2, 'x'.repeat(70_000))
  await eventually(() => expect(letters).toHaveLength(2))
  expect(letters[0]!.args![1]).toHaveLength(60_000)
  expect(letters[1]!.args).toBe(undefined)
  expect(letters[1]!.bytes).toBeGreaterThan(70_000)
})

test('G5: killing twice at once is one kill', async () => {
  const { system, ref } = await scene()
  const [exits, started] = [collect(system, 'exited'), next(system, 'started', '/scribe')]
  await Promise.all([system.kill(ref), system.kill(ref), system.kill(ref)])
  await started
  expect(await ref.ask.answer(1)).toEqual([1, 2])
  expect(exits).toMatchObject([{ path: '/scribe', incarnation: 1, reason: { kind: 'killed' }, willRestart: true }])
})
