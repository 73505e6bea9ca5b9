import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  ActorDownError,
  type ActorRef,
  type ActorSystem,
  AskAbortedError,
  AskTimeoutError,
  NotSendableError,
  type SystemOptions,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Recorder } from '../actors/recorder.ts'
import { Streamer } from '../actors/streamer.ts'
import { eventually, isInline, range, rejection, startSystem, thrown } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

interface Scene {
  readonly system: ActorSystem
  readonly recorder: ActorRef<Recorder>
  readonly streamer: ActorRef<Streamer>
  noted(...notes: string[]): Promise<void>
}

async function scene(limits: SystemOptions['limits'] = {}): Promise<Scene> {
  const system = await startSystem({ limits })
  const recorder = await system.spawn(Recorder)
  const streamer = await system.spawn(Streamer, { name: 'streamer', args: [recorder], shutdownMs: 'kill' })
  const noted = (...notes: string[]): Promise<void> => eventually(async () => expect(await recorder.ask.noted()).toEqual(notes))
  return { system, recorder, streamer, noted }
}

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

test('Streams: an async generator and a plain one are async iterables at the caller, with what they return', async () => {
  const { streamer } = await scene()
  expect(await collected(streamer.ask.countTo(3))).toEqual([1, 2, 3])
  expect(await collected(streamer.ask.countInOneGo(3))).toEqual([1, 2, 3])
  expect(await collected(streamer.ask.countTo(0))).toEqual([])
  const stream = streamer.ask.countTo(1)
  expect(inspect(stream)).toBe('[stream of /user/streamer.countTo()]')
  expect(await stream.next()).toEqual({ value: 1, done: false })
  expect(await stream.next()).toEqual({ value: 'the end', done: true })
  expect(await stream.next()).toEqual({ value: undefined, done: true })
  // An item is what it was when it was yielded.
  expect(await collected(streamer.ask.same())).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
})

test('Streams: a method that is not written as a generator is none, whatever it returns, and its error says how to write it', async () => {
  const { streamer } = await scene()
  const error = await rejection(streamer.ask.passedOn(1) as unknown as Promise<unknown>)
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error.message).toMatch(
    /^the result cannot be sent \(\/user\/streamer\.passedOn\(\)\): it is a stream.* is written as a generator \(async \*name\(\)/,
  )
  expect(await collected(streamer.ask.countTo(1))).toEqual([1])
})

test('Streams: 100,000 items come in order, through an actor in between and in the other colour', async () => {
  const { system, streamer } = await scene()
  const relay = await system.spawn(Streamer)
  let count = 0
  let inOrder = 0
  for await (const n of relay.ask.relay(streamer, 100_000)) if (n === ++count) inOrder++
  expect([count, inOrder]).toEqual([100_000, 100_000])
  if (isInline) return
  expect(await relay.ask.sumSync(streamer, 100_000)).toBe(5_000_050_000)
  expect(await relay.ask.firstSync(streamer)).toBe(1)
})

test('Streams: the giver is ahead of its reader by a bounded number of items and bytes', async () => {
  const { system, streamer } = await scene()
  for (const [bytes, most] of [
    [0, 1_100],
    [10_000, 40],
  ] as const) {
    const stream = streamer.ask(FOREVER).numbers(bytes)
    for (let read = 0; read < 300; read++) await stream.next()
    const other = await system.spawn(Streamer)
    // Whatever it can send it has sent when others have had their turn; it stands still in between.
    for (let i = 0; i < 20; i++) await collected(other.ask.countTo(100))
    await stream.return(undefined)
    expect(await streamer.ask.yielded()).toBeLessThanOrEqual(300 + most)
  }
})

test('Streams: a large item goes alone, with its bytes', async () => {
  const { streamer } = await scene()
  let count = 0
  for await (const [n, bytes] of streamer.ask.numbers(300_000)) {
    expect(Buffer.compare(bytes, new Uint8Array(300_000))).toBe(0)
    expect(n).toBe(++count)
    if (count === 20) break
  }
})

test('Streams: an item that is alone comes at once, and leaving the loop ends the method with its finally', async () => {
  const { streamer, noted } = await scene()
  for await (const item of streamer.ask(FOREVER).oneAndWait()) {
    expect(item).toBe('one')
    break
  }
  await noted('left: AbortError', 'finally')
  for await (const _ of streamer.ask.numbers()) break
  await noted('left: AbortError', 'finally', 'finally')
  // The actor is free for the next.
  expect(await collected(streamer.ask.countTo(2))).toEqual([1, 2])
})

test('Streams: what the method throws comes after its items', async () => {
  const { streamer } = await scene()
  const items: number[] = []
  const read = async (): Promise<void> => {
    for await (const n of streamer.ask.failAfter(3)) items.push(n)
  }
  expect(await rejection(read())).toBeInstanceOf(RangeError)
  expect(items).toEqual([1, 2, 3])
  const unsendable = await rejection(collected(streamer.ask.unsendable()))
  expect(unsendable).toBeInstanceOf(NotSendableError)
  expect(unsendable.message).toContain('the item.deep[0]')
})

