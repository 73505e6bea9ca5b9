import {
  type ActorRef,
  ActorStoppedError,
  ActorSystem,
  child,
  dynamicSupervisor,
  type Restart,
  RestartLimitError,
  type Strategy,
  supervisor,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Diarist, linesOf } from '../actors/diarist.ts'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { FailsToRestart } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, nodeAt, range, rejection, startSystem, temporaryFile } from './scene.ts'

const victim = (name: string, options = {}) => child(Victim, { name, ...options })

/** Of a, b and c: who is started again when b ends. */
const TABLE: readonly (readonly [strategy: Strategy, restart: Restart, how: 'crash' | 'kill' | 'end', again: string])[] = [
  ['one-for-one', 'permanent', 'crash', 'b'],
  ['one-for-one', 'permanent', 'end', 'b'],
  ['one-for-one', 'transient', 'kill', 'b'],
  ['one-for-one', 'transient', 'end', ''],
  ['one-for-one', 'temporary', 'crash', ''],
  ['one-for-one', 'temporary', 'end', ''],
  ['one-for-all', 'permanent', 'kill', 'abc'],
  ['one-for-all', 'permanent', 'end', 'abc'],
  ['one-for-all', 'transient', 'crash', 'abc'],
  ['one-for-all', 'transient', 'end', ''],
  ['one-for-all', 'temporary', 'kill', ''],
  ['one-for-all', 'temporary', 'end', ''],
  ['rest-for-one', 'permanent', 'crash', 'bc'],
  ['rest-for-one', 'permanent', 'end', 'bc'],
  ['rest-for-one', 'transient', 'kill', 'bc'],
  ['rest-for-one', 'transient', 'end', ''],
  ['rest-for-one', 'temporary', 'crash', ''],
  ['rest-for-one', 'temporary', 'end', ''],
]

test.for(TABLE)('G10: %s, a %s child, %s: started again are [%s]', async ([strategy, restart, how, again]) => {
  const children = [victim('a'), victim('b', { restart }), victim('c')]
  const system = await startSystem({ children: [supervisor({ name: 'crew', strategy, children })] })
  const started = collect(system, 'started')
  const exited = next(system, 'exited', '/crew/b')
  const b = (await system.lookup<Victim>('/crew/b'))!
  if (how === 'crash') b.tell.fail('as told')
  if (how === 'kill') await system.kill(b)
  if (how === 'end') b.tell.end()
  expect(await exited).toMatchObject({ willRestart: again !== '', supervisor: '/crew', restartsLeft: again === '' ? 3 : 2 })
  await eventually(() => expect(started.map(({ path }) => path.at(-1)).join('')).toBe(again))
  const { specs, active } = await system.supervisor('/crew').countChildren()
  expect([specs, active]).toEqual([restart === 'temporary' ? 2 : 3, again === '' ? 2 : 3])
})

test('G10: a temporary member is stopped with its group and forgotten; one that was terminated by hand comes back with it', async () => {
  const children = [victim('a'), victim('b', { restart: 'temporary' }), victim('c')]
  const system = await startSystem({ children: [supervisor({ name: 'crew', strategy: 'one-for-all', children })] })
  const crew = system.supervisor('/crew')
  await crew.terminateChild('c')
  const back = next(system, 'started', '/crew/c')
  await system.kill((await system.lookup('/crew/a'))!)
  await back
  expect((await crew.whichChildren()).map(({ name, state }) => `${name} ${state}`)).toEqual(['c running', 'a running'])
})

