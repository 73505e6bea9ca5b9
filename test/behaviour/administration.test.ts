import {
  type ActorRef,
  ActorStoppedError,
  type ActorSystem,
  child,
  dynamicSupervisor,
  InvalidSpecError,
  StartFailedError,
  SupervisorError,
  supervisor,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Administrator } from '../actors/administrator.ts'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Parent } from '../actors/parent.ts'
import { StartsSlowly, ThrowsInOnStart } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { eventually, next, range, rejection, startSystem, temporaryFile } from './scene.ts'

const victim = (name: string, options = {}) => child(Victim, { name, ...options })

const crewOf = (system: ActorSystem) => system.supervisor('/crew')

/** What it was refused with, in OTP's words. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise)
  expect(error).toBeInstanceOf(SupervisorError)
  expect(error).toMatchObject({ code: 'TROUPE_SUPERVISOR', name: 'SupervisorError' })
  return (error as SupervisorError).why
}

const counts = async (system: ActorSystem) => {
  const { specs, active, supervisors, workers } = await crewOf(system).countChildren()
  return [specs, active, supervisors, workers]
}

test('G10: child_adm: the whole life of a child, from the host', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew' })] })
  const crew = crewOf(system)
  const a: ActorRef<Victim> = await crew.startChild(victim('a'))
  expect([await a.ask.note(1), await counts(system)]).toEqual([1, [1, 1, 0, 1]])
  expect(await refusal(crew.startChild(victim('a')))).toBe('alreadyStarted')
  expect(await refusal(crew.restartChild('a'))).toBe('running')
  expect(await refusal(crew.deleteChild('a'))).toBe('running')
  expect(await refusal(crew.terminateChild('b'))).toBe('notFound')
  await crew.terminateChild('a')
  expect(await counts(system)).toEqual([1, 0, 0, 1])
  expect(await rejection(a.ask.note(2))).toBeInstanceOf(ActorStoppedError)
  await crew.terminateChild('a')
  expect(await refusal(crew.startChild(victim('a')))).toBe('alreadyPresent')
  const again = (await crew.restartChild('a')) as ActorRef<Victim>
  expect(await again.ask.note(3)).toBe(1)
  await crew.terminateChild('a')
  await crew.deleteChild('a')
  expect(await counts(system)).toEqual([0, 0, 0, 0])
  expect(await refusal(crew.deleteChild('a'))).toBe('notFound')
  expect(await refusal(crew.getChildSpec('a'))).toBe('notFound')
})

test('G10: noproc: a supervisor that is not there refuses everything, and says so', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew', restart: 'temporary' })] })
  const nobody = system.supervisor('/nobody')
  const calls = [nobody.startChild(victim('a')), nobody.terminateChild('a'), nobody.whichChildren(), nobody.countChildren()]
  expect(await Promise.all(calls.map(refusal))).toEqual(calls.map(() => 'noSupervisor'))
  expect(await refusal(system.router('/nobody'))).toBe('noSupervisor')
  await system.supervisor('/').terminateChild('crew')
  expect(await refusal(crewOf(system).countChildren())).toBe('noSupervisor')
  expect((await rejection(nobody.whichChildren())).message).toContain('there is no supervisor at /nobody')
})

test('G10: sup_start_child_returns_error: nothing is kept of a child that did not start; InvalidSpecError tells every fault', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew' })] })
  const failed = await rejection(crewOf(system).startChild(child(ThrowsInOnStart, { name: 'bad' })))
  expect(failed).toBeInstanceOf(StartFailedError)
  expect(failed).toMatchObject({ stage: 'onStart', cause: { message: 'not ready' } })
  const wrong = await rejection(crewOf(system).startChild(victim('x/y', { restart: 'always', significant: true })))
  expect(wrong).toBeInstanceOf(InvalidSpecError)
  expect((wrong as InvalidSpecError).faults.length).toBe(3)
  expect(await counts(system)).toEqual([0, 0, 0, 0])
})

test('G10: which_children: newest first, with state, restarts, last reason and ref, also of those that do not run', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew', children: [victim('a'), supervisor({ name: 'inner' })] })] })
  const crew = crewOf(system)
  await crew.startChild(victim('c'))
  await system.kill((await system.lookup('/crew/a'))!)
  await crew.terminateChild('c')
  const listed = await eventually(async () => {
    const children = await crew.whichChildren()
    expect(children.at(-1)).toMatchObject({ name: 'a', state: 'running', restarts: 1 })
    return children
  })
  expect(listed).toMatchObject([
    { name: 'c', path: '/crew/c', kind: 'actor', state: 'stopped', lastExit: { kind: 'shutdown' }, ref: undefined },
    { name: 'inner', kind: 'supervisor', state: 'running', lastExit: undefined, ref: undefined },
    { name: 'a', path: '/crew/a', restarts: 1, lastExit: { kind: 'killed' } },
  ])
  expect(await (listed[2]!.ref as ActorRef<Victim>).ask.note(1)).toBe(2)
})

test('G10: child_adm: an actor administers supervisors as the host does, and may end itself', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew', children: [child(Administrator, { name: 'boss' })] })] })
  const boss = (await system.lookup<Administrator>('/crew/boss'))!
  expect(await boss.ask.hire('/crew', 'a')).toBe('/crew/a')
  expect(await boss.ask.names('/crew')).toEqual(['a', 'boss'])
  expect(await boss.ask.whyNot('/crew', 'a')).toBe('running')
  await boss.ask.fire('/crew', 'a')
  const ended = system.terminated(boss)
  boss.tell.leave('/crew', 'boss')
  expect(await ended).toEqual({ kind: 'shutdown' })
  expect((await crewOf(system).whichChildren()).map(({ name, state }) => [name, state])).toEqual([
    ['a', 'stopped'],
    ['boss', 'stopped'],
  ])
})

test('G10: getChildSpec gives back what was written; of a temporary child without its arguments', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew' })] })
  const log = temporaryFile('log')
  const spec = child(Diarist, { name: 'a', args: [log], shutdownMs: 1_234, backoff: { firstMs: 1, maxMs: 2 } })
  await crewOf(system).startChild(spec)
  expect(await crewOf(system).getChildSpec('a')).toEqual(spec)
  await crewOf(system).startChild(child(Diarist, { name: 'b', args: [log], restart: 'temporary' }))
  expect(await crewOf(system).getChildSpec('b')).toMatchObject({ name: 'b', args: [] })
})

test('G10: child_adm_simple, sup_start_map_simple: children of a dynamic supervisor come and go, up to maxChildren', async () => {
  const pool = dynamicSupervisor({ name: 'pool', maxChildren: 2 })
  const system = await startSystem({ children: [pool] })
  const admin = system.supervisor(pool)
  const [a] = [await admin.startChild(victim('a')), await admin.startChild(victim('b'))]
  expect(await refusal(admin.startChild(victim('c')))).toBe('maxChildren')
  expect(await refusal(admin.restartChild('a'))).toBe('dynamic')
  expect(await refusal(admin.deleteChild('a'))).toBe('dynamic')
  expect((await admin.whichChildren()).map(({ name }) => name)).toEqual(['b', 'a'])
  await admin.terminateChild('a')
  expect(await rejection(a.ask.note(1))).toBeInstanceOf(ActorStoppedError)
  expect(await refusal(admin.terminateChild('a'))).toBe('notFound')
  expect(await (await admin.startChild(victim('c'))).ask.note(1)).toBe(1)
  await admin.changeSpec(dynamicSupervisor({ name: 'pool', maxChildren: 3 }))
  expect(await (await admin.startChild(victim('d'))).ask.note(1)).toBe(1)
})

test('G10: sup_stop_brutal_kill_dynamic, sup_stop_timeout_dynamic: all are stopped side by side, and killed when their time is over', async () => {
  const system = await startSystem({ children: [dynamicSupervisor({ name: 'pool' }), child(Gate, { name: 'gate' })] })
  const admin = system.supervisor('/pool')
  const gate = (await system.lookup<Gate>('/gate'))!
  const names = range(6).map((i) => `w${i}`)
  const shutdowns = ['kill', 200, 60_000] as const
  const refs = await Promise.all(names.map((name, i) => admin.startChild(victim(name, { shutdownMs: shutdowns[i % 3] }))))
  // Those that may take their time are idle; the others never let go of their message.
  for (const [i, ref] of refs.entries()) if (i % 3 < 2) ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(4))
  const ends = refs.map((ref) => system.terminated(ref))
  await system.supervisor('/').terminateChild('pool')
  expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['killed', 'killed', 'shutdown', 'killed', 'killed', 'shutdown'])
})

test('G10: a child that is starting is terminated when it has started, and both callers are answered', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew' }), child(Gate, { name: 'gate' })] })
  const gate = (await system.lookup<Gate>('/gate'))!
  const starting = crewOf(system).startChild(child(StartsSlowly, { name: 'slow', args: [gate] }))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  // A static supervisor does one thing after the other: what is under way is waited for.
  const ended = crewOf(system).terminateChild('slow')
  gate.tell.open()
  await Promise.all([starting, ended])
  expect(await counts(system)).toEqual([1, 0, 0, 1])
})

test('G10: code_change: new flags hold, new specs are not started, removed ones live on; a bad spec changes nothing', async () => {
  const log = temporaryFile('log')
  const diarist = (name: string, options = {}) => child(Diarist, { name, args: [log], ...options })
  const before = supervisor({ name: 'crew', children: [diarist('a'), diarist('b')] })
  const system = await startSystem({ children: [before] })
  const crew = crewOf(system)
  const bad = await rejection(
    crew.changeSpec(supervisor({ name: 'club', strategy: 'any' as never, children: [diarist('b', { significant: true })] })),
  )
  expect((bad as InvalidSpecError).faults).toEqual([
    "/crew: name is 'club'. A supervisor keeps its name.",
    expect.stringContaining("strategy is 'any'"),
    expect.stringContaining('significant is true'),
  ])
  expect(await rejection(crew.changeSpec(supervisor({ name: 'crew', children: [supervisor({ name: 'a' })] })))).toMatchObject({
    message: expect.stringContaining('/crew/a: is of another kind than it was'),
  })
  await crew.changeSpec(
    supervisor({ name: 'crew', strategy: 'one-for-all', children: [diarist('b', { shutdownMs: 'kill' }), diarist('c')] }),
  )
  expect((await crew.whichChildren()).map(({ name, state }) => `${name} ${state}`)).toEqual(['a running', 'c stopped', 'b running'])
  const restarted = next(system, 'started', '/crew/a')
  ;(await system.lookup<Diarist>('/crew/a'))!.tell.fail()
  await restarted
  // b is killed and not asked any more; c comes with its group; a, which the spec does not name, is the last.
  expect(linesOf(log).slice(2)).toEqual(['b starts', 'c starts', 'a starts'])
})

test('G10: code_change_map: a running child is stopped by its new spec', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew', children: [victim('a', { shutdownMs: 60_000 })] })] })
  const a = (await system.lookup<Victim>('/crew/a'))!
  const gate = await system.spawn(Gate)
  a.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await crewOf(system).changeSpec(supervisor({ name: 'crew', children: [victim('a', { shutdownMs: 'kill' })] }))
  expect(await crewOf(system).getChildSpec('a')).toMatchObject({ shutdownMs: 'kill' })
  const ended = system.terminated(a)
  await crewOf(system).terminateChild('a')
  expect(await ended).toEqual({ kind: 'killed' })
})

test('G10: code_change: a changed spec is that of the supervisor after its own restart, too', async () => {
  const inner = (names: string[]) =>
    supervisor({ name: 'inner', intensity: { restarts: 0, withinMs: 60_000 }, children: names.map((name) => victim(name)) })
  const system = await startSystem({ children: [supervisor({ name: 'crew', children: [inner(['a'])] })] })
  await system.supervisor('/crew/inner').changeSpec(inner(['a', 'b']))
  const started = next(system, 'started', '/crew/inner/b')
  await system.kill((await system.lookup('/crew/inner/a'))!)
  await started
  expect((await system.supervisor('/crew/inner').whichChildren()).map(({ name }) => name)).toEqual(['b', 'a'])
})

test('G10: significant_upgrade: a rule for automatic shutdown that comes later ends the supervisor', async () => {
  const spec = (autoShutdown: 'never' | 'any-significant') =>
    supervisor({
      name: 'crew',
      autoShutdown,
      children: [victim('a', { restart: 'transient', significant: autoShutdown !== 'never' }), victim('b')],
    })
  const system = await startSystem({ children: [{ ...spec('never'), restart: 'temporary' }] })
  await crewOf(system).changeSpec({ ...spec('any-significant'), restart: 'temporary' })
  const ended = next(system, 'terminated', '/crew/b')
  ;(await system.lookup<Victim>('/crew/a'))!.tell.end()
  expect((await ended).reason).toEqual({ kind: 'shutdown' })
})

test('G10: the root and the children of an actor are supervisors too', async () => {
  const system = await startSystem()
  await system.supervisor('/').startChild(victim('late'))
  expect((await system.supervisor('/').whichChildren()).map(({ name }) => name)).toEqual(['late', 'user'])
  await system.supervisor('/').changeSpec(supervisor({ name: 'root', strategy: 'rest-for-one', children: [victim('more')] }))
  expect((await system.supervisor('/').whichChildren()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    'late running',
    'user running',
    'more stopped',
  ])
  await system.spawn(Parent, { name: 'parent', args: ['kid'] })
  const kids = system.supervisor('/user/parent')
  expect(await kids.countChildren()).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 })
  await kids.terminateChild('kid')
  expect(await system.lookup('/user/parent/kid')).toBe(undefined)
})

test('G10: who ends /user is told so by spawn, and can start it again', async () => {
  const system = await startSystem()
  const root = system.supervisor('/')
  await root.terminateChild('user')
  expect(await rejection(system.spawn(Victim))).toMatchObject({ code: 'TROUPE_SUPERVISOR', why: 'noSupervisor' })
  await root.restartChild('user')
  expect(await (await system.spawn(Victim)).ask.echo('there')).toBe('there')
  await system.stop()
  expect(await rejection(system.spawn(Victim))).toMatchObject({ code: 'TROUPE_SYSTEM_STOPPED' })
})

test('G10: what is no spec, and what is no name, is refused in words before it is sent', async () => {
  const system = await startSystem({ children: [supervisor({ name: 'crew', children: [] })] })
  const crew = crewOf(system) as unknown as Record<string, (argument: unknown) => Promise<unknown>>
  const started = async (spec: unknown) => ((await rejection(crew['startChild']!(spec))) as InvalidSpecError).faults
  expect(await started(Victim)).toEqual(["a child of /crew: is the class Victim, and must be a spec: child(Victim, { name: 'victim' })."])
  expect(await started(undefined)).toHaveLength(1)
  expect(await started(supervisor({ name: 's', children: [Victim, {}] as never }))).toEqual([
    expect.stringMatching(/^a child of \/crew\/s: is the class Victim/),
    expect.stringMatching(/^a child of \/crew\/s: is not a spec/),
  ])
  const victim = await system.spawn(Victim)
  for (const call of ['terminateChild', 'restartChild', 'deleteChild', 'getChildSpec'])
    expect((await rejection(crew[call]!(victim))).message).toBe(
      '/crew: a child is called by its name, as in its spec, and this is an object.',
    )
  await expect(startSystem({ children: null as never })).resolves.toBeDefined()
})
