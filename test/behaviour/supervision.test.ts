import {
  type ActorRef,
  ActorStoppedError,
  ActorSystem,
  child,
  dynamicSupervisor,
  RestartLimitError,
  type Strategy,
  supervisor,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, nodeAt, rejection, startSystem, temporaryFile } from './scene.ts'

/** Three diarists a, b, c under one supervisor; b fails. */
async function afterOneFailed(strategy: Strategy): Promise<{ incarnations: number[]; lines: string[] }> {
  const log = temporaryFile('log')
  const specs = ['a', 'b', 'c'].map((name) => child(Diarist, { name, args: [log] }))
  const system = await startSystem({ children: [supervisor({ name: 'crew', strategy, children: specs })] })
  const [a, b, c] = specs.map((spec) => system.ref(spec)) as [ActorRef<Diarist>, ActorRef<Diarist>, ActorRef<Diarist>]
  const restarted = next(system, 'started', '/crew/b')
  b.tell.fail()
  await restarted
  const incarnations = await Promise.all([a, b, c].map((ref) => ref.ask.incarnation()))
  return { incarnations, lines: linesOf(log).slice(3) }
}

test('G10: one-for-one restarts the one that failed', async () => {
  const { incarnations, lines } = await afterOneFailed('one-for-one')
  expect(incarnations).toEqual([1, 2, 1])
  expect(lines).toEqual(['b starts'])
})

test('G10: one-for-all stops the others in reverse order, and starts all in order', async () => {
  const { incarnations, lines } = await afterOneFailed('one-for-all')
  expect(incarnations).toEqual([2, 2, 2])
  expect(lines).toEqual(['c stops', 'c has stopped', 'a stops', 'a has stopped', 'a starts', 'b starts', 'c starts'])
})

test('G10: rest-for-one does so with those that were started after it', async () => {
  const { incarnations, lines } = await afterOneFailed('rest-for-one')
  expect(incarnations).toEqual([1, 2, 2])
  expect(lines).toEqual(['c stops', 'c has stopped', 'b starts', 'c starts'])
})

test('G10: permanent, transient and temporary, after a crash and after a normal end', async () => {
  const restarts = ['permanent', 'transient', 'temporary'] as const
  const system = await startSystem()
  const exits = collect(system, 'exited')
  const outcomes = await Promise.all(
    restarts.map(async (restart) => {
      const ref = await system.spawn(Victim, { name: restart, restart })
      await rejection(ref.ask.exit(1))
      const afterCrash = await ref.ask.note('who?').catch((error: unknown) => (error as Error).constructor.name)
      if (afterCrash === 2) await ref.ask.end()
      const afterEnd = await ref.ask.note('who?').catch((error: unknown) => (error as Error).constructor.name)
      return [restart, afterCrash, afterEnd]
    }),
  )
  expect(outcomes).toEqual([
    ['permanent', 2, 3],
    ['transient', 2, 'ActorStoppedError'],
    ['temporary', 'ActorStoppedError', 'ActorStoppedError'],
  ])
  expect(exits.filter(({ path }) => path === '/user/transient').map(({ willRestart }) => willRestart)).toEqual([true, false])
})

test('G10: more restarts than the root may: closed rejects with the story, everything ends, everybody is told', async () => {
  const log = temporaryFile('log')
  const fragile = child(Victim, { name: 'fragile' })
  const system = await ActorSystem.start({
    name: 'shop',
    children: [child(Diarist, { name: 'diarist', args: [log] }), fragile],
    intensity: { restarts: 2, withinMs: 60_000 },
  })
  const gaveUp = collect(system, 'gaveUp')
  const [bystander, gate] = [await system.spawn(Victim), await system.spawn(Gate)]
  const out = rejection(bystander.ask.hold(gate))
  for (const text of ['one', 'two', 'three']) system.ref(fragile).tell.fail(text)
  const error = await rejection(system.closed)
  expect(error).toBeInstanceOf(RestartLimitError)
  expect(error.message).toBe(
    'the system "shop" gave up: more than 2 restarts within 60000 ms. The last: /fragile ended once more (error: RangeError: three)',
  )
  expect(error.cause).toBeInstanceOf(RangeError)
  expect(gaveUp).toMatchObject([{ path: '/', restarts: 2, withinMs: 60_000, reason: { kind: 'error' } }])
  expect(await out).toBeInstanceOf(Error)
  expect(await rejection(bystander.ask.echo(1))).toMatchObject({ code: 'TROUPE_SYSTEM_STOPPED' })
  expect(await rejection(system.spawn(Victim))).toMatchObject({ code: 'TROUPE_SYSTEM_STOPPED' })
  expect(linesOf(log)).toEqual(['diarist starts', 'diarist stops', 'diarist has stopped'])
  await system.stop()
})

