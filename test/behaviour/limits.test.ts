import { readFileSync } from 'node:fs'
import { ActorSystem } from '@troupe/runtime'
import { expect, test, vi } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { Hoarder } from '../actors/hoarder.ts'
import { Victim } from '../actors/victim.ts'
import { collect, next, rejection, startSystem } from './scene.ts'
import { runScript } from './script.ts'

const LONG = { timeoutMs: 60_000 }
const MIB = 1024 * 1024
const IS_SAMPLED = Number(process.versions.node.split('.')[0]) >= 24

test('limits: an actor that leaks ends with outOfMemory and the method; its mailbox and the others live', async () => {
  const system = await startSystem()
  const [leaking, other] = [await system.spawn(Hoarder, { name: 'leaking', limits: { heapMb: 24 } }), await system.spawn(Victim)]
  const exited = next(system, 'exited', leaking.path)
  const asked = rejection(leaking.ask(LONG).hoard())
  const queued = leaking.ask(LONG).incarnation()
  expect((await exited).reason).toMatchObject({ kind: 'outOfMemory', method: 'hoard' })
  expect(await asked).toMatchObject({ code: 'TROUPE_ACTOR_DOWN', reason: { kind: 'outOfMemory', method: 'hoard' } })
  expect([await queued, await other.ask.echo('fine')]).toEqual([2, 'fine'])
})

test.skipIf(!IS_SAMPLED)('limits: on Node ≥ 24 the soft limit comes first, with the sizes, also in a loop', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hoarder, { limits: { heapMb: 32 } })
  // Enough for the soft limit, not for the hard one.
  const error = await rejection(ref.ask(LONG).holdAndSpin(40 * MIB))
  const { reason } = error as unknown as { reason: { heapBytes: number; externalBytes: number } }
  expect(reason).toMatchObject({ kind: 'outOfMemory', method: 'holdAndSpin', detail: expect.stringContaining('limits { heapMb: 32 }') })
  expect(reason.heapBytes).toBeGreaterThan(32 * MIB)
  expect(error.message).toContain('out of memory in holdAndSpin() (heap of ')
})

test('limits: the first with a limit starts cold; while it lives, the next one with the same limit finds a spare', async () => {
  const system = await startSystem({ spares: 1 })
  const started = collect(system, 'started')
  await system.spawn(Counter, { name: 'first', limits: { heapMb: 64 } })
  expect(started.at(-1)).toMatchObject({ path: '/user/first', warm: false })
  // Now and then, so that there is time to make it.
  const tries = { timeout: 30_000, interval: 100 }
  await vi.waitFor(async () => {
    const ref = await system.spawn(Counter, { limits: { heapMb: 64 } })
    expect(started.at(-1)).toMatchObject({ path: ref.path, warm: true })
    const { heapLimitBytes } = (await system.inspect(ref))!
    // Twice the limit, and what V8 adds for young objects; without a limit it is gigabytes.
    expect(heapLimitBytes).toBeLessThan(640 * MIB)
  }, tries)
})

test('limits: more than the process may use, all together, is a warning with both figures, said once', async () => {
  const system = await startSystem()
  const warnings = collect(system, 'warning')
  await system.spawn(Counter, { limits: { externalMb: 1_000_000_000 } })
  await system.spawn(Counter, { limits: { externalMb: 24 } })
  await system.tree()
  expect(warnings).toEqual([
    { text: expect.stringMatching(/^the limits of 1 actors add up to 1000000000 MiB, and the process may use \d+ MiB: /) },
  ])
})

test('limits: one isolate too many is refused, and says what to do', async () => {
  const system = await ActorSystem.start({ name: 'small', limits: { actorsMax: 1 } })
  await system.spawn(Counter)
  const error = await rejection(system.spawn(Counter))
  await system.stop()
  expect(error.message).toBe(
    'the system has 1 actors, and that is its limit. An isolate costs 6 to 12 MB; raise limits.actorsMax if that is meant, or stop actors that are done.',
  )
})

test('G11: each of the three lines of the guide ends the whole process', async () => {
  const guide = readFileSync(new URL('../../docs/guide/limits.md', import.meta.url), 'utf8')
  const lines = /```js\n(.*?)```/s.exec(guide)![1]!.trim().split('\n')
  expect(lines).toHaveLength(3)
  const ends = await Promise.all(lines.map((line) => runScript('aborts.mjs', [line])))
  expect(ends.map(({ output }) => output)).toEqual(['', '', ''])
  for (const { signal } of ends) expect(['SIGABRT', 'SIGTRAP']).toContain(signal)
})
