import { spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { ActorDownError, child } from '@troupe/runtime'
import { expect, type TestContext, test } from 'vitest'
import { Hanger } from '../actors/hanger.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, rejection, startSystem, temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

/** A pipe that nobody writes to: whoever opens it for reading is stuck in native code until somebody does. */
function temporaryPipe(context: TestContext): string {
  const path = temporaryFile('pipe')
  if (spawnSync('mkfifo', [path]).status !== 0) context.skip('there is no mkfifo here: nothing else gets a thread stuck so reliably')
  return path
}

const LONG = { timeoutMs: 60_000 }

test('D7, fault 59: a thread that is stuck in native code is told of, harms nobody, and does not keep the system from stopping', async (context) => {
  const path = temporaryPipe(context)
  // Its writer comes when the system has stopped: the thread can end then, and with it the process.
  const { code, output } = await runScript('stuck.mjs', [path], [], () => void openSync(path, 'w'))
  expect(JSON.parse(output)).toEqual({ warnings: [expect.stringContaining('/user/stuck does not end')], others: 'fine' })
  expect(code).toBe(0)
})

test('D7, fault 59: its begun ask rejects as unkillable, its supervisor acts, and its successor starts when it has ended', async (context) => {
  const path = temporaryPipe(context)
  const specs = [child(Hanger, { name: 'stuck' }), child(Victim, { name: 'sibling' })] as const
  const system = await startSystem({ children: specs, intensity: { restarts: 10, withinMs: 60_000 } })
  const [stuck, sibling] = [system.ref(specs[0]), system.ref(specs[1])]
  const [exits, leaks, starts] = [collect(system, 'exited'), collect(system, 'threadsLeaked'), collect(system, 'started')]
  const begun = rejection(stuck.ask(LONG).open(path))
  const queued = stuck.ask(LONG).incarnation()
  await eventually(async () => expect((await system.tree()).children[0]).toMatchObject({ method: 'open' }))
  await system.kill(stuck)
  expect(await begun).toBeInstanceOf(ActorDownError)
  expect(await begun).toMatchObject({ reason: { kind: 'unkillable', reason: { kind: 'killed' } } })
  expect(leaks).toEqual([{ path: '/stuck', count: 1 }])
  expect(exits[0]).toMatchObject({ path: '/stuck', reason: { kind: 'unkillable' }, willRestart: true })
  // The supervisor does not stand still because of it.
  sibling.tell.fail('meanwhile')
  expect(await sibling.ask.note('successor')).toBe(2)
  expect(starts.filter((event) => event.path === '/stuck')).toEqual([])
  expect((await system.tree()).children[0]).toMatchObject({ state: 'restarting' })
  await system.spawn(Hanger).then((writer) => writer.ask.write(path))
  expect(await queued).toBe(2)
  expect(leaks.map(({ count }) => count)).toEqual([1, 0])
})

test('D7, fault 59: what it had begun is one DeadLetter, and hung is why it was killed', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { name: 'stuck', hangAfterMs: 250 })
  const letters = collect(system, 'deadLetter')
  const exited = next(system, 'exited', ref.path)
  ref.tell.sleepNatively(4)
  const queued = ref.ask(LONG).incarnation()
  expect((await exited).reason).toMatchObject({ kind: 'unkillable', reason: { kind: 'hung', method: 'sleepNatively' } })
  expect(await queued).toBe(2)
  await system.tree()
  expect(letters.map(({ method, why, reason }) => [method, why, reason?.kind])).toEqual([['sleepNatively', 'crashed', 'unkillable']])
})

test('D7, fault 59: a stop does not wait for it for ever, and its seat is not given away before it has ended', async (context) => {
  const path = temporaryPipe(context)
  const system = await startSystem({ limits: { actorsMax: 2 } })
  const stuck = await system.spawn(Hanger, { name: 'stuck', shutdownMs: 1 })
  const leaks = collect(system, 'threadsLeaked')
  const ended = system.terminated(stuck)
  const begun = rejection(stuck.ask(LONG).open(path))
  await eventually(async () => expect((await system.tree()).children[0]!.children[0]).toMatchObject({ method: 'open' }))
  await system.stopActor(stuck)
  expect(await begun).toMatchObject({ reason: { kind: 'unkillable' } })
  expect(await ended).toMatchObject({ kind: 'unkillable' })
  const writer = await system.spawn(Hanger)
  expect((await rejection(system.spawn(Hanger))).name).toBe('ActorLimitError')
  await writer.ask.write(path)
  await eventually(() => expect(leaks.map(({ count }) => count)).toEqual([1, 0]))
  expect(await eventually(async () => (await system.spawn(Hanger)).ask.incarnation())).toBe(1)
})
