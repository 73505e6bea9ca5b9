import {
  type ActorRef,
  ActorStoppedError,
  AskAbortedError,
  AskTimeoutError,
  BudgetExceededError,
  MailboxFullError,
  MessageTooLargeError,
  NotSendableError,
  type SystemLimits,
} from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Relay } from '../actors/relay.ts'
import { begunIn, Scribe } from '../actors/scribe.ts'
import { Victim } from '../actors/victim.ts'
import { collect, eventually, nodeAt, range, rejection, startSystem, temporaryFile, thrown } from './scene.ts'

/** An actor in the middle of a handler that ends when the gate opens; what it begins is on file. */
async function heldScribe(limits: Partial<SystemLimits>) {
  const system = await startSystem({ limits })
  const path = temporaryFile('begun')
  const gate = await system.spawn(Gate)
  const ref = await system.spawn(Scribe, { name: 'scribe', args: [path] })
  ref.tell.hold(gate)
  await eventually(async () => expect(await gate.ask.arrived()).toBe(1))
  return { system, gate, ref, path, letters: collect(system, 'deadLetter') }
}

/** Tells 0, 1, 2 … until one is refused; how many were accepted. */
function tellUntilRefused(ref: ActorRef<Scribe>, filler = ''): number {
  let n = 0
  while (ref.tell.take(n, filler)) n++
  return n
}

const FILLER = 'x'.repeat(3_000)
const LARGE_FILLER = 'x'.repeat(5_000)

test('G14: a mailbox is full by count: tell says false and a DeadLetter, ask rejects, and other senders have room', async () => {
  const { system, gate, ref, path, letters } = await heldScribe({ laneMessagesMax: 10 })
  // The one in progress counts.
  expect(tellUntilRefused(ref)).toBe(9)
  const refused = await rejection(ref.ask.take(10))
  expect(refused).toBeInstanceOf(MailboxFullError)
  expect(refused.message).toContain('/user/scribe.take(): the mailbox is full for this sender')
  await eventually(() => expect(letters).toHaveLength(1))
  expect(letters[0]).toMatchObject({ to: '/user/scribe', from: '(host)', method: 'take', args: [9, ''], why: 'full', reason: undefined })
  const relay = await system.spawn(Relay)
  const echoed = relay.ask.askAnswer(ref, 77)
  gate.tell.open()
  expect(await echoed).toEqual([77, 1])
  await eventually(() => expect(begunIn(path).sort((a, b) => a - b)).toEqual([...range(9), 77]))
  expect(tellUntilRefused(ref)).toBeGreaterThan(0)
})

test('G14: a mailbox is full by bytes', async () => {
  const { gate, ref, path, letters } = await heldScribe({ laneBytesMax: 128 * 1024 })
  const accepted = tellUntilRefused(ref, FILLER)
  expect(accepted).toBeGreaterThan(20)
  expect(accepted).toBeLessThan(44)
  await eventually(() => expect(letters).toMatchObject([{ why: 'full' }]))
  gate.tell.open()
  await eventually(() => expect(begunIn(path)).toEqual(range(accepted)))
})

const SMALL_BUDGET = { arenaBytesMax: 4 * 1024 * 1024, laneBytesMax: 64 * 1024 * 1024 }

test('G14: the budget of the whole system has its own error, and replies have a reserve', async () => {
  const { system, gate, ref, path, letters } = await heldScribe(SMALL_BUDGET)
  const other = await system.spawn(Victim, { name: 'other' })
  // Its lane to us, for the answer, is not there yet.
  other.tell.note('opens the lane to it')
  await eventually(async () => expect(nodeAt(await system.tree(), '/user/other')).toMatchObject({ mailboxDepth: 0 }))
  // Each takes a block of its own, so that none is left.
  const accepted = tellUntilRefused(ref, LARGE_FILLER)
  expect(accepted).toBeGreaterThan(200)
  await eventually(() => expect(letters).toMatchObject([{ why: 'budget' }]))
  const error = await rejection(ref.ask.take(0, LARGE_FILLER))
  expect(error).toBeInstanceOf(BudgetExceededError)
  expect(error.message).toContain('limits.arenaBytesMax')
  // A lane that is open has a little room, and an answer finds its way.
  expect(await other.ask.echo('meanwhile')).toBe('meanwhile')
  gate.tell.open()
  await eventually(() => expect(begunIn(path)).toEqual(range(accepted)))
  expect(await ref.ask.echo('afterwards')).toBe('afterwards')
})