test('G10: a spawned actor has an intensity of its own: it ends for good, the system and the others live', async () => {
  const system = await startSystem()
  const [fragile, other] = [await system.spawn(Victim, { name: 'fragile' }), await system.spawn(Victim)]
  const [gaveUp, ended] = [next(system, 'gaveUp', '/user/fragile'), system.terminated(fragile)]
  for (const text of ['one', 'two', 'three', 'four']) fragile.tell.fail(text)
  expect(await gaveUp).toMatchObject({ restarts: 3, withinMs: 5_000 })
  expect(await ended).toMatchObject({ kind: 'error', error: { message: 'four' } })
  expect(await rejection(fragile.ask.note('gone'))).toBeInstanceOf(ActorStoppedError)
  expect(await other.ask.note('still there')).toBe(1)
  expect(await (await system.spawn(Victim, { name: 'fragile' })).ask.note('the name is free')).toBe(1)
})

test('G10: a supervisor that gives up is restarted by its own, with all its children, in order', async () => {
  const log = temporaryFile('log')
  const [a, b] = ['a', 'b'].map((name) => child(Diarist, { name, args: [log] })) as [ReturnType<typeof child<Diarist, [string]>>, never]
  const crew = supervisor({ name: 'crew', intensity: { restarts: 1, withinMs: 60_000 }, children: [a, b] })
  const system = await startSystem({ children: [crew] })
  const [gaveUp, allStarted] = [next(system, 'gaveUp', '/crew'), next(system, 'started', '/crew/b')]
  system.ref(a).tell.fail()
  await system.ref(a).ask.incarnation()
  system.ref(a).tell.fail()
  expect(await gaveUp).toMatchObject({ path: '/crew', restarts: 1 })
  await allStarted
  expect(await Promise.all([a, b].map((spec) => system.ref(spec).ask.incarnation()))).toEqual([3, 2])
  expect(linesOf(log)).toEqual(['a starts', 'b starts', 'a starts', 'b stops', 'b has stopped', 'a starts', 'b starts'])
  expect(nodeAt(await system.tree(), '/crew')).toMatchObject({ kind: 'supervisor', state: 'running', restarts: 1 })
})

test('G10: a significant child takes its supervisor with it', async () => {
  const log = temporaryFile('log')
  const job = child(Diarist, { name: 'job', args: [log], restart: 'transient', significant: true })
  const helper = child(Diarist, { name: 'helper', args: [log] })
  const crew = supervisor({ name: 'crew', autoShutdown: 'any-significant', restart: 'temporary', children: [helper, job] })
  const system = await startSystem({ children: [crew] })
  const ended = next(system, 'terminated', '/crew/helper')
  system.ref(job).tell.end()
  expect((await ended).reason).toEqual({ kind: 'shutdown' })
  expect(linesOf(log).slice(2)).toEqual(['job stops', 'job has stopped', 'helper stops', 'helper has stopped'])
  expect(await system.lookup('/crew/job')).toBe(undefined)
})

test('the tree shows supervisors and actors with state, method in progress, depth and restarts', async () => {
  const spec = child(Victim, { name: 'victim' })
  const system = await startSystem({
    children: [supervisor({ name: 'crew', children: [spec] }), dynamicSupervisor({ name: 'pool' }), child(Gate, { name: 'gate' })],
  })
  const gate = (await system.lookup<Gate>('/gate'))!
  const ref = system.ref(spec)
  await rejection(ref.ask.exit(3))
  ref.tell.hold(gate)
  ref.tell.note(1)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const tree = await system.tree()
  expect(tree).toMatchObject({ path: '/', name: 'test', kind: 'supervisor', state: 'running' })
  expect(tree.children.map(({ path, kind }) => [path, kind])).toEqual([
    ['/crew', 'supervisor'],
    ['/pool', 'supervisor'],
    ['/gate', 'actor'],
    ['/user', 'supervisor'],
  ])
  expect(nodeAt(tree, '/crew/victim')).toMatchObject({
    kind: 'actor',
    state: 'running',
    method: 'hold',
    mailboxDepth: 2,
    restarts: 1,
    lastExit: 'process.exit(3)',
  })
  gate.tell.open()
  await eventually(async () => expect(nodeAt(await system.tree(), '/crew/victim')).toMatchObject({ mailboxDepth: 0, method: undefined }))
})
