import { type ActorRef, ActorStoppedError, NameTakenError, StartFailedError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Parent } from '../actors/parent.ts'
import type { Victim } from '../actors/victim.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem, temporaryFile } from './scene.ts'

test('children: an actor spawns, asks and sends them away; they are in the tree below it', async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const root = await system.spawn(Diarist, { name: 'root', args: [log] })
  const kid = await root.ask.spawnDiarist('kid')
  const grandchild = await kid.ask.spawnDiarist('grandchild')
  expect(grandchild.path).toBe('/user/root/kid/grandchild')
  expect(await grandchild.ask.incarnation()).toBe(1)
  expect(nodeAt(await system.tree(), '/user/root')!.children.map(({ path }) => path)).toEqual(['/user/root/kid'])
  await system.stopActor(kid)
  expect(await rejection(grandchild.ask.incarnation())).toBeInstanceOf(ActorStoppedError)
  expect(nodeAt(await system.tree(), '/user/root')!.children).toEqual([])
  expect(await (await root.ask.spawnDiarist('kid')).ask.incarnation()).toBe(1)
})

test('children: one that crashes is restarted, and its parent is not harmed', async () => {
  const system = await startSystem()
  const root = await system.spawn(Diarist, { name: 'root', args: [temporaryFile('log')] })
  const kid = await root.ask.spawnDiarist('kid')
  kid.tell.fail()
  expect(await kid.ask.incarnation()).toBe(2)
  expect(await root.ask.incarnation()).toBe(1)
})

test.for(['crash', 'kill', 'end', 'stop'] as const)(
  'address: children end with their parent, the grandchildren first (%s)',
  async (how) => {
    const system = await startSystem()
    const log = temporaryFile('log')
    const root = await system.spawn(Diarist, { name: 'root', args: [log], restart: 'transient' })
    const kid = await root.ask.spawnDiarist('kid')
    const grandchild = await kid.ask.spawnDiarist('grandchild')
    const ends = [kid, grandchild].map((ref) => system.terminated(ref))
    const terminated = collect(system, 'terminated')
    if (how === 'crash') root.tell.fail()
    if (how === 'kill') await system.kill(root)
    if (how === 'end') root.tell.end()
    if (how === 'stop') await system.stopActor(root)
    await Promise.all(ends)
    for (const ref of [kid, grandchild]) expect(await rejection(ref.ask.incarnation())).toBeInstanceOf(ActorStoppedError)
    const goesOn = how === 'crash' || how === 'kill'
    expect(await root.ask.incarnation().catch(() => 'ended')).toBe(goesOn ? 2 : 'ended')
    const own = how === 'end' || how === 'stop' ? ['root stops', 'root has stopped'] : []
    const kids = ['grandchild stops', 'grandchild has stopped', 'kid stops', 'kid has stopped']
    expect(
      linesOf(log)
        .slice(3)
        .filter((line) => line.startsWith('root'))
        .slice(0, 2),
    ).toEqual(goesOn ? ['root starts'] : own)
    expect(
      linesOf(log)
        .slice(3)
        .filter((line) => !line.startsWith('root'))
        .sort(),
    ).toEqual(kids.sort())
    await eventually(() => expect(terminated.map(({ path }) => path)).toEqual(expect.arrayContaining([kid.path, grandchild.path])))
    if (goesOn) expect(await (await root.ask.spawnDiarist('kid')).ask.incarnation()).toBe(1)
  },
)

test('children: they have ended before their parent starts again', async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const root = await system.spawn(Diarist, { name: 'root', args: [log] })
  await root.ask.spawnDiarist('a')
  await root.ask.spawnDiarist('b')
  const restarted = next(system, 'started', '/user/root')
  root.tell.fail()
  await restarted
  const lines = linesOf(log).slice(3)
  expect(lines.at(-1)).toBe('root starts')
  expect(lines.slice(0, -1).sort()).toEqual(['a has stopped', 'a stops', 'b has stopped', 'b stops'])
})

test('children: a start that fails is the error of spawn, and the parent lives on', async () => {
  const system = await startSystem()
  const parent = await system.spawn(Parent, { name: 'parent' })
  const error = await rejection(parent.ask.spawnFailing('bad'))
  expect(error).toBeInstanceOf(StartFailedError)
  expect(error.message).toContain('/user/parent/bad did not start')
  expect(error.cause).toBeInstanceOf(RangeError)
  await parent.ask.spawnVictim('twice')
  expect(await rejection(parent.ask.spawnVictim('twice'))).toBeInstanceOf(NameTakenError)
  expect(await parent.ask.incarnation()).toBe(1)
})

test('children: an actor can spawn in onStart, and has its children again after a restart', async () => {
  const system = await startSystem()
  const parent = await system.spawn(Parent, { name: 'parent', args: ['kid'] })
  const kid = (await system.lookup<Victim>('/user/parent/kid'))!
  expect(await kid.ask.note('who?')).toBe(1)
  await system.kill(parent)
  expect(await parent.ask.incarnation()).toBe(2)
  const young = (await system.lookup<Victim>('/user/parent/kid'))!
  expect(await young.ask.note('who?')).toBe(1)
  // The address of the first has ended; a name used again is a new address.
  expect(await rejection(kid.ask.note('who?'))).toBeInstanceOf(ActorStoppedError)
})

test('children: one that is starting when its parent dies is not left behind', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const parent = await system.spawn(Parent, { name: 'parent' })
  for (const round of range(3)) {
    parent.tell.spawnSlowly('slow', gate)
    await eventually(async () => expect(await gate.ask.arrived()).toBe(round + 1))
    await system.kill(parent)
    expect(await parent.ask.incarnation()).toBe(round + 2)
    expect(await system.lookup('/user/parent/slow')).toBe(undefined)
    await expectNoChildren(system, '/user/parent')
  }
})

test('children: a parent that dies while it spawns many leaves nobody behind', async () => {
  const system = await startSystem()
  const parent = await system.spawn(Parent, { name: 'parent' })
  for (const round of range(3)) {
    parent.tell.spawnMany(6)
    await eventually(async () => expect(nodeAt(await system.tree(), '/user/parent')!.children.length).toBeGreaterThan(round))
    await system.kill(parent)
    expect(await parent.ask.incarnation()).toBe(round + 2)
    await expectNoChildren(system, '/user/parent')
  }
})

async function expectNoChildren(system: Awaited<ReturnType<typeof startSystem>>, path: string): Promise<void> {
  const tree = await system.tree()
  expect(nodeAt(tree, path)!.children).toEqual([])
}

test('children: the ref of a child can be given away, and is good as long as the child lives', async () => {
  const system = await startSystem()
  const parent = await system.spawn(Parent, { name: 'parent' })
  const kid: ActorRef<Victim> = await parent.ask.spawnVictim('kid')
  expect(await kid.ask.note('from the host')).toBe(1)
  const ended = system.terminated(kid)
  await system.stopActor(parent)
  expect((await ended).kind).toBe('shutdown')
})

test('children: of an actor that has ended and waits for them, a stop kills them when its deadline is over', async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const root = await system.spawn(Diarist, { name: 'root', args: [log] })
  await (await root.ask.spawnDiarist('kid')).ask.failAtStop('hangs')
  const exits = collect(system, 'exited')
  const killing = system.kill(root)
  await eventually(() => expect(linesOf(log)).toContain('kid stops'))
  await system.stop({ deadlineMs: 100 })
  await killing
  expect(exits.map(({ path, reason }) => [path, reason.kind])).toEqual(
    ['/user/root/kid', '/user/root', '/user'].map((path) => [path, 'killed']),
  )
})
