import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, range, startSystem, thrown } from './scene.ts'

/** An actor that has ended, and `count` tells that came too late. */
async function scene(count: number, limits = {}) {
  const system = await startSystem({ limits })
  const gone = await system.spawn(Recorder)
  await system.stopActor(gone)
  for (const i of range(count)) expect(gone.tell.note(i)).toBe(false)
  return { system, gone }
}

test('dead letters are kept, oldest first, and can be told to another actor, in order', async () => {
  const { system } = await scene(5)
  const heir = await system.spawn(Recorder)
  expect(system.deadLetters.list().map(({ method, args, why }) => [method, args, why])).toEqual(
    range(5).map((i) => ['note', [i], 'stopped']),
  )
  expect(system.deadLetters.replay(heir, ({ args }) => args![0] !== 2)).toBe(4)
  expect(await heir.ask.noted()).toEqual([0, 1, 3, 4])
  expect(system.deadLetters.list().map(({ args }) => args)).toEqual([[2]])
  expect(system.deadLetters.replay(heir)).toBe(1)
  expect(await heir.ask.noted()).toEqual([0, 1, 3, 4, 2])
  expect(system.deadLetters.replay(heir)).toBe(0)
})

test('dead letters: the message that crashed an actor is one, and can be replayed to its successor', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const exits = collect(system, 'exited')
  ref.tell.fail('once')
  await eventually(() => expect(system.deadLetters.list()).toHaveLength(1))
  expect(system.deadLetters.replay(ref)).toBe(1)
  await eventually(() => expect(exits).toHaveLength(2))
  await eventually(() => expect(system.deadLetters.list()).toMatchObject([{ method: 'fail', args: ['once'], why: 'crashed' }]))
})

test('dead letters: a replay that is refused ends there, and what was not accepted stays', async () => {
  const { system, gone } = await scene(3)
  expect(system.deadLetters.replay(gone)).toBe(0)
  // The refused one is a dead letter once more.
  expect(system.deadLetters.list().map(({ args }) => args![0])).toEqual([0, 1, 2, 0])
  const other = await scene(1)
  expect(thrown(() => other.system.deadLetters.replay(gone)).message).toContain('is a ref of another system')
})

test('dead letters are bounded by limits.deadLettersMax: the latest are kept, the others counted', async () => {
  const { system } = await scene(10, { deadLettersMax: 3 })
  expect(system.deadLetters.list().map(({ args }) => args![0])).toEqual([7, 8, 9])
  expect(system.deadLetters.forgotten).toBe(7)
  expect(system.deadLetters.clear(({ args }) => args![0] === 8)).toBe(1)
  expect(system.deadLetters.clear()).toBe(2)
  expect(system.deadLetters.list()).toEqual([])
})

test('dead letters are bounded in bytes, and one whose arguments were too large to be kept is not replayed', async () => {
  const { system, gone } = await scene(0)
  for (let i = 0; i < 300; i++) gone.tell.note('x'.repeat(60_000))
  gone.tell.note('x'.repeat(100_000))
  const letters = system.deadLetters.list()
  expect(letters.reduce((sum, { args, bytes }) => sum + (args === undefined ? 0 : bytes), 0)).toBeLessThanOrEqual(16 * 1024 * 1024)
  expect(letters.length + system.deadLetters.forgotten).toBe(301)
  expect(letters.at(-1)).toMatchObject({ args: undefined })
  const heir = await system.spawn(Recorder)
  system.deadLetters.clear(({ args }) => args !== undefined)
  expect(system.deadLetters.replay(heir)).toBe(0)
  expect(system.deadLetters.list()).toHaveLength(1)
})

test('dead letters: the sweep of a long mailbox is published up to a quota, and the rest is counted', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim, { restart: 'temporary' })
  const gate = await system.spawn(Gate)
  const letters = collect(system, 'deadLetter')
  const dropped = collect(system, 'deadLettersDropped')
  ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  for (const i of range(10_000)) ref.tell.note(i)
  await system.kill(ref)
  await eventually(() => expect(letters.length + dropped.reduce((sum, { count }) => sum + count, 0)).toBe(10_001))
  // One mailbox is swept in one turn.
  const swept = letters.filter(({ why }) => why === 'ended')
  expect(swept.length).toBeLessThanOrEqual(4_096)
  expect(swept.map(({ args }) => args![0])).toEqual(range(swept.length))
  expect(swept.length).toBeGreaterThan(4_000)
})
