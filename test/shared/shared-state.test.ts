import { Barrier, Cache, CacheView, Counter, MapView, RateLimiter, Rates, SharedMap } from '@troupe/actors'
import type { ActorClass } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { LateCache } from '../actors/late-services.ts'
import { Sharer } from '../actors/sharer.ts'
import { eventually, range, rejection, startSystem } from '../behaviour/scene.ts'

async function stage<A, P extends readonly unknown[]>(service: ActorClass<A, P>, args: P, sharers = 2) {
  const system = await startSystem()
  const ref = await system.spawn(service, { name: 'service', restart: 'permanent', args } as never)
  const users = await Promise.all(range(sharers).map((i) => system.spawn(Sharer, { name: `s${i}` })))
  return { system, ref, users }
}

test('Cache: a key is loaded once, by the first who asks, and all others wait for it', async () => {
  const { ref, users } = await stage(Cache, [{}], 3)
  const values = await Promise.all(users.flatMap((user) => [user.ask.read(ref, 'k', 20), user.ask.read(ref, 'k', 20)]))
  expect(new Set(values).size).toBe(1)
  const loads = await Promise.all(users.map((user) => user.ask.loads()))
  expect(loads.reduce((a, b) => a + b)).toBe(1)
  expect(await ref.ask.stats()).toMatchObject({ entries: 1, loading: 0 })
})

test('Cache: a load that fails is told to all who wait for it, and tried again by the next', async () => {
  const { system, ref, users } = await stage(Cache, [{}], 1)
  const first = rejection(users[0]!.ask.read(ref, 'bad', 50))
  await eventually(async () => expect((await ref.ask.stats()).loading).toBe(1))
  const view = new CacheView<string>(system, ref)
  expect(await rejection(view.get('bad', () => 'never'))).toMatchObject({ code: 'TROUPE_LOAD' })
  expect(await first).toEqual(new RangeError('nothing there'))
  expect(await view.get('bad', () => 'now')).toBe('now')
})

test('Cache: when the loader dies, another one of those who wait loads', async () => {
  const { system, ref, users } = await stage(Cache, [{}], 2)
  const dying = rejection(users[0]!.ask.read(ref, 'k', 60_000))
  await eventually(async () => expect((await ref.ask.stats()).loading).toBe(1))
  const waiting = users[1]!.ask.read(ref, 'k', 0)
  await eventually(async () => expect((await ref.ask.stats()).misses).toBeGreaterThanOrEqual(2))
  await system.kill(users[0]!)
  expect(await waiting).toBe('k by /user/s1')
  await dying
})

test('Cache: who was to load and has not heard of it, or has given up, leaves that to another one', async () => {
  const { system, ref, users } = await stage(LateCache, [{}], 1)
  await ref.ask.setLate(true)
  await rejection(users[0]!.ask({ timeoutMs: 50 }).read(ref, 'k', 0))
  await ref.ask.setLate(false)
  expect(await new CacheView<string>(system, ref).get('k', () => 'mine', { timeoutMs: 5_000 })).toBe('mine')
  const [a, b] = [await ref.ask.hello(undefined, 1), await ref.ask.hello(undefined, 1)]
  // Asking again changes nothing, as everywhere.
  for (const _ of range(2)) expect(await ref.ask.find(a.guest, 1, 'l')).toEqual({ got: { load: true } })
  expect(await ref.ask.find(b.guest, 1, 'l')).toHaveProperty('bell')
  await ref.ask.giveUp(a.guest, 1, 'l')
  expect(await ref.ask.find(b.guest, 1, 'l')).toEqual({ got: { load: true } })
})

test('Cache: what was set or deleted while a key was loaded is not undone by what was loaded', async () => {
  const { system, ref, users } = await stage(Cache, [{}], 1)
  const view = new CacheView<string>(system, ref)
  for (const change of [() => ref.ask.set('k', 'new'), () => ref.ask.delete('k'), () => ref.ask.clear()]) {
    let finish: (value: string) => void = () => undefined
    const first = view.get('k', () => new Promise<string>((resolve) => (finish = resolve)))
    await eventually(async () => expect((await ref.ask.stats()).loading).toBe(1))
    await change()
    const expected = await ref.ask.get('k')
    finish('old')
    expect(await first).toBe('old')
    expect(await ref.ask.get('k')).toBe(expected)
    await ref.ask.delete('k')
  }
  // Nor is who waits given the older one.
  let finish: (value: string) => void = () => undefined
  const first = view.get('k', () => new Promise<string>((resolve) => (finish = resolve)))
  await eventually(async () => expect((await ref.ask.stats()).loading).toBe(1))
  const { misses } = await ref.ask.stats()
  const waiting = users[0]!.ask.read(ref, 'k', 0)
  await eventually(async () => expect((await ref.ask.stats()).misses).toBeGreaterThan(misses))
  await ref.ask.delete('k')
  finish('old')
  expect([await first, await waiting]).toEqual(['old', 'k by /user/s0'])
})

