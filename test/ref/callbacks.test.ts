import { expect, test } from 'vitest'
import { ActorDownError, MailboxFullError } from '../../packages/runtime/src/base/errors.ts'
import type { Codec } from '../../packages/runtime/src/codec/codec.ts'
import type { Encoded } from '../../packages/runtime/src/codec/encoded.ts'
import { type Envelope, REPLY, REPLY_ERROR } from '../../packages/runtime/src/mailbox/envelope.ts'
import type { PayloadReader } from '../../packages/runtime/src/mailbox/payload.ts'
import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import type { Asker } from '../../packages/runtime/src/ref/asides.ts'
import { Callbacks } from '../../packages/runtime/src/ref/callbacks.ts'
import { timeoutOf } from '../../packages/runtime/src/ref/outgoing.ts'
import { type PendingReply, pendingReply } from '../../packages/runtime/src/ref/pending-replies.ts'

const INCARNATION = 3
const CALLEE = { path: '/callee', seat: 5, generation: 1 }
const NOTHING: Encoded = { bytes: new Uint8Array(0), start: 0, end: 0 }

/** One thread's callbacks, with nothing but notes of what it says to others. */
function scene() {
  const said: { kind: number; seat: number; value: unknown }[] = []
  const pending = new Map<number, PendingReply>()
  const dead = new Set<number>()
  let value: unknown
  let last = 0
  const encode = (one: unknown): Encoded => {
    value = one
    return NOTHING
  }
  const codec = { decode: () => ['an argument'], encodeResult: encode, encodeError: encode, encodeArgs: encode } as unknown as Codec
  const callbacks = new Callbacks({
    codec: () => codec,
    payloads: { read: () => NOTHING } as unknown as PayloadReader,
    incarnation: INCARNATION,
    bind: (call) => call,
    pathOf: String,
    isAlive: ({ seat }) => !dead.has(seat),
    pendingReply: (to, method, timeoutMs, resolve, reject) =>
      pendingReply(to, method, timeoutMs ?? 1_000, 0, Number.POSITIVE_INFINITY, resolve, reject),
    expect(reply) {
      pending.set(++last, reply)
      return last
    },
    forget(correlation) {
      const reply = pending.get(correlation)
      pending.delete(correlation)
      reply?.onTaken?.()
      return reply
    },
    push: ({ seat }, kind) => {
      said.push({ kind, seat, value })
      return PUSHED
    },
  })
  return {
    callbacks,
    said,
    pending,
    dead,
    /** Somebody calls function `id`, believing it is of that incarnation. */
    calledBy(seat: number, id: number, epoch = INCARNATION): void {
      const lane = { lane: { sender: seat, senderGeneration: 1 }, done() {} } as LaneConsumer
      callbacks.take(lane, { method: id, correlation: 1, epoch, deadline: 1 } as Envelope)
    },
  }
}

test('callbacks: only who was passed a function may call it, of this incarnation, and as long as the ask is out', () => {
  const { callbacks, said, calledBy } = scene()
  const called: unknown[] = []
  callbacks.open({ to: CALLEE, method: 'visit' })
  const id = callbacks.toWire((what) => called.push(what))!
  const release = callbacks.close()!
  calledBy(CALLEE.seat, id)
  expect([called, said.at(-1)]).toEqual([['an argument'], { kind: REPLY, seat: CALLEE.seat, value: 1 }])
  calledBy(CALLEE.seat + 1, id)
  calledBy(CALLEE.seat, id, INCARNATION - 1)
  calledBy(CALLEE.seat, id + 1)
  release()
  calledBy(CALLEE.seat, id)
  expect(called).toHaveLength(1)
  // Its caller may hear of the death from the successor, before it looks for itself.
  expect(said[2]!.value).toBeInstanceOf(ActorDownError)
  expect(said.slice(1).map(({ kind }) => kind)).toEqual([REPLY_ERROR, REPLY_ERROR, REPLY_ERROR, REPLY_ERROR])
})

test('callbacks: outside of an ask nothing can be passed, and an ask within another one keeps its own', () => {
  const { callbacks, calledBy, said } = scene()
  expect(callbacks.toWire(() => 1)).toBeUndefined()
  callbacks.open({ to: CALLEE, method: 'visit' })
  const outer = callbacks.toWire(() => 'outer')!
  callbacks.open({ to: { ...CALLEE, seat: 6 }, method: 'visit' })
  const inner = callbacks.toWire(() => 'inner')!
  const releaseInner = callbacks.close()!
  const releaseOuter = callbacks.close()!
  releaseInner()
  calledBy(6, inner)
  calledBy(CALLEE.seat, outer)
  releaseOuter()
  calledBy(CALLEE.seat, outer)
  expect(said.map(({ kind }) => kind)).toEqual([REPLY_ERROR, REPLY, REPLY_ERROR])
  expect(callbacks.toWire(() => 1)).toBeUndefined()
})

test('callbacks: a thread has 1,024 calls out at most, and one that is answered makes room', async () => {
  const { callbacks, pending } = scene()
  const asker = { seat: 7, generation: 1, incarnation: 1 } as Asker
  callbacks.inProgress = () => ({ asker: () => asker, text: String })
  const call = callbacks.fromWire(1) as () => Promise<unknown>
  const calls = Array.from({ length: 1_024 }, () => call())
  const refused = call()
  expect(pending.size).toBe(1_024)
  await expect(refused).rejects.toBeInstanceOf(MailboxFullError)
  const [correlation, first] = [...pending][0]!
  pending.delete(correlation)
  first.onTaken!()
  first.resolve('done')
  expect(await calls[0]).toBe('done')
  void call()
  await expect(call()).rejects.toBeInstanceOf(MailboxFullError)
})

test('callbacks: when who passed a function has ended, each call that is out rejects, and so does the next one', async () => {
  const { callbacks, pending, dead } = scene()
  callbacks.inProgress = () => ({ asker: () => ({ seat: 7, generation: 1, incarnation: 1 }) as Asker, text: String })
  const call = callbacks.fromWire(1) as () => Promise<unknown>
  const [first, second] = [call(), call()]
  callbacks.lookAtCallers()
  expect(pending.size).toBe(2)
  dead.add(7)
  callbacks.lookAtCallers()
  expect(pending.size).toBe(0)
  await expect(first).rejects.toMatchObject({ name: ActorDownError.name })
  await expect(second).rejects.toMatchObject({ name: ActorDownError.name })
  await expect(call()).rejects.toMatchObject({ name: ActorDownError.name })
  expect(pending.size).toBe(0)
})

test('callbacks: an item of an iterable that is waited for is called so in texts', () => {
  const { callbacks, pending } = scene()
  callbacks.inProgress = () => ({ asker: () => ({ seat: 7, generation: 1, incarnation: 1 }) as Asker, text: () => '/user/store.rows()' })
  void callbacks.iterableFromWire(3)[Symbol.asyncIterator]().next()
  return Promise.resolve().then(() => {
    expect(timeoutOf(pending.get(1)!).message).toMatch(/^an item of the iterable that 7 passes to \/user\/store.rows\(\): no answer/)
  })
})
