import {
  ActorDownError,
  type ActorRef,
  ActorStoppedError,
  type ActorSystem,
  AskAbortedError,
  AskTimeoutError,
  child,
  HeldFullError,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Deferrer } from '../actors/deferrer.ts'
import { Recorder } from '../actors/recorder.ts'
import { collect, eventually, nodeAt, range, rejection, startSystem } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

interface Scene {
  readonly system: ActorSystem
  readonly ref: ActorRef<Deferrer>
  readonly recorder: ActorRef<Recorder>
  noted(expected: readonly unknown[]): Promise<void>
}

async function scene(options: { redeliver?: number; laneMessagesMax?: number; restart?: 'temporary' } = {}): Promise<Scene> {
  const { laneMessagesMax = 65_536, ...spec } = options
  const system = await startSystem({ limits: { laneMessagesMax } })
  const recorder = await system.spawn(Recorder)
  const ref = await system.spawn(Deferrer, { name: 'deferrer', args: [recorder], ...spec })
  const noted = (expected: readonly unknown[]) => eventually(async () => expect(await recorder.ask.noted()).toEqual(expected))
  return { system, ref, recorder, noted }
}

/** Nothing else takes a place there. */
async function mustHaveRoomFor100(ref: ActorRef<Deferrer>): Promise<void> {
  const kept: Promise<unknown>[] = []
  for (const i of range(100)) {
    kept.push(ref.ask(FOREVER).wait(`kept ${i}`))
    await ref.ask.waiting()
  }
  for (const i of range(100)) expect(await ref.ask.send(`kept ${i}`, i)).toBe(true)
  expect(await Promise.all(kept)).toEqual(range(100))
}

async function untilWaiting(ref: ActorRef<Deferrer>, count: number): Promise<void> {
  await eventually(async () => expect(await ref.ask.waiting()).toBe(count))
}

test('G8: a reply can come later: the actor takes other messages meanwhile, and answers in any order', async () => {
  const { ref } = await scene()
  const order: unknown[] = []
  const asked = ['a', 'b', 'c'].map((name) =>
    (name === 'b' ? ref.ask.waitSoon(name) : ref.ask.wait(name)).then((value) => order.push(value)),
  )
  expect(await ref.ask.waiting()).toBe(3)
  expect(await ref.ask.send('c', 'third')).toBe(true)
  expect(await ref.ask.send('a', 'first')).toBe(true)
  expect(await ref.ask.send('b', { in: 'between' })).toBe(true)
  await Promise.all(asked)
  expect(order).toEqual(['third', 'first', { in: 'between' }])
})

test('G8: a later error, a result that cannot be sent, and a throw after deferring reach the asker', async () => {
  const { ref } = await scene()
  const failing = rejection(ref.ask.wait('failing'))
  const wrong = rejection(ref.ask.wait('wrong'))
  expect(await ref.ask.fail('failing', 'late')).toBe(true)
  expect(await failing).toMatchObject({ name: 'RangeError', message: 'late' })
  expect(await ref.ask.sendFunction('wrong')).toBe(true)
  expect(await wrong).toMatchObject({ code: 'TROUPE_NOT_SENDABLE' })
  expect(await rejection(ref.ask.throwAfter())).toMatchObject({ name: 'RangeError' })
  expect(await ref.ask.waiting()).toBe(2)
})

test('G8: a second answer is refused by name, and the first stands; so is a second deferral', async () => {
  const { ref } = await scene()
  const asked = ref.ask.wait('once')
  expect(await ref.ask.send('once', 1)).toBe(true)
  expect(await rejection(ref.ask.send('once', 2))).toMatchObject({
    code: 'TROUPE_ALREADY_REPLIED',
    message:
      '/user/deferrer.wait() has its reply, and send() came after it. Keep a deferred reply in one place, and take it out before you answer.',
  })
  expect(await asked).toBe(1)
  expect(await rejection(ref.ask.twice())).toMatchObject({ code: 'TROUPE_INVALID_ARGUMENT' })
  for (const [how, text] of [
    ['deferReply', 'deferReply(): a stream has no deferred reply: each yield answers.'],
    ['stash', 'stash(): a stream cannot be stashed.'],
  ] as const)
    expect((await rejection(ref.ask.stream(how).next())).message).toContain(text)
})

