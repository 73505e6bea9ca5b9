import {
  type ActorRef,
  ActorStoppedError,
  type ActorSystem,
  child,
  dynamicSupervisor,
  partitionSupervisor,
  SupervisorError,
  supervisor,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Partition, Spread } from '../actors/partition.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, range, rejection, startSystem } from './scene.ts'

const pool = (partitions: number, options = {}) => partitionSupervisor(Partition, { name: 'pool', partitions, ...options })

async function start(partitions: number, options = {}) {
  const spec = pool(partitions, options)
  const system = await startSystem({ children: [spec, child(Gate, { name: 'gate' })] })
  return { system, router: await system.router(spec), admin: system.supervisor(spec), gate: (await system.lookup<Gate>('/gate'))! }
}

const keys = range(200).map((i) => `key ${i}`)

test('routing: round robin, one after the other, for tells and asks of both colours', async () => {
  const { router } = await start(3)
  expect(router.members.map(({ path }) => path)).toEqual(['/pool/0', '/pool/1', '/pool/2'])
  const asked = await Promise.all(range(6).map(() => router.ask.number()))
  expect(asked).toEqual([0, 1, 2, 0, 1, 2])
  expect([router.askSync.number(), await router.ask({ timeoutMs: 5_000 }).number()]).toEqual([0, 1])
  expect(range(4).map(() => router.tell.count())).toEqual([true, true, true, true])
  expect(await router.tell({ whenFull: 'wait' }).count()).toBe(true)
  expect((await Promise.all(router.members.map((ref) => ref.ask.counted()))).sort()).toEqual([1, 2, 2])
})

test('routing: least mailbox goes past those who are busy', async () => {
  const { system, gate } = await start(3)
  const router = await system.router<Partition>('/pool', { pick: 'least-mailbox' })
  const [first, , last] = router.members as [ActorRef<Partition>, ActorRef<Partition>, ActorRef<Partition>]
  for (const ref of [first, last]) ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(2))
  // A reply comes a moment before its message is done, so one that is free may look like one that has one message.
  for (const ref of [first, last]) ref.tell.count()
  for (const _ of range(4)) expect(await router.ask.number()).toBe(1)
  gate.tell.open()
  await Promise.all([first, last].map((ref) => ref.ask.counted()))
  expect(new Set(await Promise.all(range(9).map(() => router.ask.number())))).toEqual(new Set([0, 1, 2]))
})

test('routing: a key has one partition, the same for the host and for actors, also after a restart', async () => {
  const { system, router } = await start(4)
  const spread = await system.spawn(Spread, { args: ['/pool'] })
  const ours = keys.map((key) => router.to(key).path)
  expect(await spread.ask.pathsOf(keys)).toEqual(ours)
  expect(new Set(ours).size).toBe(4)
  const one = router.to('key 7')
  expect(await one.ask.remember('key 7')).toBe(1)
  await system.kill(one)
  expect(router.to('key 7').path).toBe(one.path)
  expect(await router.to('key 7').ask.incarnation()).toBe(2)
})

test('routing: rendezvous moves only the keys of the new partition, modulo gives whole numbers their remainder', async () => {
  const { router, admin } = await start(3)
  const before = keys.map((key) => router.to(key).path)
  await admin.resize(4)
  const after = keys.map((key) => router.to(key).path)
  const moved = after.filter((path, i) => path !== before[i])
  expect(new Set(moved)).toEqual(new Set(['/pool/3']))
  expect(moved.length).toBeGreaterThan(20)
  expect(moved.length).toBeLessThan(80)
  const modulo = await start(3, { by: 'modulo' })
  expect([0, 1, 2, 3, 4n, -5].map((key) => modulo.router.to(key).path.at(-1))).toEqual(['0', '1', '2', '0', '1', '2'])
})

test('routing: broadcast reaches all, and one that fails does not keep the others from answering', async () => {
  const { router } = await start(3)
  expect(router.broadcast.tell.count()).toEqual([true, true, true])
  expect(await router.broadcast.ask.counted()).toEqual(range(3).map(() => ({ status: 'fulfilled', value: 1 })))
  const outcomes = await router.broadcast.ask({ timeoutMs: 5_000 }).failIf(1)
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: { message: 'I am 1' } })
})

test('G10: routing: the workers stay supervised: what waits for one that dies is handled by its next incarnation', async () => {
  const { system, router, gate } = await start(2, { intensity: { restarts: 10, withinMs: 60_000 } })
  for (const ref of router.members) ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(2))
  const asked = range(8).map(() => router.ask.number())
  await Promise.all(router.members.map((ref) => system.kill(ref)))
  expect((await Promise.all(asked)).sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
})

