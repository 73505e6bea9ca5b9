import { ActorDownError, type ActorRef, ActorStoppedError, ActorSystem, child, SystemStoppedError, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { HangsAtRestart, HangsInOnStart, StartsSlowly } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem, temporaryFile } from './scene.ts'

test('G10: a system stops in reverse order of its start, one after the other, inner children first', async () => {
  const log = temporaryFile('log')
  const diarist = (name: string) => child(Diarist, { name, args: [log] })
  const system = await startSystem({
    children: [diarist('a'), supervisor({ name: 'crew', children: [diarist('b'), diarist('c')] }), diarist('d')],
  })
  expect(linesOf(log)).toEqual(['a starts', 'b starts', 'c starts', 'd starts'])
  await system.spawn(Diarist, { name: 'spawned', args: [log] })
  const exits = collect(system, 'exited')
  await system.stop()
  expect(linesOf(log).slice(5)).toEqual(['spawned', 'd', 'c', 'b', 'a'].flatMap((name) => [`${name} stops`, `${name} has stopped`]))
  const paths = ['/user/spawned', '/user', '/d', '/crew/c', '/crew/b', '/crew', '/a']
  expect(exits.map(({ path, reason }) => [path, reason.kind])).toEqual(paths.map((path) => [path, 'shutdown']))
  expect(await system.closed).toBe(undefined)
})

test('stop is idempotent: at once, later, and through `await using`', async () => {
  const log = temporaryFile('log')
  let kept: ActorSystem
  {
    await using system = await ActorSystem.start({ name: 'test', children: [child(Diarist, { name: 'a', args: [log] })] })
    kept = system
    await Promise.all([system.stop(), system.stop({ drain: true }), system.stop()])
    await system.stop()
  }
  await kept.stop()
  expect(linesOf(log)).toEqual(['a starts', 'a stops', 'a has stopped'])
  for (const call of [kept.spawn(Victim), kept.lookup('/a'), kept.tree()]) expect(await rejection(call)).toBeInstanceOf(SystemStoppedError)
})

test('stop while an actor starts: the start is given up, and its spawn rejects', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const slow = rejection(system.spawn(StartsSlowly, { args: [gate] }))
  const hanging = rejection(system.spawn(HangsInOnStart))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.stop()
  for (const error of [await slow, await hanging]) expect(error).toMatchObject({ code: expect.stringMatching(/^TROUPE_/) })
})

test('G10: a stop during the first start is no failed start: it ends with shutdown, as a process of OTP in its init, without onStop', async () => {
  const system = await startSystem()
  const [gate, recorder] = [await system.spawn(Gate), await system.spawn(Recorder)]
  const [exits, terminated] = [collect(system, 'exited'), collect(system, 'terminated')]
  const start = () => rejection(system.spawn(StartsSlowly, { name: 'slow', args: [gate, recorder] }))
  const alone = start()
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.stopActor((await system.lookup('/user/slow'))!)
  expect(await alone).toBeInstanceOf(ActorStoppedError)
  expect(await alone).toMatchObject({ reason: { kind: 'shutdown' } })
  expect(await recorder.ask.noted()).toEqual([])
  // Its name is free at once.
  const withAll = start()
  await eventually(async () => expect(await gate.ask.arrived()).toBe(2))
  await system.stop()
  expect(await withAll).toBeInstanceOf(SystemStoppedError)
  const slow = exits.filter(({ path }) => path === '/user/slow')
  expect(slow.map(({ reason, willRestart }) => [reason, willRestart])).toEqual(range(2).map(() => [{ kind: 'shutdown' }, false]))
  expect(terminated.filter(({ path }) => path === '/user/slow').map(({ reason }) => reason)).toEqual(
    range(2).map(() => ({ kind: 'shutdown' })),
  )
})

test('G10: a restart that is called off by a stop is no promise to come back', async () => {
  const spec = child(HangsAtRestart, { name: 'late' })
  const system = await startSystem({ children: [spec] })
  const [exits, terminated] = [collect(system, 'exited'), collect(system, 'terminated')]
  system.ref(spec).tell.exit()
  await next(system, 'exited', '/late')
  await system.stopActor(system.ref(spec))
  await system.tree()
  expect(exits.map(({ reason, willRestart }) => [reason.kind, willRestart])).toEqual([
    ['exit', true],
    ['shutdown', false],
  ])
  expect(terminated).toEqual([{ path: '/late', reason: { kind: 'shutdown' } }])
})