test('G8: who was told waits for nothing: its message is done when the method is', async () => {
  const { ref, system } = await scene()
  const letters = collect(system, 'deadLetter')
  ref.tell.wait('told')
  expect(await ref.ask.wanted()).toEqual([])
  expect(await ref.ask.send('told', 1)).toBe(false)
  await system.kill(ref)
  expect(await ref.ask.waiting()).toBe(0)
  expect(letters).toEqual([])
})

test.for(['wait', 'watched'] as const)(
  'G8: a deferred ask keeps its deadline and its signal, and takes no place when it is over (%s)',
  async (method) => {
    const { ref, system, recorder } = await scene()
    const abort = new AbortController()
    const late = rejection(ref.ask({ timeoutMs: 100 })[method]('late'))
    const aborted = rejection(ref.ask({ ...FOREVER, signal: abort.signal })[method]('aborted'))
    const kept = ref.ask(FOREVER)[method]('kept')
    await untilWaiting(ref, 3)
    abort.abort()
    expect(await late).toBeInstanceOf(AskTimeoutError)
    expect(await aborted).toBeInstanceOf(AskAbortedError)
    await eventually(async () => expect(await ref.ask.wanted()).toEqual(['kept']))
    // What is set aside counts as waiting.
    await eventually(async () => expect(nodeAt(await system.tree(), ref.path)?.mailboxDepth).toBe(1))
    for (const name of ['late', 'aborted']) expect(await ref.ask.send(name, 1)).toBe(false)
    expect(await ref.ask.send('kept', 2)).toBe(true)
    expect(await kept).toBe(2)
    if (method === 'watched')
      await eventually(async () =>
        expect(((await recorder.ask.noted()) as string[][]).map(String).sort()).toEqual(['aborted,AbortError', 'late,TimeoutError']),
      )
  },
)

test('G5, G8: when the actor dies its deferred asks reject with the reason, at once; what waits is handled by the next incarnation', async () => {
  const { ref } = await scene()
  const asked = range(200).map((i) => rejection(ref.ask(FOREVER).wait(String(i))))
  await untilWaiting(ref, 200)
  const [killing, after] = [rejection(ref.ask.die()), ref.ask.waiting()]
  for (const error of await Promise.all([...asked, killing])) {
    expect(error).toBeInstanceOf(ActorDownError)
    expect(error).toMatchObject({ reason: { kind: 'exit', code: 7 } })
  }
  expect(await after).toBe(0)
})

test('G3, G5: with redeliver deferred asks are begun again, in their order and before all others', async () => {
  const { ref, system, recorder, noted } = await scene({ redeliver: 1 })
  const long = 'long'.repeat(2_000)
  const asked = ['a', long, 'c'].map((name) => ref.ask(FOREVER).wait(name))
  await untilWaiting(ref, 3)
  await system.kill(ref)
  const behind = ref.ask(FOREVER).wait('d')
  await noted([
    [1, 'a'],
    [1, long],
    [1, 'c'],
    [2, 'a'],
    [2, long],
    [2, 'c'],
    [1, 'd'],
  ])
  for (const name of ['d', 'c', long, 'a']) expect(await ref.ask.send(name, name)).toBe(true)
  expect(await Promise.all([...asked, behind])).toEqual(['a', long, 'c', 'd'])
  // The second attempt is the last.
  const last = rejection(ref.ask(FOREVER).wait('last'))
  for (const attempt of [1, 2]) {
    await eventually(async () => expect((await recorder.ask.noted()).at(-1)).toEqual([attempt, 'last']))
    await system.kill(ref)
  }
  expect(await last).toBeInstanceOf(ActorDownError)
})

test('G8: an ordered stop does not wait for deferred replies: onStop may still give them, the others reject with the reason', async () => {
  const { ref, system } = await scene({ restart: 'temporary' })
  const [answered, left] = [ref.ask(FOREVER).wait('at the end'), rejection(ref.ask(FOREVER).wait('never'))]
  await untilWaiting(ref, 2)
  await system.stopActor(ref)
  expect(await answered).toBe('the end')
  expect(await left).toBeInstanceOf(ActorDownError)
  expect(await left).toMatchObject({ reason: { kind: 'shutdown' } })
  expect(await rejection(ref.ask.waiting())).toBeInstanceOf(ActorStoppedError)
})

