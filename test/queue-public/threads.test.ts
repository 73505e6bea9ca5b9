import { child, Queue } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Answers, Giver, type Job, Taker } from '../actors/queue-users.ts'
import { eventually, startSystem } from '../behaviour/scene.ts'

test('Queue: made in a system it crosses as an argument of spawn and in messages, with refs in its items', async () => {
  const system = await startSystem()
  const queue = Queue.create<Job>({ capacity: 8, system })
  const [taker, giver, answers] = await Promise.all([system.spawn(Taker, { args: [queue] }), system.spawn(Giver), system.spawn(Answers)])
  const all = taker.ask({ timeoutMs: 20_000 }).takeAll()
  await giver.ask({ timeoutMs: 20_000 }).give(queue, 0, 500)
  await queue.put({ n: 500, answerTo: answers })
  queue.close()
  const taken = await all
  // Between two producers there is no order.
  expect(taken.filter((n) => n < 500)).toEqual(Array.from({ length: 500 }, (_, n) => n))
  expect(taken.filter((n) => n >= 500)).toEqual([500])
  await eventually(async () => expect(await answers.ask.all()).toEqual([500]))
})

test('Queue: an actor makes one and returns it; refs and blocking waits work at both ends', async () => {
  const system = await startSystem()
  const giver = await system.spawn(Giver)
  const queue = await giver.ask.make(2)
  expect(queue.capacity).toBe(2)
  const taker = await system.spawn(Taker, { args: [queue] })
  const waiting = taker.ask.takeSync()
  await queue.put({ n: 7 })
  expect(await waiting).toBe(7)
})

test('Queue: a queue with memory of its own is refused as an argument, with the way out', async () => {
  const system = await startSystem()
  await expect(system.spawn(Taker, { args: [Queue.create<Job>()] })).rejects.toThrow(/args\[0\].*Queue\.create\(\{ system \}\)/s)
})

test('Queue: what was put survives the actor that put it, and its successors put again', async () => {
  const spec = child(Giver, { name: 'giver' })
  const system = await startSystem({ children: [spec], intensity: { restarts: 100, withinMs: 60_000 } })
  const queue = Queue.create<Job>({ capacity: 32, system })
  const giver = system.ref(spec)
  for (let round = 0; round < 10; round++) {
    const last: number[] = []
    giver.tell.giveForEver(queue)
    while (last.length < 500) last.push((await queue.get({ timeoutMs: 20_000 })).n)
    await system.kill(giver)
    for (let job = queue.tryGet(); job !== undefined; job = queue.tryGet()) last.push(job.n)
    expect(last).toEqual(Array.from({ length: last.length }, (_, i) => i + 1))
  }
})

test('Queue: a consumer that is killed while it waits blocks nobody', async () => {
  const system = await startSystem()
  const queue = Queue.create<Job>({ capacity: 4, system })
  const [one, two] = await Promise.all([system.spawn(Taker, { args: [queue] }), system.spawn(Taker, { args: [queue] })])
  const lost = one.ask.take().catch(() => 'died')
  const blocked = two.ask.takeSync().catch(() => 'died')
  await eventually(async () => expect(JSON.stringify(await system.tree())).toMatch(/"take".*"takeSync"|"takeSync".*"take"/))
  await Promise.all([system.kill(one), system.kill(two)])
  expect(await Promise.all([lost, blocked])).toEqual(['died', 'died'])
  const next = queue.get({ timeoutMs: 20_000 })
  await queue.put({ n: 1 })
  expect((await next).n).toBe(1)
})

test('Queue: when the system has stopped, those who wait hear of it', async () => {
  const system = await startSystem()
  const queue = Queue.create<Job>({ system })
  const waiting = expect(queue.get()).rejects.toThrow(/closed/)
  await system.stop()
  await waiting
})
