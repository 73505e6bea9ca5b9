import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import type { ActorLife } from '../../packages/runtime/src/system/actor-life.ts'
import { Relations } from '../../packages/runtime/src/system/relations.ts'

const INCARNATIONS = 20_000

function gc(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

test('fault 51: whom 20,000 incarnations had watched, linked and trapped is forgotten with them', () => {
  const target = { path: '/target', seat: 3, generation: 1 }
  const address = { path: '/a', seat: 4, generation: 1 }
  const life = { address: target, incarnation: 1, kill: () => Promise.resolve() } as unknown as ActorLife
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) })
  const relations = new Relations(codec, { lifeAt: () => life, sentTo: () => undefined, toHost: () => undefined, post: (task) => task() })
  const live = (incarnation: number): void => {
    const watcher = { address, incarnation }
    for (const id of [1, 2]) relations.watch(id, target, 1, id === 1, watcher)
    relations.trapExits(watcher, true)
    relations.link(watcher, target, 1)
    relations.incarnationEnded({ address, incarnation } as ActorLife, { kind: 'killed' }, false)
  }
  for (let i = 1; i <= 100; i++) live(i)
  gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 101; i <= INCARNATIONS; i++) live(i)
  gc()
  // Whatever was kept of each is at least a key.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * INCARNATIONS)
})
