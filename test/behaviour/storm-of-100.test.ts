import { child, describeExit, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Ender } from '../actors/ender.ts'
import { Watcher } from '../actors/watcher.ts'
import { collect, eventually, next, nodeAt, range, startSystem } from './scene.ts'

// Fault 32, and "must show 5" of supervision: many deaths in one moment.

const MANY = 100

async function crowd(restarts: number, restart: 'permanent' | 'temporary') {
  const crowded = range(MANY).map((i) => child(Ender, { name: `member-${i}`, restart }))
  const siblings = range(3).map((i) => child(Ender, { name: `sibling-${i}` }))
  const system = await startSystem({
    children: [
      supervisor({ name: 'crowd', intensity: { restarts, withinMs: 600_000 }, restart: 'temporary', children: crowded }),
      supervisor({ name: 'others', children: siblings }),
    ],
  })
  const refs = crowded.map((spec) => system.ref(spec))
  return {
    system,
    refs,
    siblings: siblings.map((spec) => system.ref(spec)),
    exits: collect(system, 'exited'),
    starts: collect(system, 'started'),
  }
}

test('fault 32: 100 actors killed at once are one wave: each ends once, is counted once, and comes back once', {
  timeout: 120_000,
}, async () => {
  const { system, refs, siblings, exits, starts } = await crowd(MANY, 'permanent')
  const gaveUp = collect(system, 'gaveUp')
  await Promise.all(refs.map((ref) => system.kill(ref)))
  expect(await Promise.all(refs.map((ref) => ref.ask({ timeoutMs: 60_000 }).incarnation()))).toEqual(refs.map(() => 2))
  // An answer comes a shorter way than the event of a start.
  await eventually(() => expect(starts.length).toBeGreaterThanOrEqual(MANY))
  // As many restarts as the intensity allows: had one been counted twice, it would have given up.
  expect(gaveUp).toEqual([])
  expect(exits.map(({ path }) => path).sort()).toEqual(refs.map(({ path }) => path).sort())
  expect(exits.every(({ reason, willRestart, incarnation }) => reason.kind === 'killed' && willRestart && incarnation === 1)).toBe(true)
  expect(starts.map(({ path }) => path).sort()).toEqual(refs.map(({ path }) => path).sort())
  expect(await Promise.all(siblings.map((ref) => ref.ask.incarnation()))).toEqual([1, 1, 1])
  const crowdNode = nodeAt(await system.tree(), '/crowd')!
  expect(crowdNode.children.map(({ restarts }) => restarts)).toEqual(range(MANY).map(() => 1))
})

test('fault 32: with one restart less allowed, the supervisor gives up once, and its siblings are untouched', {
  timeout: 120_000,
}, async () => {
  const { system, refs, siblings } = await crowd(MANY - 1, 'permanent')
  const gaveUps = collect(system, 'gaveUp')
  const gaveUp = next(system, 'gaveUp', '/crowd')
  await Promise.all(refs.map((ref) => system.kill(ref)))
  expect(await gaveUp).toMatchObject({ restarts: MANY - 1 })
  await Promise.all(refs.map((ref) => system.terminated(ref)))
  expect(gaveUps).toHaveLength(1)
  expect(await Promise.all(siblings.map((ref) => ref.ask.incarnation()))).toEqual([1, 1, 1])
})

test('fault 32: of 100 deaths at once each watcher hears each once, and no other', { timeout: 120_000 }, async () => {
  const { system, refs, siblings } = await crowd(1, 'temporary')
  const watchers = await Promise.all(range(3).map(() => system.spawn(Watcher)))
  for (const watcher of watchers) for (const ref of [...refs, ...siblings]) await watcher.ask.watchNow(ref)
  const ends = Promise.all(refs.map((ref) => system.terminated(ref)))
  await Promise.all(refs.map((ref) => system.kill(ref)))
  expect((await ends).map(describeExit)).toEqual(refs.map(() => 'killed'))
  const expected = refs.map(({ path }) => `${path} killed`).sort()
  for (const watcher of watchers) await eventually(async () => expect((await watcher.ask.heard()).length).toBe(MANY))
  for (const watcher of watchers) expect([...(await watcher.ask.heard())].sort()).toEqual(expected)
})
