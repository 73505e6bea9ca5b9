import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Foreman } from '../actors/foreman.ts'
import { collect, eventually, rejection, startSystem } from './scene.ts'

/** A process that nobody has collected yet is dead, but its number is still there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}

test.for(['kill', 'stop', 'exit'] as const)('child processes: they end with their actor: %s', async (way) => {
  const system = await startSystem()
  const ref = await system.spawn(Foreman, { restart: 'temporary' })
  const pids = [await ref.ask.start(), await ref.ask.start()]
  expect(pids.map(isAlive)).toEqual([true, true])
  if (way === 'kill') await system.kill(ref)
  else if (way === 'stop') await system.stopActor(ref)
  else await rejection(ref.ask.exit())
  await eventually(() => expect(pids.map(isAlive)).toEqual([false, false]))
})

test.skipIf(process.platform !== 'linux')('child processes: a group that one leads ends whole, also when the system stops', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Foreman)
  const pid = await ref.ask.start(true)
  await eventually(() => expect(childrenOf(pid)).toHaveLength(1))
  const [below] = childrenOf(pid)
  await system.stop()
  await eventually(() => expect([isAlive(pid), isAlive(below!)]).toEqual([false, false]))
})

test('child processes: one that has ended is forgotten; what cannot be started says so as ever', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Foreman)
  expect(await ref.ask.run('hello')).toEqual({ output: 'hello\n', code: 0 })
  expect(await ref.ask.runNothing()).toBe('spawn /no/such/program ENOENT')
  await system.kill(ref)
  expect((await ref.ask.run('again')).output).toBe('again\n')
})

test('child processes: one that was started in a message which never ends', async () => {
  const system = await startSystem()
  const logged = collect(system, 'log')
  const ref = await system.spawn(Foreman, { restart: 'temporary' })
  const asked = rejection(ref.ask({ timeoutMs: 60_000 }).startAndSpin())
  const pid = await eventually(() => logged[0]!.fields['pid'] as number)
  expect(isAlive(pid)).toBe(true)
  await system.kill(ref)
  await asked
  await eventually(() => expect(isAlive(pid)).toBe(false))
})

/** Of any thread of that process. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  })
}
