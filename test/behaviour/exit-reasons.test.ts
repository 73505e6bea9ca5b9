import { type ActorRef, type ActorSystem, describeExit, type ExitReason, StartFailedError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Ender } from '../actors/ender.ts'
import { Hanger } from '../actors/hanger.ts'
import { ExitsInConstructor, HangsInOnStart, ThrowsInConstructor, ThrowsInOnStart } from '../actors/starters.ts'
import { eventually, next, rejection, startSystem } from './scene.ts'

type Way = readonly [name: string, end: (ref: ActorRef<Ender>, system: ActorSystem) => unknown, reason: object, restarts: boolean]

const WAYS: readonly Way[] = [
  ['this.context.stop()', (ref) => ref.tell.stopItself(), { kind: 'normal' }, false],
  ['a request to stop', (ref, system) => system.stopActor(ref), { kind: 'shutdown' }, false],
  ['system.kill', (ref, system) => system.kill(ref), { kind: 'killed' }, true],
  ['a throw in a tell', (ref) => ref.tell.throwError(), { kind: 'error', error: { name: 'RangeError', message: 'an error' } }, true],
  ['throw null', (ref) => ref.tell.throwNothing(), { kind: 'error', error: null }, true],
  ['a throw of an object without a prototype', (ref) => ref.tell.throwBare(), { kind: 'error' }, true],
  ['a throw of a Proxy whose traps throw', (ref) => ref.tell.throwTrap(), { kind: 'error' }, true],
  ['a stack that is used up', (ref) => ref.tell.overflow(), { kind: 'error', error: { name: 'RangeError' } }, true],
  ['process.abort', (ref) => ref.tell.abort(), { kind: 'error', error: { code: 'ERR_WORKER_UNSUPPORTED_OPERATION' } }, true],
  ['an emitted uncaughtException', (ref) => ref.tell.emitError(), { kind: 'error', error: { message: 'emitted' } }, true],
  ['process.exit(0)', (ref) => ref.tell.exit(0), { kind: 'exit', code: 0 }, true],
  ['process.exit(7)', (ref) => ref.tell.exit(7), { kind: 'exit', code: 7 }, true],
  ['process.reallyExit(3)', (ref) => ref.tell.reallyExit(3), { kind: 'exit', code: 3 }, true],
  ['an event loop that runs dry', (ref) => ref.tell.runDry(0), { kind: 'exit', code: 0 }, true],
  ['an event loop that runs dry, with a code', (ref) => ref.tell.runDry(5), { kind: 'exit', code: 5 }, true],
  ['an exit handler that never ends, after a throw', (ref) => ref.tell.throwAndSpinAtExit(), { kind: 'error' }, true],
]

test.for(WAYS)('exit reasons: %s', async ([, end, expected, restarts]) => {
  const system = await startSystem()
  const ref = await system.spawn(Ender, { name: 'ender' })
  const exited = next(system, 'exited', ref.path)
  await end(ref, system)
  const { reason, willRestart } = await exited
  expect(reason).toMatchObject(expected)
  expect(describeExit(reason)).not.toBe('')
  expect(willRestart).toBe(restarts)
  if (restarts) expect(await ref.ask.incarnation()).toBe(2)
  else expect(await system.terminated(ref)).toEqual(reason)
})

test('exit reasons: a stop that takes longer than its shutdownMs is a kill', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Hanger, { name: 'hanger', shutdownMs: 50 })
  ref.tell.spin()
  await eventually(async () => expect((await system.tree()).children[0]!.children[0]).toMatchObject({ method: 'spin' }))
  const exited = next(system, 'exited', ref.path)
  await system.stopActor(ref)
  expect((await exited).reason).toEqual({ kind: 'killed' })
})

const STARTS = [
  ['constructor', ThrowsInConstructor, {}],
  ['onStart', ThrowsInOnStart, {}],
  ['constructor', ExitsInConstructor, { args: [3] }],
  ['timeout', HangsInOnStart, { startMs: 200 }],
  ['resolve', { module: 'file:///nowhere.mjs', name: 'Nobody' }, {}],
  ['load', { module: new URL('../actors/starters.ts', import.meta.url).href, name: 'Nobody' }, {}],
] as const

test.for(STARTS)('exit reasons: a start that fails at %s', async ([stage, actor, options]) => {
  const system = await startSystem()
  const exited = next(system, 'exited', '/user/starter')
  const error = await rejection(system.spawn(actor as never, { name: 'starter', ...options } as never))
  expect(error).toBeInstanceOf(StartFailedError)
  expect((await exited).reason).toMatchObject({ kind: 'startFailed', stage })
})

test('exit reasons: each is one line for people', () => {
  const error = new RangeError('x')
  const killed: ExitReason = { kind: 'killed' }
  const reasons: readonly (readonly [ExitReason, string])[] = [
    [{ kind: 'normal' }, 'normal'],
    [{ kind: 'shutdown' }, 'shutdown'],
    [{ kind: 'error', error }, 'error: RangeError: x'],
    [{ kind: 'exit', code: 7 }, 'process.exit(7)'],
    [{ kind: 'outOfMemory', detail: 'heap', method: 'load', heapBytes: 1, externalBytes: 2 }, 'out of memory in load() (heap)'],
    [{ kind: 'hung', method: 'work', ageMs: 300, frames: [] }, 'hung in work() for 300 ms'],
    [{ kind: 'hung', method: '', ageMs: 300, frames: ['f (x.js:1:1)', 'g'] }, 'hung between messages for 300 ms, at f (x.js:1:1)'],
    [killed, 'killed'],
    [{ kind: 'startFailed', stage: 'load', error }, 'start failed at load: RangeError: x'],
    [{ kind: 'linked', path: '/a', reason: killed }, 'linked to /a, which ended: killed'],
    [{ kind: 'unkillable', reason: killed }, 'unkillable: its thread is stuck in native code (killed)'],
    [{ kind: 'unknown' }, 'unknown'],
  ]
  for (const [reason, text] of reasons) expect(describeExit(reason)).toBe(text)
})