test('G10: one-for-all: a member that cannot start again is tried with its whole group, until it can', async () => {
  const recorder = child(Recorder, { name: 'recorder' })
  const system = await startSystem({ children: [recorder] })
  const fails = child(FailsToRestart, { name: 'b', args: [system.ref(recorder), 2] })
  await system
    .supervisor('/')
    .startChild(
      supervisor({ name: 'crew', strategy: 'one-for-all', intensity: { restarts: 5, withinMs: 60_000 }, children: [victim('a'), fails] }),
    )
  const started = next(system, 'started', '/crew/b')
  await system.kill((await system.lookup('/crew/b'))!)
  await started
  const [a, b] = [(await system.lookup<Victim>('/crew/a'))!, (await system.lookup<FailsToRestart>('/crew/b'))!]
  // b was tried at its 2nd, 3rd and 4th incarnation, and a was started anew each time.
  expect([await a.ask.note(1), await b.ask.incarnation()]).toEqual([4, 4])
})

test('G10: who waits for a restart of its group that will never be is not waited for', async () => {
  const recorder = child(Recorder, { name: 'recorder' })
  const system = await startSystem({ children: [recorder] })
  const fails = child(FailsToRestart, { name: 'a', args: [system.ref(recorder), 1_000], backoff: { firstMs: 60_000, maxMs: 60_000 } })
  const crew = await system
    .supervisor('/')
    .startChild(
      supervisor({ name: 'crew', strategy: 'one-for-all', intensity: { restarts: 9, withinMs: 60_000 }, children: [fails, victim('b')] }),
    )
  const b = (await system.lookup<Victim>('/crew/b'))!
  await system.kill(b)
  // b ended, the group is stopped, a does not start: b waits for it.
  await eventually(async () => expect(nodeAt(await system.tree(), '/crew/a')).toMatchObject({ state: 'restarting' }))
  const asked = rejection(b.ask.note('anybody?'))
  await crew.terminateChild('a')
  expect(await asked).toBeInstanceOf(ActorStoppedError)
  expect((await crew.restartChild('b')) as ActorRef<Victim>).toMatchObject({ path: '/crew/b' })
})

test('G10: backoff: it waits, is shown in the tree, and comes back with its mailbox when its time has come', async () => {
  const [slow, soon] = [
    victim('slow', { backoff: { firstMs: 60_000, maxMs: 60_000 } }),
    victim('soon', { backoff: { firstMs: 50, maxMs: 50 } }),
  ]
  const system = await startSystem({ children: [slow, soon] })
  const [slowRef, soonRef] = [system.ref(slow), system.ref(soon)] as [ActorRef<Victim>, ActorRef<Victim>]
  await Promise.all([slowRef, soonRef].map((ref) => system.kill(ref)))
  const waiting = soonRef.ask({ timeoutMs: 30_000 }).note('kept')
  const shown = nodeAt(await system.tree(), '/slow')!
  expect(shown).toMatchObject({ state: 'restarting', lastExit: 'killed' })
  expect(shown.restartInMs).toBeGreaterThan(30_000)
  expect(shown.restartInMs).toBeLessThanOrEqual(60_000)
  expect(await waiting).toBe(2)
  // The answer may come before the control side has heard that it is ready.
  const running = { state: 'running', restarts: 1, restartInMs: undefined }
  await eventually(async () => expect(nodeAt(await system.tree(), '/soon')).toMatchObject(running))
  // Neither a stop nor a termination waits for it.
  await system.supervisor('/').terminateChild('slow')
  expect(await rejection(slowRef.ask.note('gone'))).toBeInstanceOf(ActorStoppedError)
})

test('G10: backoff: whoever is spawned can have one, and a stop of the system does not wait for it', async () => {
  const system = await ActorSystem.start({ name: 'test' })
  const ref = await system.spawn(Victim, { name: 'slow', backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } })
  const exits = collect(system, 'exited')
  const gate = await system.spawn(Gate)
  ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  expect(nodeAt(await system.tree(), '/user/slow')!.method).toBe('hold')
  await system.kill(ref)
  const node = nodeAt(await system.tree(), '/user/slow')
  // What it was at when it was killed is not what it is at.
  expect(node).toMatchObject({ state: 'restarting', lastExit: 'killed', method: undefined })
  expect(node!.restartInMs).toBeGreaterThan(2_000_000)
  const shown = (await system.supervisor('/user').whichChildren()).find(({ name }) => name === 'slow')
  expect(shown).toMatchObject({ name: 'slow', state: 'restarting' })
  expect(shown!.restartInMs).toBeGreaterThan(2_000_000)
  expect(exits.map(({ restartInMs }) => restartInMs! > 2_000_000)).toEqual([true])
  const asked = rejection(ref.ask.note('never'))
  await system.stop()
  expect(await asked).toBeInstanceOf(Error)
})

