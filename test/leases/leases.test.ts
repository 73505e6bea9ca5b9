import { LeasePool, Leases, Semaphore } from '@troupe/actors'
import { expect, test } from 'vitest'
import { Borrower } from '../actors/borrower.ts'
import { LatePool } from '../actors/late-services.ts'
import { collect, eventually, rejection, startSystem } from '../behaviour/scene.ts'
import { startServer } from './server.ts'

async function stage(size: number, { borrowers = 2, recoverMs = 300, idleMs = 60_000 } = {}) {
  const server = await startServer(size)
  const system = await startSystem({ intensity: { restarts: 1_000, withinMs: 1 } })
  const pool = await system.spawn(LeasePool, { name: 'pool', restart: 'permanent', args: [{ size, recoverMs }] })
  const refs = await Promise.all(
    Array.from({ length: borrowers }, (_, i) =>
      system.spawn(Borrower, { name: `b${i}`, restart: 'permanent', args: [pool, server.port, idleMs] }),
    ),
  )
  return { server, system, pool, refs }
}

test('leases: the limit is that of all isolates together, and who waits gets what another gives back', async () => {
  const { server, system, pool, refs } = await stage(2)
  const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]]
  await a.ask.hold()
  await a.ask.hold()
  expect(await rejection(b.ask.hold(50))).toMatchObject({ code: 'TROUPE_LEASE_TIMEOUT' })
  const waiting = b.ask.hold()
  await eventually(async () => expect(await pool.ask.stats()).toEqual({ size: 2, held: 2, waiting: 1, idle: 0 }))
  await a.ask.giveBack()
  await waiting
  expect(server.most()).toBeLessThanOrEqual(2)
  // The host is a borrower like any other.
  const host = new Semaphore(system, pool)
  const permit = host.acquire()
  await b.ask.giveBack()
  await using _ = await permit
})

test('leases: what a borrower held when it was killed is free again, and its connection is gone', async () => {
  const { server, system, pool, refs } = await stage(1)
  const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]]
  await a.ask.hold()
  const waiting = b.ask({ timeoutMs: 20_000 }).hold(20_000)
  await eventually(async () => expect((await pool.ask.stats()).waiting).toBe(1))
  await system.kill(a)
  await waiting
  expect(server.most()).toBeLessThanOrEqual(1)
  await eventually(() => expect(server.open()).toBe(1))
})

test('leases: an idle connection is lent again in its isolate, and destroyed when another isolate needs its place', async () => {
  const { server, refs } = await stage(1)
  const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]]
  for (let i = 0; i < 3; i++) {
    await a.ask.hold()
    await a.ask.giveBack()
  }
  expect(await a.ask.made()).toBe(1)
  await b.ask.hold()
  expect(server.most()).toBeLessThanOrEqual(1)
  await b.ask.giveBack()
  await a.ask.hold()
  expect(await a.ask.made()).toBe(2)
})

test('leases: a broken one is not lent again, nor one whose check fails, nor one that was idle for too long', async () => {
  const { server, refs } = await stage(1, { idleMs: 30 })
  const [a] = refs as [(typeof refs)[0]]
  await a.ask.hold()
  await a.ask.giveBack(true)
  await a.ask.hold()
  expect(await a.ask.made()).toBe(2)
  await a.ask.giveBack()
  await a.ask.setGood(false)
  await a.ask.hold()
  expect(await a.ask.made()).toBe(3)
  await a.ask.giveBack()
  await eventually(() => expect(server.open()).toBe(0))
})

test('leases: a pool that is killed learns from the borrowers what they hold, and lends nothing of it again', async () => {
  const { server, system, pool, refs } = await stage(2, { recoverMs: 2_000 })
  const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]]
  await a.ask.hold()
  await b.ask.hold()
  const exits = collect(system, 'exited')
  await system.kill(pool)
  await eventually(() => expect(exits.some(({ path }) => path === pool.path)).toBe(true))
  const third = b.ask({ timeoutMs: 20_000 }).hold(20_000)
  await eventually(async () => expect(await pool.ask.stats()).toMatchObject({ held: 2, waiting: 1 }))
  expect(server.most()).toBeLessThanOrEqual(2)
  await a.ask.giveBack()
  await third
  expect(server.most()).toBeLessThanOrEqual(2)
})