test('G8: who has deferred its reply serves others, so nobody closes a cycle through it', async () => {
  const { system, ref } = await scene()
  const other = await system.spawn(Deferrer)
  // Each asks the other while a call of its own is out.
  const both = [ref.ask(FOREVER).forward(other), other.ask(FOREVER).forward(ref)]
  expect(await Promise.all(both)).toEqual([0, 0])
  expect(await ref.ask(FOREVER).forward(ref)).toBe(0)
})

test('G14: an actor keeps a bounded number of deferred replies, and those that nobody waits for do not count', async () => {
  const { ref } = await scene({ laneMessagesMax: 100 })
  const abandoned = range(60).map((i) => rejection(ref.ask({ timeoutMs: 50 }).wait(`abandoned ${i}`)))
  for (const error of await Promise.all(abandoned)) expect(error).toBeInstanceOf(AskTimeoutError)
  const kept: Promise<unknown>[] = []
  for (const i of range(100)) {
    kept.push(ref.ask(FOREVER).wait(`kept ${i}`))
    await ref.ask.waiting()
  }
  const refused = await rejection(ref.ask(FOREVER).wait('one more'))
  expect(refused).toBeInstanceOf(HeldFullError)
  expect(refused.message).toContain('/user/deferrer.wait(): the actor has 100 messages set aside (limits.laneMessagesMax)')
  for (const i of range(100)) expect(await ref.ask.send(`kept ${i}`, i)).toBe(true)
  expect(await Promise.all(kept)).toEqual(range(100))
})

test('G14: deferred replies take no place when their caller has died and its successor has asked by the same numbers', async () => {
  const { system, ref } = await scene({ laneMessagesMax: 100 })
  const caller = await system.spawn(Deferrer, { restart: 'permanent' })
  for (const _ of range(3)) {
    // The first asks of each incarnation.
    caller.tell.abandon(ref, 'wait', 30)
    await eventually(async () => expect(await ref.ask.wanted()).toHaveLength(30))
    await system.kill(caller)
    await eventually(async () => expect(await ref.ask.wanted()).toEqual([]))
  }
  await mustHaveRoomFor100(ref)
})

test.for(['wait', 'watched'] as const)(
  'G14: deferred replies whose callers have died are told so, and take no place (%s)',
  async (method) => {
    const { system, ref, recorder } = await scene({ laneMessagesMax: 100 })
    const caller = await system.spawn(Deferrer, { restart: 'temporary' })
    caller.tell.abandon(ref, method, 60)
    await untilWaiting(ref, 60)
    await system.kill(caller)
    // In no order: it may look just when its caller dies.
    if (method === 'watched')
      await eventually(async () =>
        expect(((await recorder.ask.noted()) as string[][]).map(String).sort()).toEqual(
          range(60)
            .map((i) => `abandoned ${i},AbortError`)
            .sort(),
        ),
      )
    expect(await ref.ask.wanted()).toEqual([])
    await mustHaveRoomFor100(ref)
  },
)

test('G5, G14: killed again and again with deferred asks, an actor leaves nothing behind', async () => {
  const spec = child(Deferrer, { name: 'deferrer', redeliver: 1 })
  const system = await startSystem({ children: [spec], intensity: { restarts: 1_000, withinMs: 1_000 } })
  const ref = system.ref(spec)
  for (const round of range(5)) {
    const asked = range(100).map((i) => ref.ask(FOREVER).wait(`${i}`.padEnd(i * 20)))
    await untilWaiting(ref, 100)
    await system.kill(ref)
    await untilWaiting(ref, 100)
    for (const i of range(100)) await ref.ask.send(`${i}`.padEnd(i * 20), round)
    expect(await Promise.all(asked)).toEqual(range(100).map(() => round))
    await eventually(async () => expect(nodeAt(await system.tree(), ref.path)?.mailboxDepth).toBe(0))
    await system.kill(ref)
  }
})