test('a crash loop is told once with its count, and each exit says how many restarts are left', async () => {
  const system = await startSystem({
    children: [supervisor({ name: 'crew', intensity: { restarts: 50, withinMs: 60_000 }, children: [victim('a')] })],
  })
  const [loops, exits] = [collect(system, 'crashLoop'), collect(system, 'exited')]
  const a = (await system.lookup<Victim>('/crew/a'))!
  for (const i of range(12)) a.tell.fail(`crash ${i}`)
  expect(await a.ask({ timeoutMs: 60_000 }).note('still there')).toBe(13)
  expect(loops).toMatchObject([
    { path: '/crew/a', supervisor: '/crew', restarts: 10, reason: { kind: 'error', error: { message: 'crash 9' } } },
  ])
  expect(exits.map(({ restartsLeft }) => restartsLeft)).toEqual(range(12).map((i) => 49 - i))
})

test('G10: gaveUp names the supervisor, the child and the last reason', async () => {
  const crew = supervisor({
    name: 'crew',
    restart: 'temporary',
    intensity: { restarts: 1, withinMs: 60_000 },
    children: [victim('a'), victim('b')],
  })
  const system = await startSystem({ children: [crew] })
  const gaveUp = next(system, 'gaveUp', '/crew')
  const a = (await system.lookup<Victim>('/crew/a'))!
  a.tell.fail('one')
  a.tell.fail('two')
  expect(await gaveUp).toMatchObject({ supervisor: '/crew', child: '/crew/a', restarts: 1, reason: { error: { message: 'two' } } })
  await eventually(async () => expect(await system.lookup('/crew/b')).toBe(undefined))
})

test('G10: intensity 0: the first crash ends the supervisor; at the root it closes the system, with the story', async () => {
  const system = await ActorSystem.start({ name: 'glass', children: [victim('a')], intensity: { restarts: 0, withinMs: 1_000 } })
  ;(await system.lookup<Victim>('/a'))!.tell.fail('only once')
  const error = await rejection(system.closed)
  expect(error).toBeInstanceOf(RestartLimitError)
  expect(error.message).toContain('/a ended once more (error: RangeError: only once)')
  await system.stop()
})

test('G10: simple_one_for_one: a dynamic supervisor that gives up takes its children with it, and comes back without them', async () => {
  const pool = dynamicSupervisor({ name: 'pool', intensity: { restarts: 1, withinMs: 60_000 } })
  const system = await startSystem({ children: [pool] })
  const admin = system.supervisor(pool)
  const [a, b] = [await admin.startChild(victim('a')), await admin.startChild(victim('b'))]
  const [gaveUp, ends] = [next(system, 'gaveUp', '/pool'), Promise.all([a, b].map((ref) => system.terminated(ref)))]
  a.tell.fail('one')
  a.tell.fail('two')
  expect(await gaveUp).toMatchObject({ child: '/pool/a', restarts: 1 })
  expect((await ends).map(({ kind }) => kind)).toEqual(['error', 'shutdown'])
  expect(await rejection(b.ask.note('gone'))).toBeInstanceOf(ActorStoppedError)
  await eventually(async () => expect(await admin.countChildren()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 }))
  expect(await (await admin.startChild(victim('a'))).ask.note('new')).toBe(1)
})

