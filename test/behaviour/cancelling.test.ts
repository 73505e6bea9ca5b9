import { type ActorRef, type ActorSystem, AskAbortedError, AskTimeoutError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Laborer } from '../actors/laborer.ts'
import { Recorder } from '../actors/recorder.ts'
import { eventually, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

interface Scene {
  readonly system: ActorSystem
  readonly recorder: ActorRef<Recorder>
  readonly laborer: ActorRef<Laborer>
  /** Resolves when that has been noted. */
  noted(what: string | RegExp): Promise<void>
}

async function scene(): Promise<Scene> {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const laborer = await system.spawn(Laborer, { name: 'laborer', args: [recorder], shutdownMs: 'kill' })
  const noted = (what: string | RegExp): Promise<void> =>
    eventually(async () => {
      const notes = (await recorder.ask.noted()) as string[]
      expect(notes.find((note) => (typeof what === 'string' ? note === what : what.test(note)))).toBeDefined()
    })
  return { system, recorder, laborer, noted }
}

test.for([
  ['spin', 'job cancelled'],
  ['sleep', 'job AbortError'],
] as const)(
  'G8: a caller that aborts is seen by the handler: by a loop that never gives way, and as an event (%s)',
  async ([method, note]) => {
    const { laborer, noted } = await scene()
    const abort = new AbortController()
    const asked = rejection(laborer.ask({ ...FOREVER, signal: abort.signal })[method]('job'))
    await noted('job begun')
    abort.abort(new Error('enough'))
    expect(await asked).toBeInstanceOf(AskAbortedError)
    await noted(note)
    // The next call is another call.
    expect(await laborer.ask.look()).toEqual([expect.any(Number), false, true])
  },
)

test.for([
  ['spin', 'job cancelled'],
  ['sleep', 'job TimeoutError'],
] as const)('G8: a caller whose time is over is seen by the handler (%s)', async ([method, note]) => {
  const { laborer, noted } = await scene()
  const asked = rejection(laborer.ask({ timeoutMs: 100 })[method]('job', false))
  expect(await asked).toBeInstanceOf(AskTimeoutError)
  await noted(note)
})

test.for([
  ['spin', 'job cancelled'],
  ['sleep', 'job AbortError'],
] as const)('G8: a caller that is killed is seen by the handler (%s)', async ([method, note]) => {
  const { system, recorder, laborer, noted } = await scene()
  const caller = await system.spawn(Laborer, { args: [recorder], restart: 'temporary' })
  void rejection(caller.ask(FOREVER).delegate(laborer, method, 'job'))
  await noted('job begun')
  await system.kill(caller)
  await noted(note)
})

test('G8: cancelling one call disturbs no other', async () => {
  const { laborer, recorder, noted } = await scene()
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
  const asked = [first, second, third].map(({ signal }, i) => laborer.ask({ ...FOREVER, signal }).sleep(`job ${i}`))
  for (const promise of asked) promise.catch(() => undefined)
  await noted('job 0 begun')
  // The second waits behind it, and is never begun; the third is begun when the first has gone.
  second.abort()
  first.abort()
  await noted('job 2 begun')
  expect(await rejection(asked[1]!)).toBeInstanceOf(AskAbortedError)
  third.abort()
  await noted('job 2 AbortError')
  expect(await recorder.ask.noted()).toEqual(['job 0 begun', 'job 0 AbortError', 'job 2 begun', 'job 2 AbortError'])
})

test('G8: what a call asks has no more time than the call, in either colour', async () => {
  const { system, recorder, laborer, noted } = await scene()
  const caller = await system.spawn(Laborer, { args: [recorder] })
  expect(await rejection(caller.ask({ timeoutMs: 100 }).delegate(laborer, 'sleep', 'nested'))).toBeInstanceOf(AskTimeoutError)
  await noted(/^AskTimeoutError: .*what was left to the call that it was asked for/)
  await noted('nested TimeoutError')
  const other = await system.spawn(Laborer, { args: [recorder], shutdownMs: 'kill' })
  expect(await rejection(caller.ask({ timeoutMs: 100 }).delegateSync(other, 'sync'))).toBeInstanceOf(AskTimeoutError)
  await noted('sync cancelled')
  // A call without an end has none to give.
  const [leftMs] = await caller.ask(FOREVER).look()
  expect(leftMs).toBe(Number.POSITIVE_INFINITY)
  expect((await caller.ask({ timeoutMs: 10_000 }).look())[0]).toBeLessThanOrEqual(10_000)
})

test('G4: what is asked when the time is over already is not started', async () => {
  const { system, recorder, laborer, noted } = await scene()
  const caller = await system.spawn(Laborer, { args: [recorder], shutdownMs: 'kill' })
  expect(await rejection(caller.ask({ timeoutMs: 300 }).overrun(laborer))).toBeInstanceOf(AskTimeoutError)
  await noted('AskTimeoutError')
  expect(await laborer.ask.look()).toEqual([expect.any(Number), false, true])
  expect(await recorder.ask.noted()).not.toContain('overrun begun')
})

test.for(['spin', 'sleep'] as const)(
  'G8: what a method makes of the end of its time is no answer, however soon it comes (%s)',
  async (method) => {
    const { laborer } = await scene()
    for (let i = 0; i < 20; i++) expect(await rejection(laborer.ask({ timeoutMs: 5 })[method](`job ${i}`))).toBeInstanceOf(AskTimeoutError)
  },
)