test('G14: a budget that was used up is there again when the messages are done', async () => {
  const { system, gate, ref, path } = await heldScribe(SMALL_BUDGET)
  const first = tellUntilRefused(ref, FILLER)
  gate.tell.open()
  await eventually(() => expect(begunIn(path)).toHaveLength(first))
  const [gateTwo, second] = [await system.spawn(Gate), await system.spawn(Scribe, { args: [temporaryFile('second')] })]
  second.tell.hold(gateTwo)
  // The lane to the first keeps the last ring that it has grown to, and no more.
  await eventually(() => {
    ref.tell.echo('sending gives back what was read')
    expect(tellUntilRefused(second, FILLER)).toBeGreaterThan(first / 4)
  })
  gateTwo.tell.open()
})

test('G14: what actors held is given back when they have ended, full mailboxes and large messages included', async () => {
  // Little more than one round needs.
  const system = await startSystem({ limits: { arenaBytesMax: 2 * 1024 * 1024, actorsMax: 8 } })
  const relay = await system.spawn(Relay)
  for (const round of range(25)) {
    const victim = await system.spawn(Victim)
    const large = new Uint8Array(100_000)
    expect(await relay.ask.echoThrough(victim, large), `round ${round}`).toHaveLength(100_000)
    expect(await victim.ask.echo(large)).toHaveLength(100_000)
    victim.tell.hang()
    for (const _ of range(150)) expect(victim.tell.note(FILLER), `round ${round}`).toBe(true)
    await system.kill(victim)
    victim.tell.hang()
    const stopped = system.stopActor(victim)
    await system.kill(victim)
    await stopped
  }
})

test('G1: what is too large throws before a byte is written, and what is just small enough arrives', async () => {
  const system = await startSystem({ limits: { messageBytesMax: 100_000 } })
  const ref = await system.spawn(Victim)
  const letters = collect(system, 'deadLetter')
  const tooLarge = 'x'.repeat(100_001)
  expect(thrown(() => ref.tell.echo(tooLarge))).toBeInstanceOf(MessageTooLargeError)
  expect(await rejection(ref.ask.echo(tooLarge))).toBeInstanceOf(MessageTooLargeError)
  expect(await rejection(ref.tell({ whenFull: 'wait' }).echo(tooLarge))).toBeInstanceOf(MessageTooLargeError)
  expect(thrown(() => ref.tell.echo('x'.repeat(200_000_000))).message).toContain('at most 100000 are allowed')
  const fits = 'y'.repeat(99_900)
  expect(await ref.ask.echo(fits)).toBe(fits)
  expect(letters).toEqual([])
})

test('G1: a message larger than a mailbox is accepted when nothing else waits in it', async () => {
  const system = await startSystem({ limits: { laneBytesMax: 64 * 1024 } })
  const ref = await system.spawn(Victim)
  const large = new Uint8Array(5_000_000).map((_, i) => i)
  // A reply may be here an instant before its message is done: what comes next finds room all the same (G14).
  for (const _ of range(20)) expect(Buffer.compare((await ref.ask.echo(large)) as Uint8Array, large)).toBe(0)
})

class Money {
  readonly cents = 5
}

const hostile = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('the trap of a Proxy')
    },
  },
)

test.for<[path: string, value: unknown]>([
  ['args[0].user.seen', { user: { seen: new WeakSet() } }],
  ['args[0][1]', [1, Symbol('s')]],
  ['args[0].price', { price: new Money() }],
  ['args[0].signal', { signal: AbortSignal.abort() }],
  ['args[0]', new SharedArrayBuffer(8)],
  ['args[0].port', { port: new MessageChannel().port1 }],
  ['args[0]', Promise.resolve(1)],
  ['args[0].deep', { deep: hostile }],
  ['args[0]', new WeakMap()],
])('G1: what cannot be sent throws with its path (%s)', async ([path, value]) => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const error = thrown(() => ref.tell.note(value))
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error).toMatchObject({ path })
  expect(await rejection(ref.ask.echo(value))).toMatchObject({ path })
  expect(await ref.ask.echo('fine')).toBe('fine')
})