test('G8: each item has its time, and a stream that is aborted or late ends the method', async () => {
  const { system, streamer, noted } = await scene()
  expect(await rejection(collected(streamer.ask({ timeoutMs: 50 }).oneAndWait()))).toBeInstanceOf(AskTimeoutError)
  await noted('left: AbortError', 'finally')
  const abort = new AbortController()
  const stream = streamer.ask({ ...FOREVER, signal: abort.signal }).oneAndWait()
  expect(await stream.next()).toEqual({ value: 'one', done: false })
  const next = rejection(stream.next())
  abort.abort()
  expect(await next).toBeInstanceOf(AskAbortedError)
  await noted('left: AbortError', 'finally', 'left: AbortError', 'finally')
  const other = await system.spawn(Streamer)
  expect(await rejection(collected(other.ask({ signal: abort.signal }).countTo(1)))).toBeInstanceOf(AskAbortedError)
})

test('G4: a stream that nobody reads is not sent, and one that is left before it is begun is not begun', async () => {
  const { system, recorder, streamer, noted } = await scene()
  void streamer.ask.nothing()
  await streamer.ask.nothing().return(undefined)
  const held = await system.spawn(Streamer, { args: [recorder], shutdownMs: 'kill' })
  const first = held.ask(FOREVER).oneAndWait()
  await first.next()
  const second = held.ask(FOREVER).nothing()
  void second.next()
  await second.return(undefined)
  await first.return(undefined)
  expect(await collected(held.ask.countTo(1))).toEqual([1])
  await noted('left: AbortError', 'finally')
})

test('G4: a stream that is left while it waits for room is not sent when there is some', async () => {
  const { system, recorder, noted } = await scene({ laneMessagesMax: 4 })
  const held = await system.spawn(Streamer, { args: [recorder], shutdownMs: 'kill' })
  const first = held.ask(FOREVER).oneAndWait()
  await first.next()
  while (held.tell({ whenFull: 'refuse' }).yielded());
  const second = held.ask({ ...FOREVER, whenFull: 'wait' }).nothing()
  void second.next()
  await second.return(undefined)
  await first.return(undefined)
  expect(await collected(held.ask({ whenFull: 'wait' }).countTo(1))).toEqual([1])
  await noted('left: AbortError', 'finally')
})

test('G4: a callee that is killed in the middle of a stream ends it with an error, once, and its successor is free', async () => {
  const { system, streamer } = await scene()
  const stream = streamer.ask(FOREVER).numbers()
  for (const n of range(10)) expect((await stream.next()).value).toEqual([n + 1, new Uint8Array(0)])
  const rest = rejection(collected(stream))
  await system.kill(streamer)
  expect(await rest).toBeInstanceOf(ActorDownError)
  expect(await stream.next()).toEqual({ value: undefined, done: true })
  expect(await collected(streamer.ask.countTo(3))).toEqual([1, 2, 3])
})

test('G5: a stream is not begun again, whatever redeliver says', async () => {
  const { system, recorder, noted } = await scene()
  const streamer = await system.spawn(Streamer, { args: [recorder], redeliver: 2 })
  const first = rejection(streamer.ask(FOREVER).nothing().next())
  await noted('begun')
  await system.kill(streamer)
  expect(await first).toBeInstanceOf(ActorDownError)
  expect(await collected(streamer.ask(FOREVER).countTo(2))).toEqual([1, 2])
  await noted('begun')
})

test('G4: a caller that is killed in the middle of a stream ends the method with its finally', async () => {
  const { system, recorder, streamer, noted } = await scene()
  const reader = await system.spawn(Streamer, { args: [recorder], restart: 'temporary' })
  void rejection(reader.ask(FOREVER).readAndHang(streamer, 5))
  await noted('reading')
  await system.kill(reader)
  await noted('reading', 'finally')
  expect(await collected(streamer.ask.countTo(3))).toEqual([1, 2, 3])
})

test('Streams: there is no one-way form', async () => {
  const { streamer } = await scene()
  const tell = streamer.tell as unknown as Record<string, (n: number) => boolean>
  expect(thrown(() => tell['countTo']!(1)).message).toContain('a stream has no one-way form')
})

test('Streams: one that is dropped in the middle, without a return, is left when its object is collected', async () => {
  const { recorder, streamer } = await scene()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // In a function of its own, so that nothing here holds it.
  await (async () => expect((await streamer.ask.numbers().next()).value).toEqual([1, new Uint8Array(0)]))()
  await eventually(async () => {
    collect()
    expect(await recorder.ask.noted()).toEqual(['finally'])
  })
  // The actor was at it all the time, and is free.
  expect(await streamer.ask.yielded()).toBeGreaterThan(0)
})
