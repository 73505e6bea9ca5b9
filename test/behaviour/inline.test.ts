import { threadId } from 'node:worker_threads'
import { actorsIn, child, DeadlockError, InvalidSpecError, NotSendableError } from '@troupe/runtime'
import { expect, onTestFinished, test, vi } from 'vitest'
import { KILL_GRACE_MS } from '../../packages/runtime/src/base/limits.ts'
import { SAID_MAX } from '../../packages/runtime/src/queue/said.ts'
import { Gate } from '../actors/gate.ts'
import { InnerHost } from '../actors/inner-host.ts'
import { Recorder } from '../actors/recorder.ts'
import type { Whereabouts } from '../actors/whereabouts.ts'
import { afterwards, lived, Zombie, ZombieOfTwo } from '../actors/zombie.ts'
import { collect, eventually, range, rejection, startSystem, thrown } from './scene.ts'

const lean = actorsIn<{ Whereabouts: typeof Whereabouts }>(new URL('../actors/whereabouts.ts', import.meta.url)).Whereabouts

test('inline: an actor runs in the thread of its host, by a class that the host has loaded or by its place', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const started = collect(system, 'started')
  const named = await system.spawn(lean, { name: 'lean' })
  const elsewhere = await system.spawn(lean, { isolate: 'thread', name: 'elsewhere' })
  lived.length = 0
  const here = await system.spawn(Zombie, { name: 'here' })
  expect(await named.ask.threadId()).toBe(threadId)
  expect(await elsewhere.ask.threadId()).not.toBe(threadId)
  expect(lived).toEqual([here.path])
  // No spares are kept for what needs none.
  expect(started.map(({ path, warm }) => [path, warm])).toEqual([
    ['/user/lean', true],
    ['/user/elsewhere', false],
    ['/user/here', true],
  ])
})

test('inline: one actor of a system whose others have threads; its children are what the system says', async () => {
  const spec = child(lean, { name: 'static', isolate: 'inline' })
  const system = await startSystem({ isolate: 'thread', children: [spec] })
  const ref = system.ref(spec)
  expect(await ref.ask.threadId()).toBe(threadId)
  const [inThread, inline] = [await ref.ask.spawnSelf('thread'), await ref.ask.spawnSelf('inline')]
  expect(await inThread.ask.threadId()).not.toBe(threadId)
  expect(await inline.ask.threadId()).toBe(threadId)
  // An actor in a thread has one that is not in its own thread, but in that of the host.
  expect(await (await inThread.ask.spawnSelf('inline')).ask.threadId()).toBe(threadId)
})

test.for(['thread', 'inline'] as const)(
  'inline: an actor may be the host of a system, whose inline actors are in its thread (%s)',
  async (isolate) => {
    const system = await startSystem({ isolate: 'thread' })
    const { own, actors } = await (await system.spawn(InnerHost)).ask({ timeoutMs: 60_000 }).threadsOf(isolate)
    expect(own).not.toBe(threadId)
    expect(actors === own).toBe(isolate === 'inline')
  },
)

test('inline: messages are copied, and what cannot be sent is refused with its path', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const recorder = await system.spawn(Recorder)
  const note = { list: [1] }
  await recorder.ask.note(note)
  note.list.push(2)
  expect(await recorder.ask.noted()).toEqual([{ list: [1] }])
  expect(thrown(() => recorder.tell.note({ on: () => undefined } as never))).toBeInstanceOf(NotSendableError)
})

test('G8: inline: a wait that would block its own answer is refused at once', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const recorder = await system.spawn(Recorder, { name: 'recorder' })
  const error = thrown(() => recorder.askSync.noted())
  expect(error).toBeInstanceOf(DeadlockError)
  expect(error.message).toMatchInlineSnapshot(
    `"/user/recorder.noted(): this ask could never be answered, because askSync blocks the very thread in which it would be answered (isolate: 'inline'). Use ask."`,
  )
})

test('inline: what only a thread has is refused where it is meant, and told of where it is inherited', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const warnings = collect(system, 'warning')
  const error = await rejection(system.spawn(lean, { isolate: 'inline', limits: { heapMb: 64 }, hangAfterMs: 1_000 }))
  expect(error).toBeInstanceOf(InvalidSpecError)
  expect(error.message).toContain(
    "isolate is 'inline', where limits and hangAfterMs cannot be enforced: nobody can look into its host's thread, or end it. Leave that out, or isolate.",
  )
  const single = await rejection(system.spawn(lean, { isolate: 'inline', hangAfterMs: 1_000 }))
  expect(single.message).toContain("isolate is 'inline', where hangAfterMs cannot be enforced: nobody can look")
  await system.spawn(lean, { name: 'limited', limits: { heapMb: 64 } })
  expect(warnings).toEqual([{ text: "/user/limited has limits, and runs in its host's thread, where they mean nothing." }])
})

