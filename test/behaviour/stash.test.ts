import { type ActorRef, type ActorSystem, AskAbortedError, AskTimeoutError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Door } from '../actors/door.ts'
import { Recorder } from '../actors/recorder.ts'
import { collect, eventually, range, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

interface Scene {
  readonly system: ActorSystem
  readonly door: ActorRef<Door>
  noted(expected: readonly unknown[]): Promise<void>
}

async function scene(options: { laneMessagesMax?: number; restart?: 'temporary' } = {}): Promise<Scene> {
  const { laneMessagesMax = 65_536, ...spec } = options
  const system = await startSystem({ limits: { laneMessagesMax } })
  const recorder = await system.spawn(Recorder)
  const door = await system.spawn(Door, { name: 'door', args: [recorder], ...spec })
  const noted = (expected: readonly unknown[]) => eventually(async () => expect(await recorder.ask.noted()).toEqual(expected))
  return { system, door, noted }
}

async function untilStashed(door: ActorRef<Door>, count: number): Promise<void> {
  await eventually(async () => expect(await door.ask.stashed()).toBe(count))
}

test('stash: what is stashed is begun again in its order and before what waits; asks get their answers then', async () => {
  const { door, noted } = await scene()
  door.tell.enter('a')
  const asked = [door.ask(FOREVER).enter('b'), door.ask(FOREVER).enterSoon('c')]
  door.tell.enter('d'.repeat(1_000))
  await untilStashed(door, 4)
  // The oldest two, and then the rest.
  expect(await door.ask.open(2)).toBe(2)
  door.tell.open()
  door.tell.enter('e')
  expect(await Promise.all(asked)).toEqual(['b is in', 'c is in'])
  await noted(['a', 'b', 'c', 'd'.repeat(1_000), 'e'].map((name) => [name, 1]))
  expect(await door.ask.stashed()).toBe(0)
})

test('stash: what one message unstashes piece by piece is begun in the order of stashing, too', async () => {
  const { door, noted } = await scene()
  for (const name of ['a', 'b', 'c']) door.tell.enter(name)
  await untilStashed(door, 3)
  await door.ask.openInTurn()
  await noted(['a', 'b', 'c'].map((name) => [name, 1]))
})

test('G8: an ask that was stashed, and answered with an error all the same, is not begun again', async () => {
  const { door, noted } = await scene()
  expect(await rejection(door.ask.enterBadly('a'))).toMatchObject({ name: 'RangeError', message: 'a is out' })
  const asked = door.ask(FOREVER).enter('b')
  await untilStashed(door, 2)
  door.tell.open()
  expect(await asked).toBe('b is in')
  await noted([['b', 1]])
})

test('G4: what was stashed when the actor died waits for the next incarnation, first and in order, and no attempt is counted', async () => {
  const { system, door, noted } = await scene()
  const letters = collect(system, 'deadLetter')
  for (const name of ['a', 'b']) door.tell.enter(name)
  const asked = door.ask(FOREVER).enter('c')
  await untilStashed(door, 3)
  await system.kill(door)
  // The next one finds them, and stashes them once more.
  door.tell.enter('d')
  await untilStashed(door, 4)
  expect(await door.ask.open()).toBe(4)
  expect(await asked).toBe('c is in')
  await noted(['a', 'b', 'c', 'd'].map((name) => [name, 2]))
  expect(letters).toEqual([])
})

test('G4: a stashed ask whose time is over, or whose caller has aborted it, is not begun again', async () => {
  const { door, noted } = await scene()
  const abort = new AbortController()
  const late = rejection(door.ask({ timeoutMs: 100 }).enter('late'))
  const aborted = rejection(door.ask({ ...FOREVER, signal: abort.signal }).enter('aborted'))
  door.tell.enter('told')
  await untilStashed(door, 3)
  abort.abort()
  expect(await aborted).toBeInstanceOf(AskAbortedError)
  expect(await late).toBeInstanceOf(AskTimeoutError)
  await door.ask.open()
  await noted([['told', 1]])
})

test('G4: when the address ends, stashed tells become DeadLetters, and stashed asks reject', async () => {
  const { system, door } = await scene({ restart: 'temporary' })
  const letters = collect(system, 'deadLetter')
  door.tell.enter('told')
  const asked = rejection(door.ask(FOREVER).enter('asked'))
  await untilStashed(door, 2)
  await system.stopActor(door)
  expect(await asked).toMatchObject({ code: 'TROUPE_ACTOR_STOPPED' })
  await eventually(() => expect(letters.map(({ method, args, why }) => [method, args, why])).toEqual([['enter', ['told'], 'ended']]))
})

test('G14: a stash is bounded: one more is refused to its caller', async () => {
  const { door } = await scene({ laneMessagesMax: 50 })
  const asked: Promise<string>[] = []
  for (const i of range(50)) {
    asked.push(door.ask(FOREVER).enter(String(i)))
    await door.ask.stashed()
  }
  expect(await rejection(door.ask(FOREVER).enter('one more'))).toMatchObject({ code: 'TROUPE_HELD_FULL' })
  expect(await door.ask.open()).toBe(50)
  expect(await Promise.all(asked)).toEqual(range(50).map((i) => `${i} is in`))
})
