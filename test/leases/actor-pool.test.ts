import { ActorLeases, ActorPool, poolOf } from '@troupe/actors'
import { expect, test } from 'vitest'
import { Doomed, Ledger, Shouter, WasmCounter } from '../actors/owners.ts'
import { eventually, rejection, startSystem } from '../behaviour/scene.ts'

const HAS_SQLITE = Number(process.versions.node.split('.')[0]) >= 24

async function stage<A>(options: ConstructorParameters<typeof ActorPool>[0]) {
  const system = await startSystem()
  const pool = await system.spawn(ActorPool, { name: 'pool', args: [options] })
  return { system, pool, leases: new ActorLeases<A>(system, pool) }
}

test('leases: child processes are lent through the actors that own them, one to each borrower, and started when they are needed', async () => {
  const { pool, leases } = await stage<Shouter>(poolOf(Shouter, { size: 2 }))
  expect(await pool.ask.stats()).toEqual({ size: 2, held: 0, waiting: 0, running: 0 })
  await using a = await leases.borrow()
  const b = await leases.borrow()
  expect(await Promise.all([a.ref.ask.shout('x'), b.ref.ask.shout('y')])).toEqual(['X', 'Y'])
  const third = leases.borrow()
  await eventually(async () => expect(await pool.ask.stats()).toEqual({ size: 2, held: 2, waiting: 1, running: 2 }))
  const pid = await b.ref.ask.pid()
  await b.giveBack()
  await using c = await third
  expect(await c.ref.ask.pid()).toBe(pid)
})

test('leases: a resource that its borrower calls broken is replaced', async () => {
  const { leases } = await stage<Shouter>(poolOf(Shouter, { size: 1 }))
  const first = await leases.borrow()
  const pid = await first.ref.ask.pid()
  await first.ref.ask.breakDown()
  await first.giveBack({ isBroken: true })
  await using second = await leases.borrow()
  expect(await second.ref.ask.pid()).not.toBe(pid)
  expect(await second.ref.ask.shout('still here')).toBe('STILL HERE')
})

test('leases: what a dead borrower held is replaced, or checked and kept', async () => {
  for (const [check, isKept] of [
    [undefined, false],
    ['isGood', true],
  ] as const) {
    const { system, pool, leases } = await stage<Shouter>(poolOf(Shouter, { size: 1, ...(check && { check }) }))
    const doomed = await system.spawn(Doomed, { name: 'doomed' })
    const path = await doomed.ask.borrowFrom(pool)
    const waiting = leases.borrow({ timeoutMs: 20_000 })
    await system.kill(doomed)
    await using lease = await waiting
    expect(lease.ref.path === path).toBe(isKept)
    expect(await lease.ref.ask.shout('a')).toBe('A')
  }
})

test('leases: WASM instances keep their state between two borrowers, and idle ones are stopped', async () => {
  const { pool, leases } = await stage<WasmCounter>(poolOf(WasmCounter, { size: 1, idleMs: 100 }))
  for (const n of [1, 2]) {
    await using lease = await leases.borrow()
    expect(await lease.ref.ask.next()).toBe(n)
  }
  await eventually(async () => expect((await pool.ask.stats()).running).toBe(0))
  await using lease = await leases.borrow()
  expect(await lease.ref.ask.next()).toBe(1)
})

test.skipIf(!HAS_SQLITE)('leases: databases of node:sqlite (skipped before Node 24, which has it without a flag)', async () => {
  const { leases } = await stage<Ledger>(poolOf(Ledger, { size: 2 }))
  await using a = await leases.borrow()
  await using b = await leases.borrow()
  expect([await a.ref.ask.add(5), await a.ref.ask.add(5), await b.ref.ask.add(1)]).toEqual([5, 10, 1])
})

test('leases: why an actor of a pool does not start is told to who borrows it', async () => {
  const { leases } = await stage({ size: 1, actor: { module: Shouter.module, name: 'NoSuchActor' } })
  expect(await rejection(leases.borrow())).toMatchObject({ code: 'TROUPE_START_FAILED' })
})

test('leases: a lent actor that dies is told to its borrower, and replaced; with a pool that dies go its actors, and it lends new ones', async () => {
  const system = await startSystem()
  const pool = await system.spawn(ActorPool, { name: 'pool', restart: 'permanent', args: [poolOf(WasmCounter, { size: 1 })] })
  const leases = new ActorLeases<WasmCounter>(system, pool)
  const first = await leases.borrow()
  expect(await first.ref.ask.next()).toBe(1)
  await system.kill(first.ref)
  expect(await rejection(first.ref.ask.next())).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
  // The pool may not have heard of it yet.
  await first.giveBack({ isBroken: true })
  const second = await leases.borrow({ timeoutMs: 20_000 })
  expect(await second.ref.ask.next()).toBe(1)
  await system.kill(pool)
  expect(await rejection(second.ref.ask.next())).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
  await second.giveBack()
  await using third = await leases.borrow({ timeoutMs: 20_000 })
  expect(await third.ref.ask.next()).toBe(1)
  expect(await pool.ask.stats()).toMatchObject({ held: 1, running: 1 })
})
