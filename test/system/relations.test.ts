import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Address } from '../../packages/runtime/src/base/address.ts'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import type { EndNotice } from '../../packages/runtime/src/isolate/isolate.ts'
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

test('G9: an incarnation that ended before its link, or the watch of incarnations, was known is told at once; its successor is another matter', () => {
  const [a, target] = [
    { path: '/a', seat: 4, generation: 1 },
    { path: '/target', seat: 3, generation: 1 },
  ]
  const told: unknown[] = []
  const asker = {
    address: a,
    incarnation: 1,
    post: ({ type, incarnation, reason }: EndNotice) => void told.push([type, incarnation, reason.kind]),
  }
  const lives = new Map<string, unknown>([
    [a.path, asker],
    [target.path, { address: target, incarnation: 3 }],
  ])
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) })
  const lifeAt = ({ path }: Address) => lives.get(path) as ActorLife
  const relations = new Relations(codec, { lifeAt, sentTo: () => undefined, toHost: () => undefined, post: (task) => task() })
  relations.trapExits(asker, true)
  relations.incarnationEnded({ address: target, incarnation: 1 } as ActorLife, { kind: 'killed' }, false)
  relations.incarnationEnded({ address: target, incarnation: 2 } as ActorLife, { kind: 'normal' }, false)
  for (const incarnation of [3, 2, 1]) relations.link(asker, target, incarnation)
  for (const incarnation of [3, 2, 1]) relations.watch(incarnation, target, incarnation, true, asker)
  // Only the last reason is kept.
  const ends = [
    [2, 'normal'],
    [1, 'unknown'],
  ]
  expect(told).toEqual([...ends.map((end) => ['exit', ...end]), ...ends.map((end) => ['incarnationEnded', ...end])])
})