test('inline: what a killed actor still runs is cut off: its signal aborts, its tells are refused, its asks are not answered', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const [gate, recorder] = [await system.spawn(Gate), await system.spawn(Recorder)]
  const zombie = await system.spawn(Zombie, { args: [recorder] })
  const held = rejection(zombie.ask.hold(gate))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  lived.length = 0
  await system.kill(zombie)
  expect(await held).toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'killed' } })
  await vi.waitFor(() => expect(lived).toContain('over'), 30_000)
  expect(lived.filter((what) => !what.startsWith('/'))).toEqual(['aborted', 'told: false', 'ActorStoppedError', 'over'])
  gate.tell.open()
  expect(await zombie.ask.openWhen(gate)).toBe('open')
  expect(await recorder.ask.noted()).toEqual([])
})

test.for([1, 2])(
  'inline: a handler that goes on after its end sees that it is cancelled, also if it looks only then (%i at work)',
  async (count) => {
    const system = await startSystem({ isolate: 'inline' })
    const gate = await system.spawn(Gate)
    const zombie = await system.spawn(count === 1 ? Zombie : ZombieOfTwo)
    const held = range(count).map(() => rejection(zombie.ask.looksLate(gate)))
    await eventually(async () => expect(await gate.ask.arrived()).toBe(count))
    lived.length = 0
    await system.kill(zombie)
    await Promise.all(held)
    afterwards.emit('goOn')
    const seen = (): string[] => lived.filter((what) => what.startsWith('cancelled'))
    await vi.waitFor(() => expect(seen()).toEqual(range(count).map(() => 'cancelled true, aborted true')), 30_000)
  },
)

test('inline: what a handler writes after its end is not taken off what its successor may', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const [gate, zombie] = [await system.spawn(Gate), await system.spawn(Zombie)]
  const logged = collect(system, 'log')
  const held = rejection(zombie.ask.logsLate(gate, SAID_MAX - 500))
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  await system.kill(zombie)
  await held
  await zombie.ask.logs('before')
  afterwards.emit('goOn')
  await vi.waitFor(() => expect(lived.at(-1)).toBe('logged'), 30_000)
  const after = 'after'.repeat(100)
  await zombie.ask.logs(after)
  await eventually(() => expect(logged.map(({ message }) => message)).toEqual(['before', after]))
})

test('inline: its timers end with it', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const zombie = await system.spawn(Zombie)
  lived.length = 0
  await zombie.ask.spins()
  await vi.waitFor(() => expect(lived).toContain('tick'), 30_000)
  await system.kill(zombie)
  const ticks = lived.filter((what) => what === 'tick').length
  await zombie.ask.spins()
  await vi.waitFor(() => expect(lived.filter((what) => what === 'tick').length).toBeGreaterThan(ticks), 30_000)
  await system.stop()
  const after = lived.length
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(lived).toHaveLength(after)
})

test('inline: a host may block while an actor of its own is killed; when it lives again, the actor ends', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const ref = await system.spawn(lean, { name: 'blocked' })
  onTestFinished(() => system.stop())
  const killed = system.kill(ref)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  await killed
  expect(await ref.ask.threadId()).toBe(threadId)
})

test('G4: inline: a host that blocks for long goes on with its actors, so none is taken for ended: what one begins then is not lost', async () => {
  const system = await startSystem({ isolate: 'inline' })
  const [gate, zombie] = [await system.spawn(Gate), await system.spawn(Zombie)]
  const [letters, leaks] = [collect(system, 'deadLetter'), collect(system, 'threadsLeaked')]
  let killed: Promise<void> | undefined
  afterwards.once('blocks', () => (killed = system.kill(zombie)))
  // For longer than any thread may take to end. The next one is begun before the kill is heard.
  const first = zombie.ask.blocks(KILL_GRACE_MS + 300)
  const second = rejection(zombie.ask({ timeoutMs: 20_000 }).openWhen(gate))
  await first
  await killed
  expect(await second).toMatchObject({ reason: { kind: 'killed' } })
  gate.tell.open()
  expect(await zombie.ask.openWhen(gate)).toBe('open')
  expect([letters, leaks]).toEqual([[], []])
})