test('leases: a factory that throws gives its place back', async () => {
  const { system, pool } = await stage(1, { borrowers: 0 })
  let isDown = true
  const leases = new Leases(system, pool, {
    create: () => {
      if (isDown) throw new Error('no route')
      return 'connection'
    },
    destroy: () => undefined,
  })
  expect(await rejection(leases.borrow())).toEqual(new Error('no route'))
  isDown = false
  await using lease = await leases.borrow()
  expect(lease.resource).toBe('connection')
})

test('leases: what was granted to who had given up is free again, and nothing of it is looked for there', async () => {
  const server = await startServer(1)
  const system = await startSystem()
  const pool = await system.spawn(LatePool, { args: [{ size: 1 }] })
  const [a, b] = await Promise.all([1, 2].map(() => system.spawn(Borrower, { args: [pool, server.port] })))
  await pool.ask.setLate(true)
  // Its borrow has what is left to its own call.
  await rejection(a!.ask({ timeoutMs: 50 }).hold())
  await pool.ask.setLate(false)
  await eventually(async () => expect(await pool.ask.stats()).toEqual({ size: 1, held: 0, waiting: 0, idle: 0 }))
  await b!.ask.hold()
  await eventually(() => expect(server.most()).toBe(1))
})

test('leases: what is given back when there is no room to say so is free when there is', async () => {
  const system = await startSystem({ limits: { laneMessagesMax: 8 } })
  const pool = await system.spawn(LatePool, { args: [{ size: 2 }] })
  const permit = await new Semaphore(system, pool).acquire()
  const { guest } = await pool.ask.hello(undefined, 1)
  await pool.ask.setLate(true)
  const stop = new AbortController()
  const blocking = rejection(pool.ask({ signal: stop.signal }).borrow(guest, 1))
  await eventually(async () => expect((await system.inspect(pool))?.method).toBe('borrow'))
  while (pool.tell({ whenFull: 'refuse' }).vacated(guest, 9));
  await permit.giveBack()
  stop.abort()
  await blocking
  await eventually(async () => expect((await pool.ask.stats()).held).toBe(1))
})

test('leases: no resource is made while the idle one of its place is being destroyed', async () => {
  const { system, pool } = await stage(1, { borrowers: 0 })
  let finish: (() => void) | undefined
  let made = 0
  const leases = new Leases(system, pool, {
    create: () => ++made,
    destroy: () => new Promise<void>((resolve) => (finish = resolve)),
    idleMs: 1,
  })
  await (await leases.borrow()).giveBack()
  await eventually(() => expect(finish).toBeDefined())
  const second = leases.borrow()
  await eventually(async () => expect((await pool.ask.stats()).held).toBe(1))
  // This is answered after the borrow.
  await pool.ask.stats()
  expect(made).toBe(1)
  finish!()
  expect((await second).resource).toBe(2)
})

test('leases: borrowers and the pool are killed under load; no lease is lost, and no connection is one too many', async () => {
  const size = 3
  const { server, system, pool, refs } = await stage(size, { borrowers: 4, recoverMs: 1_500 })
  const rounds = Number(process.env['TROUPE_KILLS'] ?? 8)
  for (let kill = 0; kill < rounds; kill++) {
    const churns = refs.map((ref) =>
      ref
        .ask({ timeoutMs: 60_000 })
        .churn(60)
        .catch(() => 0),
    )
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    // Restarts are limited in number per time: those of the pool take longer anyway.
    await system.kill(kill % 6 === 5 ? pool : refs[kill % refs.length]!)
    await Promise.all(churns)
  }
  await eventually(async () => expect(await pool.ask.stats()).toMatchObject({ held: 0, waiting: 0 }))
  const semaphore = new Semaphore(system, pool)
  const all = await Promise.all(Array.from({ length: size }, () => semaphore.acquire({ timeoutMs: 20_000 })))
  expect(all).toHaveLength(size)
  expect(server.most()).toBeLessThanOrEqual(size)
})