test('G1: routing: without a member, tell is false with a dead letter and ask rejects; with the next member it goes on', async () => {
  const crew = dynamicSupervisor({ name: 'crew' })
  const system = await startSystem({ children: [crew] })
  const router = await system.router<Victim>(crew)
  const letters = collect(system, 'deadLetter')
  expect([router.members, router.tell.note(1)]).toEqual([[], false])
  expect(await rejection(router.ask.note(2))).toBeInstanceOf(ActorStoppedError)
  expect((await rejection(router.ask.note(2))).message).toBe(
    '/crew.note(): this is a router or a group, and there is nobody in it now. The call was not begun.',
  )
  expect(await rejection(router.to('a').ask.note(2))).toBeInstanceOf(ActorStoppedError)
  expect(letters).toMatchObject([{ to: '/crew', method: 'note', args: [1], why: 'stopped' }])
  await system.supervisor(crew).startChild(child(Victim, { name: 'a' }))
  expect(await router.ask.note(3)).toBe(1)
})

test('routing: members that come, go and come back are followed, by the host and by actors', async () => {
  const crew = dynamicSupervisor({ name: 'crew' })
  const system = await startSystem({ children: [crew] })
  const admin = system.supervisor(crew)
  const router = await system.router<Partition>(crew)
  const spread = await system.spawn(Spread, { args: ['/crew'] })
  for (const name of ['a', 'b', 'c']) await admin.startChild(child(Partition, { name, restart: 'temporary' }))
  const seen = async () => [router.members.map(({ path }) => path.at(-1)).join(''), await spread.ask.members()]
  await eventually(async () => expect(await seen()).toEqual(['abc', 'abc']))
  await admin.terminateChild('b')
  expect(router.members.map(({ path }) => path)).toEqual(['/crew/a', '/crew/c'])
  // A temporary one that crashes is not there any more; no message goes to it, whether the news has come or not.
  await system.kill(router.members[0]!)
  expect(await Promise.all(range(5).map(() => router.ask.incarnation()))).toEqual([1, 1, 1, 1, 1])
  await eventually(async () => expect(await seen()).toEqual(['c', 'c']))
})

test('routing: nothing is sent to one that has ended, also by a thread that has not heard of it', async () => {
  const crew = dynamicSupervisor({ name: 'crew' })
  const system = await startSystem({ children: [crew] })
  const gate = await system.spawn(Gate)
  const spread = await system.spawn(Spread, { args: ['/crew'] })
  for (const name of ['a', 'b']) await system.supervisor(crew).startChild(child(Partition, { name, restart: 'temporary' }))
  await eventually(async () => expect(await spread.ask.members()).toBe('ab'))
  const told = spread.ask({ timeoutMs: Number.POSITIVE_INFINITY }).countBlindly(gate, 6)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.supervisor(crew).terminateChild('a')
  gate.tell.open()
  expect(await told).toEqual(['ab', range(6).map(() => true)])
})

test('G4: routing: resize lets a partition that is given up finish what it has accepted', async () => {
  const { router, admin, gate } = await start(3)
  const last = router.members[2]!
  last.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const queued = range(5).map(() => last.ask.number())
  const resized = admin.resize(1)
  await eventually(() => expect(router.members.length).toBe(1))
  gate.tell.open()
  expect(await Promise.all(queued)).toEqual([2, 2, 2, 2, 2])
  await resized
  expect(await admin.countChildren()).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 })
  expect(await Promise.all(range(3).map(() => router.ask.number()))).toEqual([0, 0, 0])
})

test('routing: resizes at the same time are done one after the other, and survive the restart of the supervisor', async () => {
  const { system, router, admin } = await start(1, { intensity: { restarts: 0, withinMs: 60_000 } })
  await Promise.all([4, 2, 3].map((partitions) => admin.resize(partitions)))
  expect(router.members.map(({ path }) => path)).toEqual(['/pool/0', '/pool/1', '/pool/2'])
  const restarted = next(system, 'started', '/pool/2')
  await system.kill(router.members[0]!)
  await restarted
  expect(await Promise.all(router.members.map((ref) => ref.ask.incarnation()))).toEqual([2, 2, 2])
})

test('routing: what is no partition supervisor cannot be resized, and a wrong number is refused', async () => {
  const { admin } = await start(1)
  expect((await rejection(startSystem({ children: [pool(0)] }))).message).toContain('partitions is 0, and must be a whole number above 0')
  expect((await rejection(admin.resize(0))).message).toContain('partitions is 0')
  const system = await startSystem({ children: [supervisor({ name: 'crew' })] })
  expect(await rejection(system.supervisor('/crew').resize(2))).toMatchObject({ why: 'notPartitioned' })
  expect(await rejection((system as ActorSystem).router('/crew', { pick: 'any' as never }))).toMatchObject({
    code: 'TROUPE_INVALID_ARGUMENT',
  })
  expect(new SupervisorError('notPartitioned', '/crew').message).toContain('/crew has no partitions')
})

test('routing: a key that is none, and an option that there is not, are refused by name', async () => {
  const system = await startSystem()
  const router = await system.router<Victim>('/user')
  for (const key of [undefined, null, {}, Number] as never[])
    expect(() => router.to(key)).toThrow(/^\/user: the key is .*, and must be a text, a number/)
  const misspelt = { pik: 'least-mailbox' } as never
  expect((await rejection(system.router('/user', misspelt))).message).toContain(
    "router of /user: there is no option 'pik'. Did you mean 'pick'?",
  )
  expect((await rejection(system.group('choir', misspelt))).message).toContain("there is no option 'pik'")
})