test('G10: sup_stop_infinity: without a time limit a stop waits for onStop, however long it takes', async () => {
  const log = temporaryFile('log')
  const system = await startSystem({
    children: [child(Diarist, { name: 'a', args: [log], shutdownMs: Number.POSITIVE_INFINITY }), child(Gate, { name: 'gate' })],
  })
  const [a, gate] = [(await system.lookup<Diarist>('/a'))!, (await system.lookup<Gate>('/gate'))!]
  a.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const stopped = system.supervisor('/').terminateChild('a')
  await system.tree()
  gate.tell.open()
  await stopped
  expect(linesOf(log)).toEqual(['a starts', 'a has finished', 'a stops', 'a has stopped'])
})

test('G10: sup_stop_timeout, sup_stop_brutal_kill: who does not end in time is killed, and who is to be killed is not asked', async () => {
  const log = temporaryFile('log')
  const diarist = (name: string, shutdownMs: number | 'kill') => child(Diarist, { name, args: [log], shutdownMs })
  const children = [diarist('idle', 60_000), diarist('busy', 20), diarist('brutal', 'kill')]
  const system = await startSystem({ children: [supervisor({ name: 'crew', children })] })
  const refs = await Promise.all(['idle', 'busy', 'brutal'].map(async (name) => (await system.lookup<Diarist>(`/crew/${name}`))!))
  refs[1]!.tell.hang()
  const ends = refs.map((ref) => system.terminated(ref))
  await system.supervisor('/').terminateChild('crew')
  expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['shutdown', 'killed', 'killed'])
  expect(linesOf(log).slice(3)).toEqual(['idle stops', 'idle has stopped'])
})

test('G10: scale_start_stop_many_children: 30 static children start in order and stop in reverse', async () => {
  const log = temporaryFile('log')
  const names = range(30).map((i) => `d${i}`)
  const children = names.map((name) => child(Diarist, { name, args: [log] }))
  const system = await startSystem({ children: [supervisor({ name: 'crew', children })] })
  expect(linesOf(log)).toEqual(names.map((name) => `${name} starts`))
  await system.supervisor('/').terminateChild('crew')
  expect(linesOf(log).slice(30)).toEqual(names.toReversed().flatMap((name) => [`${name} stops`, `${name} has stopped`]))
})

test('G10: count_children, simple_one_for_one_scale: 40 dynamic children, all killed at once, none restarted as they are temporary', async () => {
  const pool = dynamicSupervisor({ name: 'pool' })
  const system = await startSystem({ children: [pool] })
  const admin = system.supervisor(pool)
  const refs = await Promise.all(range(40).map((i) => admin.startChild(victim(`w${i}`, { restart: 'temporary' }))))
  expect(await admin.countChildren()).toEqual({ specs: 40, active: 40, supervisors: 0, workers: 40 })
  const ends = refs.map((ref) => system.terminated(ref))
  await Promise.all(refs.map((ref) => system.kill(ref)))
  expect(new Set((await Promise.all(ends)).map(({ kind }) => kind))).toEqual(new Set(['killed']))
  expect(await admin.countChildren()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 })
})

test('G10: simple_global_supervisor: the name leads to whoever lives there now, after each way of ending', async () => {
  const crew = supervisor({ name: 'crew', intensity: { restarts: 1, withinMs: 60_000 }, children: [victim('a')] })
  const system = await startSystem({ children: [crew] })
  const who = async () => (await (await system.lookup<Victim>('/crew/a'))!.ask.note('who?')) as number
  expect(await who()).toBe(1)
  await system.kill((await system.lookup('/crew/a'))!)
  expect(await who()).toBe(2)
  // The second is one too many: the supervisor itself is restarted.
  const restarted = next(system, 'started', '/crew/a')
  ;(await system.lookup<Victim>('/crew/a'))!.tell.fail('again')
  await restarted
  expect(await who()).toBe(3)
  await system.supervisor(crew).terminateChild('a')
  expect(await system.lookup('/crew/a')).toBe(undefined)
  await system.supervisor(crew).restartChild('a')
  expect(await who()).toBe(1)
})