test('G1: values that are odd arrive as they are, or are refused, and nothing breaks', async () => {
  const system = await startSystem()
  const ref = await system.spawn(Victim)
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const back = (await ref.ask.echo(cyclic)) as typeof cyclic
  expect(back.self).toBe(back)
  const slice = Buffer.from('neighbours').subarray(0, 2)
  const received = (await ref.ask.echo(slice)) as Uint8Array
  expect([received.length, received.buffer.byteLength]).toEqual([2, 2])
  const detached = new ArrayBuffer(8)
  structuredClone(detached, { transfer: [detached] })
  expect(await rejection(ref.ask.echo(detached))).toBeInstanceOf(NotSendableError)
  let deep: unknown = 0
  for (let i = 0; i < 200_000; i++) deep = [deep]
  expect((await rejection(ref.ask.echo(deep))).message).toContain('it is nested')
  const odd = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3, "hasOwnProperty": 4, "": 5}') as object
  expect(Object.entries((await ref.ask.echo(odd)) as object)).toEqual(Object.entries(odd))
  expect(await ref.ask.echo(['\uD800', '\u0000', -0, Number.NaN, 2 ** 53 + 2, -(2n ** 63n)])).toEqual([
    '\uD800',
    '\u0000',
    -0,
    Number.NaN,
    2 ** 53 + 2,
    -(2n ** 63n),
  ])
})

test('G14: a sender can wait for room: true when there was some, false at its deadline', async () => {
  const { gate, ref, path, letters } = await heldScribe({ laneMessagesMax: 10 })
  expect(tellUntilRefused(ref)).toBe(9)
  await eventually(() => expect(letters).toHaveLength(1))
  // Who says so has no use for a DeadLetter; an option that it has not is refused.
  expect(ref.tell({ whenFull: 'refuse' }).take(999)).toBe(false)
  expect(() => ref.tell({ whenFull: 'refuse', timeoutMs: 1 } as never)).toThrow('timeoutMs')
  // It would wait, or not: nobody has said which.
  for (const options of [{}, { timeoutMs: 1 }])
    expect(() => ref.tell(options as never)).toThrow("{ whenFull: 'wait' }, for timeoutMs at most")
  expect(await ref.tell({ whenFull: 'wait', timeoutMs: 20 }).take(1_000)).toBe(false)
  await eventually(() => expect(letters[1]).toMatchObject({ why: 'full', args: [1_000] }))
  expect(await rejection(ref.ask({ whenFull: 'wait', timeoutMs: 20 }).take(2_000))).toBeInstanceOf(AskTimeoutError)
  const abort = new AbortController()
  const aborted = rejection(ref.ask({ whenFull: 'wait', signal: abort.signal }).take(3_000))
  const waiting = ref.tell({ whenFull: 'wait' }).take(9)
  const asked = ref.ask({ whenFull: 'wait' }).echo('asked late')
  abort.abort()
  expect(await aborted).toBeInstanceOf(AskAbortedError)
  gate.tell.open()
  expect(await waiting).toBe(true)
  expect(await asked).toBe('asked late')
  await eventually(() => expect(begunIn(path)).toEqual(range(10)))
})

test('G14: who stands in line for room keeps a deadline and a signal of its own', async () => {
  const { gate, ref, path } = await heldScribe({ laneMessagesMax: 10 })
  expect(tellUntilRefused(ref)).toBe(9)
  const patient = ref.tell({ whenFull: 'wait', timeoutMs: Number.POSITIVE_INFINITY }).take(9)
  expect(await ref.tell({ whenFull: 'wait', timeoutMs: 20 }).take(1_000)).toBe(false)
  expect(await rejection(ref.ask({ whenFull: 'wait', timeoutMs: 20 }).take(2_000))).toBeInstanceOf(AskTimeoutError)
  const abort = new AbortController()
  const aborted = rejection(ref.ask({ whenFull: 'wait', signal: abort.signal }).take(3_000))
  abort.abort()
  expect(await aborted).toBeInstanceOf(AskAbortedError)
  gate.tell.open()
  expect(await patient).toBe(true)
  await eventually(() => expect(begunIn(path)).toEqual(range(10)))
})

test('G14: each tell that waits for room keeps its own arguments', async () => {
  const { gate, ref, path } = await heldScribe({ laneMessagesMax: 10 })
  const accepted = tellUntilRefused(ref)
  const waiting = range(50).map((i) => ref.tell({ whenFull: 'wait' }).take(accepted + i))
  gate.tell.open()
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
  await eventually(() => expect(begunIn(path).sort((a, b) => a - b)).toEqual(range(59)))
})