test('stop while actors are restarted ends them for good', async () => {
  const specs = range(6).map((i) => child(Victim, { name: `victim-${i}` }))
  const system = await startSystem({ children: specs, intensity: { restarts: 100, withinMs: 60_000 } })
  const terminated = collect(system, 'terminated')
  for (const spec of specs) system.ref(spec).tell.fail('now')
  await next(system, 'exited', '/victim-3')
  await system.stop()
  expect(terminated.map(({ path }) => path).sort()).toEqual(specs.map(({ name }) => `/${name}`))
})

test('stop during a kill, kill during a stop: one end', async () => {
  const system = await startSystem()
  for (const first of ['kill', 'stop'] as const) {
    const ref = await system.spawn(Victim, { name: first })
    const exits = collect(system, 'exited')
    const [stopped, killed] = first === 'stop' ? [system.stopActor(ref), system.kill(ref)] : [system.kill(ref), system.stopActor(ref)]
    await Promise.all([stopped, killed, system.stopActor(ref)])
    expect(exits.filter(({ path, willRestart }) => path === ref.path && !willRestart)).toHaveLength(1)
    expect(await system.lookup(ref.path)).toBe(undefined)
  }
})

test('a handler that hangs is killed after shutdownMs, and what it had begun is told', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Diarist, { args: [temporaryFile('log')], shutdownMs: 30 })
  const [asked, ended] = [rejection(ref.ask.hang()), system.terminated(ref)]
  await eventually(async () => expect(nodeAt(await system.tree(), ref.path)).toMatchObject({ method: 'hang' }))
  await system.stopActor(ref)
  expect(await ended).toEqual({ kind: 'killed' })
  expect(await asked).toBeInstanceOf(ActorDownError)
  expect(await asked).toMatchObject({ reason: { kind: 'killed' } })
})

test("shutdownMs: 'kill' asks nobody, Infinity waits", async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const killed = await system.spawn(Diarist, { name: 'killed', args: [log], shutdownMs: 'kill' })
  const patient = await system.spawn(Diarist, { name: 'patient', args: [log], shutdownMs: Number.POSITIVE_INFINITY })
  const gate = await system.spawn(Gate)
  const held = patient.ask.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const [killedEnd, patientEnd] = [system.terminated(killed), system.terminated(patient)]
  const stopped = system.stopActor(patient)
  await system.stopActor(killed)
  gate.tell.open()
  await Promise.all([held, stopped])
  expect([await killedEnd, await patientEnd]).toEqual([{ kind: 'killed' }, { kind: 'shutdown' }])
  expect(linesOf(log).slice(2)).toEqual(['patient has finished', 'patient stops', 'patient has stopped'])
})

test.for([
  ['throws', { kind: 'error', error: { message: 'a diary can be too sad' } }],
  ['hangs', { kind: 'killed' }],
] as const)('an onStop that %s does not keep the others from stopping', async ([how, reason]) => {
  const log = temporaryFile('log')
  const [a, b] = [child(Diarist, { name: 'a', args: [log] }), child(Diarist, { name: 'b', args: [log], shutdownMs: 50 })]
  const system = await startSystem({ children: [a, b] })
  await system.ref(b).ask.failAtStop(how)
  const exits = collect(system, 'exited')
  await system.stop()
  expect(linesOf(log).slice(2)).toEqual(['b stops', 'a stops', 'a has stopped'])
  expect(exits.find(({ path }) => path === '/b')!.reason).toMatchObject(reason)
})

test('a stop that takes longer than its deadline kills what is left', async () => {
  const log = temporaryFile('log')
  const [a, b] = ['a', 'b'].map((name) => child(Diarist, { name, args: [log], shutdownMs: Number.POSITIVE_INFINITY }))
  const system = await startSystem({ children: [a!, b!] })
  for (const spec of [a!, b!]) await system.ref(spec).ask.failAtStop('hangs')
  const exits = collect(system, 'exited')
  await system.stop({ deadlineMs: 50 })
  expect(exits.filter(({ path }) => path === '/a' || path === '/b').map(({ reason }) => reason.kind)).toEqual(['killed', 'killed'])
  expect(linesOf(log)).not.toContain('a has stopped')
})