test('Cache: an old value is given while one of those who ask loads it anew; then it is too old', async () => {
  const { system, ref } = await stage(Cache, [{ ttlMs: Number.MIN_VALUE, staleMs: 60_000 }], 0)
  const view = new CacheView<number>(system, ref)
  let n = 0
  expect(await view.get('k', () => ++n)).toBe(1)
  expect(await view.get('k', () => ++n)).toBe(1)
  await eventually(async () => expect(await view.get('k', () => ++n)).toBe(2))
  const strict = new CacheView<number>(system, await system.spawn(Cache, { args: [{ ttlMs: Number.MIN_VALUE }] }))
  let m = 0
  expect([await strict.get('k', () => ++m), await strict.get('k', () => ++m)]).toEqual([1, 2])
})

test('Cache: bytes are bounded, the least recently used goes first; near copies are frozen and asked of nobody', async () => {
  const { system, ref } = await stage(Cache, [{ bytesMax: 10_000 }], 0)
  const view = new CacheView<{ text: string }>(system, ref, { nearMs: 60_000 })
  for (const key of ['a', 'b', 'c']) await view.get(key, () => ({ text: 'x'.repeat(2_000) }))
  expect(await ref.ask.stats()).toMatchObject({ entries: 2 })
  expect(await ref.ask.get('a')).toBeUndefined()
  expect(view.peek('a')?.text.length).toBe(2_000)
  expect(Object.isFrozen(view.peek('a'))).toBe(true)
  await view.delete('c')
  expect(view.peek('c')).toBeUndefined()
})

test('RateLimiter: four isolates together never get more than the limit, also when it is killed meanwhile', async () => {
  const [perSecond, burst] = [4_000, 1_000]
  const { system, ref, users } = await stage(RateLimiter, [{ perSecond, burst }], 4)
  const startedMs = performance.now()
  const all = Promise.all(
    users.map((user) =>
      user
        .ask({ timeoutMs: 30_000 })
        .useUp(ref, 400)
        .catch(() => 0),
    ),
  )
  await new Promise((resolve) => setTimeout(resolve, 150))
  await system.kill(ref)
  const sum = (await all).reduce((a, b) => a + b)
  expect(sum).toBeLessThanOrEqual(burst + (perSecond * (performance.now() - startedMs)) / 1_000)
})

test('RateLimiter: a window lets nobody in until it has moved on; waiting gets in then', async () => {
  const { system, ref } = await stage(RateLimiter, [{ limit: 3, windowMs: 200 }], 0)
  const rates = new Rates(ref)
  expect(await Promise.all(range(5).map(() => rates.check('a')))).toEqual([true, true, true, false, false])
  expect(await rates.check('b')).toBe(true)
  await rates.wait('a', { timeoutMs: 20_000 })
  const slow = new Rates(await system.spawn(RateLimiter, { args: [{ perSecond: 0.001, burst: 1 }] }))
  await slow.wait('a')
  expect(await rejection(slow.wait('a', { timeoutMs: 10 }))).toMatchObject({ code: 'TROUPE_LEASE_TIMEOUT' })
  expect(await rejection(system.spawn(RateLimiter, { args: [{ perSecond: 0 }] }))).toMatchObject({ code: 'TROUPE_START_FAILED' })
})

test('Barrier: it opens when all parties wait; one that has died or left has not arrived', async () => {
  const { system, ref, users } = await stage(Barrier, [2], 2)
  const dying = rejection(users[0]!.ask({ timeoutMs: 30_000 }).passGate(ref))
  await eventually(async () => expect((await ref.ask.stats()).waiting).toBe(1))
  await system.kill(users[0]!)
  await dying
  await eventually(async () => expect((await ref.ask.stats()).waiting).toBe(0))
  expect(await rejection(ref.ask({ timeoutMs: 20 }).wait())).toMatchObject({ code: 'TROUPE_ASK_TIMEOUT' })
  for (const round of [1, 2]) expect(await Promise.all([ref.ask.wait(), users[1]!.ask.passGate(ref)])).toEqual([round, round])
})