test('G3: tells that wait for room keep their order', async () => {
  const { gate, ref, path } = await heldScribe({ laneMessagesMax: 10 })
  const accepted = tellUntilRefused(ref)
  const waiting = range(2_000).map((i) => ref.tell({ whenFull: 'wait', timeoutMs: 30_000 }).take(accepted + i))
  gate.tell.open()
  await Promise.all(waiting)
  await eventually(() => expect(begunIn(path)).toHaveLength(2_009))
  expect(begunIn(path)).toEqual(range(2_009))
})

test('G14: who waits for room in a mailbox that ends is told', async () => {
  const { system, ref, letters } = await heldScribe({ laneMessagesMax: 10 })
  tellUntilRefused(ref)
  const told = ref.tell({ whenFull: 'wait' }).take(9)
  const asked = rejection(ref.ask({ whenFull: 'wait' }).take(9))
  const stopped = system.stopActor(ref)
  await system.kill(ref)
  await stopped
  // The kill makes room for one: whoever was accepted then becomes a dead letter with the others.
  const why = (await told) ? 'ended' : 'stopped'
  expect(await asked).toBeInstanceOf(ActorStoppedError)
  await eventually(() => expect(letters).toContainEqual(expect.objectContaining({ why, args: [9] })))
})

test('G1: after the end of an address tell says false with a DeadLetter, ask rejects: from the host and from an actor', async () => {
  const system = await startSystem()
  const [recorder, relay] = [await system.spawn(Recorder, { name: 'recorder' }), await system.spawn(Relay, { name: 'relay' })]
  recorder.tell.note(0)
  await relay.ask.flood(recorder, 1)
  await system.stopActor(recorder)
  const letters = collect(system, 'deadLetter')
  expect(recorder.tell.note('late')).toBe(false)
  expect(await rejection(recorder.ask.noted())).toBeInstanceOf(ActorStoppedError)
  expect(await relay.ask.flood(recorder, 2)).toBe(0)
  await eventually(() => expect(letters).toHaveLength(3))
  // Each sender's own come in order.
  const of = (sender: string): unknown[] => letters.filter(({ from }) => from === sender).map(({ why, args }) => [why, args])
  expect(of('(host)')).toEqual([['stopped', ['late']]])
  expect(of('/user/relay')).toEqual([
    ['stopped', [0]],
    ['stopped', [1]],
  ])
})

test('G1: a flood of dead letters from an actor is cut and counted', async () => {
  const system = await startSystem()
  const [recorder, relay] = [await system.spawn(Recorder), await system.spawn(Relay)]
  const [letters, dropped] = [collect(system, 'deadLetter'), collect(system, 'deadLettersDropped')]
  await system.stopActor(recorder)
  expect(await relay.ask.flood(recorder, 10_000)).toBe(0)
  await eventually(() => expect(letters.length + dropped.reduce((sum, { count }) => sum + count, 0)).toBe(10_000))
  expect(letters.length).toBeLessThan(10_000)
})

test('G1: while an address ends, each tell is begun, or a DeadLetter, or both when a kill was in between; never neither', async () => {
  // Fewer than the letters of one end that are published one by one.
  const system = await startSystem({ limits: { laneMessagesMax: 2_000 } })
  const letters = collect(system, 'deadLetter')
  for (const round of range(10)) {
    const path = temporaryFile('begun')
    letters.length = 0
    const ref = await system.spawn(Scribe, { args: [path], restart: 'temporary' })
    let isKilled = false
    const killed = system.kill(ref).then(() => (isKilled = true))
    const accepted: number[] = []
    const refused: number[] = []
    for (let n = 0; !isKilled || refused.length < 100; n++) {
      ;(ref.tell.take(n) ? accepted : refused).push(n)
      // The answer to the kill can only be heard between two turns.
      if (n % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
    }
    await killed
    const begun = begunIn(path)
    await eventually(() => expect(letters.length).toBeGreaterThanOrEqual(accepted.length - begun.length + refused.length))
    const dead = letters.map(({ args }) => args![0] as number)
    expect(new Set(dead).size, `round ${round}: no letter twice`).toBe(dead.length)
    expect(new Set([...begun, ...dead])).toEqual(new Set([...accepted, ...refused]))
    expect(begun, 'begun in order, none twice').toEqual(range(begun.length))
    const late = letters.filter(({ why }) => why === 'stopped' || why === 'full')
    expect(late.map(({ args }) => args![0])).toEqual(refused)
    expect(dead.filter((n) => n < begun.length).length).toBeLessThanOrEqual(1)
  }
})