test('a second call may shorten a stop', async () => {
  const a = child(Diarist, { name: 'a', args: [temporaryFile('log')], shutdownMs: Number.POSITIVE_INFINITY })
  const system = await startSystem({ children: [a] })
  await system.ref(a).ask.failAtStop('hangs')
  const ended = system.terminated(system.ref(a))
  const slow = system.stop({ deadlineMs: 1_000_000 })
  await system.stop({ deadlineMs: 30 })
  await slow
  expect(await ended).toEqual({ kind: 'killed' })
})

test('G10: an actor that is stopped has seen its children stop before its own onStop begins', async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const parent = await system.spawn(Diarist, { name: 'parent', args: [log] })
  await parent.ask.spawnDiarist('first')
  await parent.ask.spawnDiarist('second')
  await system.stopActor(parent)
  const lines = linesOf(log).slice(3)
  expect(lines.slice(0, 4).sort()).toEqual(['first has stopped', 'first stops', 'second has stopped', 'second stops'])
  expect(lines.slice(4)).toEqual(['parent stops', 'parent has stopped'])
})

test('G10: a supervisor with a finite shutdownMs kills its whole tree when the time is over, and waits for the deaths', async () => {
  const log = temporaryFile('log')
  const patient = { args: [log] as [string], shutdownMs: Number.POSITIVE_INFINITY }
  const inner = supervisor({
    name: 'inner',
    children: [child(Diarist, { name: 'a', ...patient }), child(Diarist, { name: 'b', ...patient })],
  })
  const system = await startSystem({ children: [supervisor({ name: 'crew', shutdownMs: 50, children: [inner] })] })
  for (const name of ['a', 'b']) await (await system.lookup<Diarist>(`/crew/inner/${name}`))!.ask.failAtStop('hangs')
  const exits = collect(system, 'exited')
  await system.stop({ deadlineMs: 3_600_000 })
  const reasons = exits.filter(({ path }) => /[ab]$/.test(path)).map(({ path, reason }) => [path, reason.kind])
  expect(reasons.sort()).toEqual([
    ['/crew/inner/a', 'killed'],
    ['/crew/inner/b', 'killed'],
  ])
})

test('G4: an actor that drains and ends itself does not go on draining', async () => {
  const system = await startSystem()
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Victim, { name: 'victim' })
  const letters = collect(system, 'deadLetter')
  ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  ref.tell.end()
  for (const n of range(3)) ref.tell.note(n)
  const stopped = system.stopActor(ref, { drain: true })
  await eventually(async () => expect(nodeAt(await system.tree(), '/user/victim')!.state).toBe('stopping'))
  gate.tell.open()
  await stopped
  await system.tree()
  expect(letters.map(({ method, args, why }) => [method, args, why])).toEqual(range(3).map((n) => ['note', [n], 'ended']))
})

test('an actor that ends itself finishes its message, runs onStop, and ends normally', async () => {
  const system = await startSystem()
  const log = temporaryFile('log')
  const ref: ActorRef<Diarist> = await system.spawn(Diarist, { name: 'a', args: [log], restart: 'transient' })
  const ended = system.terminated(ref)
  await ref.ask.end()
  expect(await ended).toEqual({ kind: 'normal' })
  expect(linesOf(log)).toEqual(['a starts', 'a stops', 'a has stopped'])
})

test('two systems in one process know nothing of each other', async () => {
  const [one, two] = [await startSystem({ name: 'one' }), await startSystem({ name: 'two' })]
  const [a, b] = [await one.spawn(Victim, { name: 'victim' }), await two.spawn(Victim, { name: 'victim' })]
  expect(await a.ask.echo(1)).toBe(1)
  await one.stop()
  expect(await rejection(a.ask.echo(1))).toBeInstanceOf(SystemStoppedError)
  expect(await b.ask.echo(2)).toBe(2)
})