test('SharedMap: views follow it and read frozen values in their isolate; a restart is followed too', async () => {
  const { system, ref, users } = await stage(SharedMap, [{ a: { n: 1 } }], 1)
  await users[0]!.ask.follow(ref)
  expect(await users[0]!.ask.seen('a')).toEqual({ n: 1, isFrozen: true })
  using view = new MapView<{ n: number }>(ref)
  await ref.ask.set('b', { n: 2 })
  expect(await ref.ask.replace('b', { n: 2 }, { n: 3 })).toBe(true)
  expect(await ref.ask.replace('b', { n: 2 }, { n: 4 })).toBe(false)
  await ref.ask.delete('a')
  await view.refresh()
  expect([...view.entries()]).toEqual([['b', { n: 3 }]])
  await eventually(async () => expect(await users[0]!.ask.seen('b')).toEqual({ n: 3, isFrozen: true }))
  await system.kill(ref)
  await eventually(async () => expect([(await users[0]!.ask.seen('a')).n, (await users[0]!.ask.seen('b')).n]).toEqual([1, undefined]))
})

test('Counter: all isolates add to the same numbers', async () => {
  const { ref } = await stage(Counter, [{ a: 5 }], 0)
  expect(await Promise.all([ref.ask.add('a'), ref.ask.add('a', 2), ref.ask.add('b')])).toEqual([6, 8, 1])
  expect(await ref.ask.values()).toEqual({ a: 8, b: 1 })
})

test('Counter, Barrier and Cache: after their own death they begin anew, and who waited at them is told, or waits on', async () => {
  const { system, ref: counter } = await stage(Counter, [{ a: 5 }], 0)
  await counter.ask.add('a', 2)
  await system.kill(counter)
  expect(await counter.ask.value('a')).toBe(5)
  const barrier = await system.spawn(Barrier, { name: 'barrier', restart: 'permanent', args: [2] })
  const waiting = rejection(barrier.ask({ timeoutMs: 30_000 }).wait())
  await eventually(async () => expect((await barrier.ask.stats()).waiting).toBe(1))
  await system.kill(barrier)
  expect(await waiting).toMatchObject({ code: 'TROUPE_ACTOR_DOWN' })
  const cache = await system.spawn(Cache, { name: 'cache', restart: 'permanent', args: [{}] })
  const [loader, waiter] = await Promise.all(['loader', 'waiter'].map((name) => system.spawn(Sharer, { name })))
  const loading = rejection(loader!.ask({ timeoutMs: 60_000 }).read(cache, 'k', 60_000))
  await eventually(async () => expect((await cache.ask.stats()).loading).toBe(1))
  const read = waiter!.ask({ timeoutMs: 60_000 }).read(cache, 'k', 0)
  await eventually(async () => expect((await cache.ask.stats()).misses).toBe(2))
  await system.kill(cache)
  expect(await read).toBe('k by /user/waiter')
  await system.kill(loader!)
  await loading
})

test('Cache, SharedMap: a function among what is to be kept is refused by its place; all others are read as before', async () => {
  const system = await startSystem()
  const [cache, map] = [await system.spawn(Cache, { name: 'cache' }), await system.spawn(SharedMap, { name: 'map' })]
  const user = { names: ['ada'], format: () => 'Ada' }
  const refused = 'the value.format cannot be sent (/user/cache: ada): it is a function'
  const view = new CacheView<unknown>(system, cache)
  expect((await rejection(view.get('ada', () => user))).message).toContain(refused)
  expect((await rejection(view.set('ada', user))).message).toContain(refused)
  expect(await view.get('ada', () => 'plain')).toBe('plain')
  const ticks = (async function* () {
    yield 1
  })()
  expect((await rejection(map.ask.set('ticks', [new Map([['a', ticks]])]))).message).toContain('the value[0]<a> cannot be sent')
  await map.ask.set('colour', 'blue')
  await map.ask.set('map', map)
  using settings = new MapView<unknown>(map)
  await settings.refresh()
  expect([...settings.entries()]).toEqual([
    ['colour', 'blue'],
    ['map', map],
  ])
})

test('Cache: what is in itself is weighed once, and does not keep the cache from anything', async () => {
  const system = await startSystem()
  const cache = await system.spawn(Cache)
  const root: { readonly leaves: unknown[] } = { leaves: [] }
  for (let i = 0; i < 100; i++) root.leaves.push({ root, leaves: root.leaves })
  await new CacheView<unknown>(system, cache).set('tree', root)
  expect((await cache.ask.stats()).bytes).toBeLessThan(100_000)
})
