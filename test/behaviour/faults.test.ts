import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type ActorClass, child, StartFailedError, supervisor } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Ender } from '../actors/ender.ts'
import { Flooded, Flooder } from '../actors/flooder.ts'
import { Gate } from '../actors/gate.ts'
import { Hoarder } from '../actors/hoarder.ts'
import { FailsAtRestart, HangsAtRestart } from '../actors/starters.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, next, range, rejection, startSystem, temporaryFile } from './scene.ts'

// What faults.md asks for and no other file here shows.

test('fault 8: a restart whose onStart hangs is killed after startMs, and counts', async () => {
  const system = await startSystem()
  const ref = await system.spawn(HangsAtRestart, { name: 'hangs', startMs: 400 })
  const exits = collect(system, 'exited')
  const gaveUp = next(system, 'gaveUp', ref.path)
  ref.tell.exit()
  expect(await gaveUp).toMatchObject({ restarts: 3, reason: { kind: 'startFailed', stage: 'timeout' } })
  expect(exits.map(({ reason }) => reason.kind)).toEqual(['exit', 'startFailed', 'startFailed', 'startFailed'])
})

test('fault 15: buffers count for limits.externalMb, and more of them is an end with outOfMemory', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hoarder, { name: 'hoarder', limits: { externalMb: 100 } })
  const other = await system.spawn(Hoarder, { limits: { externalMb: 400 } })
  const exited = next(system, 'exited', ref.path)
  const asked = rejection(ref.ask({ timeoutMs: 60_000 }).hoardBuffers(10 * 1024 * 1024, 2_000))
  const { reason } = await exited
  expect(reason).toMatchObject({
    kind: 'outOfMemory',
    method: 'hoardBuffers',
    detail: expect.stringContaining('limits { externalMb: 100 }'),
  })
  expect((reason as { externalBytes: number }).externalBytes).toBeGreaterThan(100 * 1024 * 1024)
  expect(await asked).toMatchObject({ reason: { kind: 'outOfMemory' } })
  expect(await ref.ask.incarnation()).toBe(2)
  // What is allowed is allowed.
  expect(await other.ask({ timeoutMs: 60_000 }).hoardBuffers(10 * 1024 * 1024, 20)).toBe(20)
  expect(await other.ask.incarnation()).toBe(1)
})

test('fault 30: a flood from one sender does not keep another one waiting: lanes are read in turn', async () => {
  const system = await startSystem()
  const [gate, slow, flooder] = await Promise.all([system.spawn(Gate), system.spawn(Flooded), system.spawn(Flooder)])
  const sent = await flooder.ask.flood(slow, gate, 20_000)
  expect(sent).toBe(20_000)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const asked = slow.ask.taken()
  gate.tell.open()
  // Its turn comes after a few of those that came before it.
  expect(await asked).toBeLessThan(1_000)
})

test('fault 31: four restarts in an hour are four attempts, the fifth is refused and goes up, and then it is quiet', async () => {
  const failing = child(FailsAtRestart, { name: 'failing' })
  const stormy = supervisor({
    name: 'stormy',
    restart: 'temporary',
    intensity: { restarts: 4, withinMs: 3_600_000 },
    children: [failing],
  })
  const system = await startSystem({ children: [stormy] })
  const [exits, starts] = [collect(system, 'exited'), collect(system, 'started')]
  const gaveUp = next(system, 'gaveUp', '/stormy')
  system.ref(failing).tell.exit()
  expect(await gaveUp).toMatchObject({ restarts: 4, withinMs: 3_600_000, reason: { kind: 'startFailed' } })
  const ofFailing = (): string[] => exits.filter(({ path }) => path === '/stormy/failing').map(({ reason }) => reason.kind)
  expect(ofFailing()).toEqual(['exit', 'startFailed', 'startFailed', 'startFailed', 'startFailed'])
  // The system works on, and nobody tries again.
  expect(await (await system.spawn(Victim)).ask.echo('fine')).toBe('fine')
  expect([ofFailing().length, starts.filter(({ path }) => path === '/stormy/failing').length]).toEqual([5, 0])
})

test('fault 50: what an actor has open is closed when it ends, however it ends', async (context) => {
  if (!existsSync('/proc/self/fd')) return context.skip('there is no /proc to count files in')
  const system = await startSystem()
  const ref = await system.spawn(Ender)
  const files = (): number => readdirSync('/proc/self/fd').length
  const before = files()
  for (const round of range(3)) {
    expect(await ref.ask.openFiles(200)).toBe(200)
    expect(files()).toBeGreaterThan(before + 150)
    if (round % 2 === 0) await system.kill(ref)
    else await rejection(ref.ask.exit(0))
    await eventually(() => expect(files()).toBeLessThan(before + 50))
    await ref.ask.incarnation()
  }
})

test('fault 37: a wall clock that jumps changes no time-out, on either side (G15)', async () => {
  const system = await startSystem()
  const [gate, ref] = [await system.spawn(Gate), await system.spawn(Ender)]
  const held = await system.spawn(Victim, { hangAfterMs: 250 })
  const asked = held.ask({ timeoutMs: 30_000 }).hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  const realNow = Date.now
  try {
    for (const shiftMs of [3_600_000, -7_200_000, 3_600_000]) {
      Date.now = () => realNow() + shiftMs
      await ref.ask.shiftWallClock(shiftMs)
      // Neither over at once, nor never.
      const timedOut = rejection(held.ask({ timeoutMs: 50 }).note('waits behind the other one'))
      expect(await timedOut).toMatchObject({ code: 'TROUPE_ASK_TIMEOUT' })
      expect(await ref.ask.incarnation()).toBe(1)
    }
  } finally {
    Date.now = realNow
  }
  gate.tell.open()
  expect(await asked).toBe(1)
})

function classIn(module: string, name: string): ActorClass<Victim, []> {
  return { module, name } as unknown as ActorClass<Victim, []>
}

test('fault 54: modules that import each other in a circle, and need what is not there yet, fail to start with the cause', async () => {
  const system = await startSystem()
  const [a, b] = [temporaryFile('a.mjs'), temporaryFile('b.mjs')]
  writeFileSync(a, `import { base } from '${pathToFileURL(b).href}'\nexport const early = base\nexport class Circular {}`)
  writeFileSync(b, `import { early } from '${pathToFileURL(a).href}'\nexport const base = early`)
  const error = await rejection(system.spawn(classIn(pathToFileURL(a).href, 'Circular')))
  expect(error).toBeInstanceOf(StartFailedError)
  expect(error).toMatchObject({ stage: 'load', cause: { name: 'ReferenceError' } })
})
