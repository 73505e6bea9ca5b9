import { Scheduler, Sharded, Shards, shardsOf, Topic } from '@troupe/actors'
import { expect, test } from 'vitest'
import { Bell, Cart, Listener, Shopper } from '../actors/flow-users.ts'
import { eventually, range, rejection, startSystem } from '../behaviour/scene.ts'

test('Topic: each subscriber gets each message in order, until it has ended', async () => {
  const system = await startSystem()
  const topic = await system.spawn(Topic, { name: 'news' })
  const [a, b] = await Promise.all(['a', 'b'].map((name) => system.spawn(Listener, { name, args: [topic] })))
  await eventually(async () => expect((await topic.ask.subscribers()).sort()).toEqual(['/user/a.hear', '/user/b.hear']))
  expect(await topic.ask.publish('one')).toEqual({ accepted: 2, dropped: 0 })
  topic.tell.publish('two')
  await eventually(async () => expect(await a!.ask.heard()).toEqual(['one', 'two']))
  await system.stopActor(b!)
  await eventually(async () => expect(await topic.ask.publish('three')).toEqual({ accepted: 1, dropped: 0 }))
})

test('Topic: a subscriber that is restarted stays one; a topic that is restarted is told again who they are', async () => {
  const system = await startSystem()
  const topic = await system.spawn(Topic, { name: 'news', restart: 'permanent' })
  const a = await system.spawn(Listener, { name: 'a', restart: 'permanent', args: [topic] })
  await system.kill(a)
  await eventually(async () => expect(await topic.ask.publish('one')).toEqual({ accepted: 1, dropped: 0 }))
  await system.kill(topic)
  await eventually(async () => expect(await topic.ask.subscribers()).toEqual(['/user/a.hear']))
})

test('Topic: a slow subscriber loses messages, or is unsubscribed, or slows down who publishes', async () => {
  const system = await startSystem({ limits: { laneMessagesMax: 4 } })
  for (const whenSlow of ['drop', 'unsubscribe', 'wait'] as const) {
    const topic = await system.spawn(Topic)
    const slow = await system.spawn(Listener, { args: [topic, whenSlow] })
    await eventually(async () => expect(await topic.ask.subscribers()).toHaveLength(1))
    const sleeping = slow.ask.sleep(300)
    const all = await Promise.all(range(3).map(async () => [await topic.ask.publish('x'), await topic.ask.publish('y')]))
    const accepted = all.flat().reduce((sum, each) => sum + each.accepted, 0)
    if (whenSlow === 'wait') expect(accepted).toBe(6)
    else expect(accepted).toBeLessThan(6)
    if (whenSlow === 'unsubscribe') expect(all.at(-1)!.at(-1)).toEqual({ accepted: 0, dropped: 0 })
    await sleeping
  }
})

test('Sharded: a key has one actor, whoever asks for it first and from wherever', async () => {
  const system = await startSystem()
  const sharded = await system.spawn(Sharded, { name: 'carts', args: [shardsOf(Cart)] })
  const shoppers = await Promise.all(range(2).map(() => system.spawn(Shopper, { args: [sharded] })))
  const keys = ['ada', 'bob/7', 'Ünïcode']
  const seen = await Promise.all(shoppers.flatMap((shopper) => keys.flatMap((key) => [shopper.ask.who(key), shopper.ask.who(key)])))
  expect(new Set(seen).size).toBe(3)
  expect((await sharded.ask.keys()).sort()).toEqual([...keys].sort())
})

test('Sharded: an idle one is stopped, and started again when it is used', async () => {
  const system = await startSystem()
  const sharded = await system.spawn(Sharded, { name: 'carts', args: [shardsOf(Cart, { idleMs: 50 })] })
  const carts = new Shards<Cart>(sharded)
  for (let i = 0; i < 3; i++) {
    expect(await carts.ask('a', (cart) => cart.add())).toBe('a: 1')
    await eventually(async () => expect(await system.lookup('/user/carts/ka')).toBeUndefined())
  }
})

test('Sharded: a dead one is restarted, and so are all with the coordinator', async () => {
  const system = await startSystem()
  const sharded = await system.spawn(Sharded, { name: 'carts', restart: 'permanent', args: [shardsOf(Cart)] })
  const carts = new Shards<Cart>(sharded)
  expect([await carts.ask('a', (cart) => cart.add()), await carts.ask('a', (cart) => cart.add())]).toEqual(['a: 1', 'a: 2'])
  await system.kill(await carts.of('a'))
  expect(await carts.ask('a', (cart) => cart.add())).toBe('a: 1')
  await system.kill(sharded)
  expect(await carts.ask('a', (cart) => cart.add())).toBe('a: 1')
})

test('Scheduler: an actor is told when it is time; what has ended is told nothing more', async () => {
  const system = await startSystem()
  const bell = await system.spawn(Bell, { name: 'bell' })
  const scheduler = await system.spawn(Scheduler, { name: 'clock' })
  const at = new Date(Date.now() + 1_000)
  await scheduler.ask.add({ name: 'each second', at: '* * * * * *', to: bell, method: 'ring' })
  await scheduler.ask.add({ name: 'once', at: at.toISOString(), to: bell, method: 'ring', timeZone: 'UTC' })
  await eventually(async () => expect((await bell.ask.rings()).length).toBeGreaterThanOrEqual(2))
  expect((await scheduler.ask.jobs()).map(({ name }) => name)).toEqual(['each second', 'once'])
  expect(await scheduler.ask.remove('each second')).toBe(true)
  await system.stopActor(bell)
  await eventually(async () => expect(await scheduler.ask.jobs()).toEqual([]))
  expect((await rejection(scheduler.ask.add({ name: 'x', at: 'no time', to: bell, method: 'ring' }))).message).toMatch(/CronPattern|time/i)
})

test('Scheduler: runs that were missed are skipped, made up for with one, or with all; in the time zone of the job', async () => {
  const system = await startSystem()
  const bells = await Promise.all(range(3).map(() => system.spawn(Bell)))
  const since = Date.now() - 3 * 24 * 3_600_000
  // Half a day away in any case, so that no run is due while this is tested.
  const hour = (new Date().getUTCHours() + 12) % 24
  const jobs = (['skip', 'one', 'all'] as const).map((missed, i) => ({
    name: missed,
    at: `30 ${hour} * * *`,
    timeZone: 'UTC',
    to: bells[i]!,
    method: 'ring',
    missed,
    since,
  }))
  await system.spawn(Scheduler, { args: [jobs] })
  await eventually(async () => expect(await bells[2]!.ask.rings()).toHaveLength(3))
  await eventually(async () => expect(await bells[1]!.ask.rings()).toHaveLength(1))
  expect(await bells[0]!.ask.rings()).toEqual([])
  expect((await bells[2]!.ask.rings()).every((ms) => new Date(ms).getUTCHours() === hour)).toBe(true)
})

test('Scheduler: one that is killed begins with the jobs of its constructor, and a listener that is restarted is told on', async () => {
  const system = await startSystem()
  const bell = await system.spawn(Bell, { name: 'bell', restart: 'permanent' })
  const job = { name: 'each second', at: '* * * * * *', to: bell, method: 'ring' }
  const scheduler = await system.spawn(Scheduler, { name: 'clock', restart: 'permanent', args: [[job]] })
  await scheduler.ask.add({ ...job, name: 'another' })
  await system.kill(scheduler)
  expect((await scheduler.ask.jobs()).map(({ name }) => name)).toEqual(['each second'])
  await system.kill(bell)
  await eventually(async () => expect((await bell.ask.rings()).length).toBeGreaterThanOrEqual(1))
})
