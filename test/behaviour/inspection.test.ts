import { spawnSync } from 'node:child_process'
import type { Inspection } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Counter } from '../actors/counter.ts'
import { Hanger } from '../actors/hanger.ts'
import { Hoarder } from '../actors/hoarder.ts'
import { eventually, range, startSystem, temporaryFile } from './scene.ts'

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
/** Whether Node sees a worker's processor time from outside. */
const SEES_CPU = major > 24 || (major === 24 && minor >= 6)
const MIB = 1024 * 1024

type Inspected = Inspection & { readonly methodAgeMs: number; readonly heapBytes: number; readonly cpuUserMs: number }

test.for(['spin', 'wait'] as const)(
  'inspect: an actor that is wedged (%s) shows its method, its age, its loop, its memory',
  async (way) => {
    const system = await startSystem()
    const ref = await system.spawn(Hanger, { name: 'wedged', hangAfterMs: Number.POSITIVE_INFINITY })
    await eventually(async () => expect((await system.inspect(ref))!.heapBytes).toBeGreaterThan(MIB))
    ref.tell[way]()
    for (const _ of range(3)) ref.tell.incarnation()
    const seen = (await eventually(async () => {
      const found = await system.inspect(ref)
      expect(found).toMatchObject({ path: '/user/wedged', incarnation: 1, isReady: true, method: way, mailboxDepth: 4 })
      expect(found!.methodAgeMs).toBeGreaterThan(300)
      expect(found!.loopUse).toBeGreaterThan(0.9)
      return found
    })) as Inspected
    expect(seen.heapLimitBytes).toBeGreaterThan(seen.heapBytes)
    expect(seen.externalBytes).toBeGreaterThan(0)
    expect(seen.loopActiveMs).toBeGreaterThan(300)
    expect(seen.measuredAgoMs === 0 || major < 24).toBe(true)
    if (!SEES_CPU) return expect(seen.cpuUserMs).toBeUndefined()
    await eventually(async () => {
      const { cpuUserMs } = (await system.inspect(ref)) as Inspected
      // A loop burns, a wait does not.
      if (way === 'spin') expect(cpuUserMs).toBeGreaterThan(seen.cpuUserMs)
      else expect(cpuUserMs).toBeLessThan(seen.loopActiveMs)
    })
  },
)

test('inspect: one that is stuck in native code shows its method, and the memory that was measured last', async (context) => {
  const path = temporaryFile('pipe')
  if (spawnSync('mkfifo', [path]).status !== 0) return context.skip('there is no mkfifo here')
  const system = await startSystem()
  const [ref, writer] = [await system.spawn(Hanger, { name: 'stuck' }), await system.spawn(Hanger)]
  await eventually(async () => expect((await system.inspect(ref))!.heapBytes).toBeGreaterThan(MIB))
  const opened = ref.ask({ timeoutMs: 60_000 }).open(path)
  await eventually(async () => {
    const seen = (await system.inspect(ref))!
    expect(seen).toMatchObject({ method: 'open', mailboxDepth: 1 })
    expect(seen.heapBytes).toBeGreaterThan(MIB)
    expect(seen.measuredAgoMs).toBeGreaterThan(100)
  })
  await writer.ask.write(path)
  await opened
  expect(await system.inspect(ref)).toMatchObject({ method: undefined, methodAgeMs: undefined, mailboxDepth: 0 })
})

test('inspect: all actors, one by ref or path, none that has ended; buffers are external', async () => {
  const system = await startSystem()
  const refs = await Promise.all(['a', 'b'].map((name) => system.spawn(Counter, { name })))
  const hoarder = await system.spawn(Hoarder, { name: 'c' })
  expect((await system.inspect()).map(({ path }) => path)).toEqual(['/user/a', '/user/b', '/user/c'])
  expect(await system.inspect('/user/b')).toMatchObject({ path: '/user/b', method: undefined })
  await system.stopActor(refs[0]!)
  expect(await system.inspect(refs[0]!)).toBeUndefined()
  expect(await system.inspect('/nobody')).toBeUndefined()
  const before = (await system.inspect(hoarder))!
  const hoarding = hoarder.ask({ timeoutMs: 60_000 }).keepBuffers(8 * MIB, 4)
  await hoarding
  await eventually(async () => {
    const { externalBytes } = (await system.inspect(hoarder))!
    expect(externalBytes! - (before.externalBytes ?? 0)).toBeGreaterThan(24 * MIB)
  })
})
