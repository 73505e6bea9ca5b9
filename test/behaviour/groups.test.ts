import { expect, test } from 'vitest'
import { Singer } from '../actors/singer.ts'
import { eventually, range, rejection, startSystem } from './scene.ts'

test('groups: members come as typed refs, in the order in which they joined; all of them get what is broadcast', async () => {
  const system = await startSystem()
  const choir = await system.group<Singer>('choir')
  expect([choir.name, choir.members]).toEqual(['choir', []])
  expect(choir.broadcast.tell.hear('nobody')).toEqual([])
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => system.spawn(Singer, { name })))
  await choir.join(b!)
  await choir.join(a!)
  await choir.join(b!)
  expect(choir.members).toEqual([b, a])
  expect(choir.broadcast.tell.hear('hello')).toEqual([true, true])
  expect(await choir.broadcast.ask.heard()).toEqual([
    { status: 'fulfilled', value: ['hello'] },
    { status: 'fulfilled', value: ['hello'] },
  ])
  expect(await c!.ask.heard()).toEqual([])
  await choir.leave(b!)
  await choir.leave(c!)
  expect(choir.members).toEqual([a])
})

test('groups: actors join, leave and sing for themselves, and each thread follows', async () => {
  const system = await startSystem()
  const singers = await Promise.all(range(5).map((i) => system.spawn(Singer, { name: `s${i}` })))
  const choir = await system.group<Singer>('choir')
  for (const singer of singers) await singer.ask.join('choir')
  await eventually(() => expect(choir.members).toEqual(singers))
  expect(await singers[0]!.ask.sing('choir', 'la')).toBe(5)
  for (const singer of singers) await eventually(async () => expect(await singer.ask.heard()).toEqual(['la']))
  await singers[1]!.ask.leave('choir')
  expect(await singers[0]!.ask.members('choir')).toEqual(['/user/s0', '/user/s2', '/user/s3', '/user/s4'])
  // One call for one of them.
  expect(await choir.ask.incarnation()).toBe(1)
})

test('groups: a member is one through its restarts, and what is told meanwhile waits for it', async () => {
  const system = await startSystem()
  const choir = await system.group<Singer>('choir')
  const singer = await system.spawn(Singer, { name: 'a', args: ['choir'] })
  await eventually(() => expect(choir.members).toEqual([singer]))
  const killed = system.kill(singer)
  expect(choir.broadcast.tell.hear('now')).toEqual([true])
  await killed
  await eventually(async () => expect(await singer.ask.incarnation()).toBe(2))
  // It joined once more when it started.
  expect(choir.members).toEqual([singer])
  choir.broadcast.tell.hear('again')
  await eventually(async () => expect((await singer.ask.heard()).at(-1)).toBe('again'))
})

test('groups: membership ends with the address, before its death notice; who has ended cannot join', async () => {
  const system = await startSystem()
  const choir = await system.group<Singer>('choir')
  const [a, b] = [await system.spawn(Singer, { name: 'a' }), await system.spawn(Singer, { name: 'b', restart: 'temporary' })]
  for (const ref of [a, b]) await choir.join(ref)
  await a.ask.watchMembers('choir')
  const ended = system.terminated(b)
  await system.kill(b)
  await ended
  await eventually(() => expect(choir.members).toEqual([a]))
  await eventually(async () => expect(await a.ask.counted()).toBe(1))
  expect(await rejection(choir.join(b))).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
  // The name used again is another address: nobody has joined for it.
  await system.spawn(Singer, { name: 'b' })
  expect(choir.members).toEqual([a])
})

test('groups: an actor can be in many, a name that is none is refused, and groups of two systems are apart', async () => {
  const [one, two] = [await startSystem({ name: 'one' }), await startSystem({ name: 'two' })]
  const singer = await one.spawn(Singer)
  const groups = await Promise.all(range(20).map((i) => one.group<Singer>(`g${i}`)))
  await Promise.all(groups.map((group) => group.join(singer)))
  expect(groups.map(({ members }) => members)).toEqual(groups.map(() => [singer]))
  expect((await two.group('g0')).members).toEqual([])
  expect(await rejection(one.group('a/b'))).toMatchObject({ code: 'TROUPE_INVALID_NAME' })
  await one.stopActor(singer)
  await eventually(() => expect(groups.map(({ members }) => members.length)).toEqual(groups.map(() => 0)))
})

test('groups: joins, leaves and ends at the same time from many threads: in the end all see the same', async () => {
  const system = await startSystem()
  const singers = await Promise.all(range(12).map((i) => system.spawn(Singer, { name: `s${i}`, args: ['choir'], restart: 'temporary' })))
  const choir = await system.group<Singer>('choir')
  await Promise.all(
    singers.map(async (singer, i) => {
      if (i % 3 === 0) await system.kill(singer)
      else if (i % 3 === 1) for (let round = 0; round < 20; round++) await singer.ask[round % 2 === 0 ? 'leave' : 'join']('choir')
      else for (let round = 0; round < 20; round++) await singer.ask.sing('choir', 'la')
    }),
  )
  const expected = singers.filter((_, i) => i % 3 !== 0).map(({ path }) => path)
  await eventually(() => expect(choir.members.map(({ path }) => path).sort()).toEqual(expected.sort()))
  for (const singer of singers.filter((_, i) => i % 3 !== 0))
    await eventually(async () => expect([...(await singer.ask.members('choir'))].sort()).toEqual(expected))
})
