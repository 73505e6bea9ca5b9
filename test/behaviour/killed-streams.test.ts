import { getEventListeners } from 'node:events'
import { ActorDownError, type ActorRef, type ActorSystem, AskTimeoutError } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Recorder } from '../actors/recorder.ts'
import { Streamer } from '../actors/streamer.ts'
import { type Holdings, holdingsOf } from './holdings.ts'
import { eventually, range, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }
/** Those of one size fill rings, those of the other travel in blocks of their own. */
const ITEM_BYTES = [9_000, 3_000] as const

interface Scene {
  readonly system: ActorSystem
  readonly recorder: ActorRef<Recorder>
  held(): Promise<Holdings>
  spawn(restart: 'temporary' | 'permanent'): Promise<ActorRef<Streamer>>
  /** A stream from one to the other is read for a while, and stands still. */
  midStream(reader: ActorRef<Streamer>, giver: ActorRef<Streamer>): Promise<void>
}

async function scene(): Promise<Scene> {
  const system = await startSystem({ limits: { actorsMax: 6 }, spares: 0 })
  const recorder = await system.spawn(Recorder)
  let streams = 0
  return {
    system,
    recorder,
    held: holdingsOf(system),
    // A seat is free soon after the end of its actor.
    spawn: (restart) => eventually(() => system.spawn(Streamer, { args: [recorder], restart, shutdownMs: 'kill' })),
    async midStream(reader, giver) {
      void rejection(reader.ask(FOREVER).readAndHang(giver, 5, ITEM_BYTES[streams++ % 2]))
      await eventually(async () => expect((await recorder.ask.noted()).filter((note) => note === 'reading')).toHaveLength(streams))
    },
  }
}

test('G4: readers and givers that are killed in the middle of a stream leave nothing behind: each block is reached, each seat free', async () => {
  const { system, recorder, held, spawn, midStream } = await scene()
  const before = await held()
  expect(before.lostBlocks).toBe(0)
  for (const round of range(6)) {
    const [reader, giver] = [await spawn('temporary'), await spawn('temporary')]
    await midStream(reader, giver)
    for (const dead of round % 2 === 0 ? [reader, giver] : [giver, reader]) await system.kill(dead)
    await Promise.all([system.terminated(reader), system.terminated(giver)])
  }
  await eventually(async () => {
    // Whoever sends gives back what others have left.
    await recorder.ask.noted()
    expect(await held()).toEqual(before)
  })
})

test.for(['reader', 'giver'] as const)('G4: nor does the %s that is killed and restarted, whose address lives on', async (dies) => {
  const { system, recorder, held, spawn, midStream } = await scene()
  const [reader, giver] = [await spawn('permanent'), await spawn('permanent')]
  const before = await held()
  for (const _ of range(3)) {
    await midStream(reader, giver)
    await system.kill(dies === 'reader' ? reader : giver)
    // One that lives is still busy with a reader that waits for ever.
    if (dies === 'giver') await system.kill(reader)
  }
  await eventually(async () => {
    await Promise.all([reader, giver].map((ref) => ref.ask.yielded()))
    expect(await held()).toEqual(before)
  })
  // Of givers that live: each stream has run its finally.
  const ends = (await recorder.ask.noted()).filter((note) => note === 'finally')
  expect(ends).toHaveLength(dies === 'reader' ? 3 : 0)
})

test('G4: a giver that waits for room is woken by the death of its reader alone, and keeps nothing of the stream', async () => {
  const { system, recorder, spawn, midStream } = await scene()
  const giver = await spawn('permanent')
  for (const round of range(3)) {
    const reader = await spawn('temporary')
    await midStream(reader, giver)
    await system.kill(reader)
    // Nobody says anything to the giver meanwhile.
    await eventually(async () => expect((await recorder.ask.noted()).filter((note) => note === 'finally')).toHaveLength(round + 1))
  }
  await eventually(async () => expect(await giver.ask.framesAlive()).toBe(0))
})

test('G4: a reader keeps nothing of a stream whose giver was killed, or was late: no timer, no listener', async () => {
  const { system, spawn } = await scene()
  const giver = await spawn('permanent')
  const { signal } = new AbortController()
  const timers = countTimers()
  /** Waits for an item that never comes, and tells how that ends. */
  const readOn = async (timeoutMs: number, meanwhile: () => unknown): Promise<Error> => {
    const stream = giver.ask({ timeoutMs, signal }).oneAndWait()
    expect(await stream.next()).toEqual({ value: 'one', done: false })
    const next = rejection(stream.next())
    expect([timers(), getEventListeners(signal, 'abort').length]).toEqual([1, 1])
    await meanwhile()
    return next
  }
  expect(await readOn(60_000, () => system.kill(giver))).toBeInstanceOf(ActorDownError)
  // Its successor is there.
  for await (const _ of giver.ask({ timeoutMs: 60_000 }).countTo(1));
  expect(await readOn(1_000, () => undefined)).toBeInstanceOf(AskTimeoutError)
  expect([timers(), getEventListeners(signal, 'abort').length]).toEqual([0, 0])
})

/** Timers that are set from now on, and neither cleared nor due. */
function countTimers(): () => number {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const waiting = new Set<unknown>()
  globalThis.setTimeout = ((task: () => void, ms: number) => {
    const timer = set(() => {
      waiting.delete(timer)
      task()
    }, ms)
    waiting.add(timer)
    return timer
  }) as typeof setTimeout
  globalThis.clearTimeout = ((timer: NodeJS.Timeout) => {
    waiting.delete(timer)
    clear(timer)
  }) as typeof clearTimeout
  onTestFinished(() => void Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }))
  return () => waiting.size
}
