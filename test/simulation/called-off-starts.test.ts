import { expect, test } from 'vitest'
import type { ToHost } from '../../packages/runtime/src/system/control.ts'
import { quietControl } from './quiet-control.ts'
import { Random } from './random.ts'
import { actorSpec } from './scenery.ts'
import { VirtualLoop } from './virtual-loop.ts'

const noIsolate = (): never => {
  throw new Error('nothing is started')
}

test('G10: a stop while a module is being bundled waits for no bundle: the start ends with shutdown, and nothing is started later', async () => {
  const loop = new VirtualLoop()
  const told: ToHost[] = []
  let bundled = (_: string): void => undefined
  const bundling = new Promise<string>((resolve) => (bundled = resolve))
  const control = await quietControl(
    loop,
    0,
    noIsolate,
    () => bundling,
    (message) => told.push(message),
  )
  control.onHostCall(2, { name: 'spawn', spec: actorSpec(new Random(1), 'a', 'permanent') })
  await loop.runUntil(200)
  control.onHostCall(3, { name: 'stopSystem', drain: false, deadlineMs: 60_000 })
  await loop.runUntil(300)
  const exits = told.flatMap((message) => (message.type === 'event' && message.name === 'exited' ? [message.event] : []))
  expect(exits).toMatchObject([{ path: '/user/a', reason: { kind: 'shutdown' }, willRestart: false }, { path: '/user' }])
  expect(told.flatMap((message) => (message.type === 'answer' ? [message.id] : [])).sort()).toEqual([1, 2, 3])
  const before = told.length
  bundled('file:///extra.js')
  await loop.runUntil(400)
  expect(told).toHaveLength(before)
})
