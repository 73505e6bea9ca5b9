import { type ActorRef, MessageTooLargeError, NotSendableError, RemoteError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Thrower } from '../actors/thrower.ts'
import { rejection, startSystem, thrown } from './scene.ts'

type ThrowerRef = ActorRef<Thrower>

async function thrower(limits = {}): Promise<ThrowerRef> {
  const system = await startSystem({ limits })
  return system.spawn(Thrower)
}

test('errors: class, message, stack and the chain of causes arrive', async () => {
  const ref = await thrower()
  const error = await rejection(ref.ask.typeError())
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toBe('a TypeError')
  expect(error.stack).toMatch(/^TypeError: a TypeError\n\s+at Thrower\.typeError/)
  expect(error.cause).toBeInstanceOf(RangeError)
  expect((error.cause as Error).cause).toBe('the cause of that')
})

test('errors: those of the runtime and of Node keep class, code and fields', async () => {
  const ref = await thrower()
  const ours = await rejection(ref.ask.ofTheRuntime())
  expect(ours).toBeInstanceOf(NotSendableError)
  expect(ours).toMatchObject({ name: 'NotSendableError', code: 'TROUPE_NOT_SENDABLE', path: 'args[0]' })
  const nodes = await rejection(ref.ask.fromNode())
  expect(nodes).toBeInstanceOf(TypeError)
  expect(nodes).toMatchObject({ code: 'ERR_WORKER_UNSUPPORTED_OPERATION' })
  const aborted = await rejection(ref.ask.aborted())
  expect(aborted).toBeInstanceOf(DOMException)
  expect(aborted.name).toBe('AbortError')
})

test('errors: an unknown class arrives as a RemoteError with name, code, stack and fields', async () => {
  const ref = await thrower()
  const error = await rejection(ref.ask.overdrawn())
  expect(error).toBeInstanceOf(RemoteError)
  expect(error).toMatchObject({ name: 'Overdrawn', code: 'OVERDRAWN', message: '12 missing', fields: { missing: 12 } })
  expect(error.stack).toContain('Thrower.overdrawn')
})

test('errors: an AggregateError brings its errors', async () => {
  const ref = await thrower()
  const error = (await rejection(ref.ask.aggregate())) as AggregateError
  expect(error).toBeInstanceOf(AggregateError)
  expect(error.errors.map(({ name, message }: Error) => [name, message])).toEqual([
    ['TypeError', 'one'],
    ['Overdrawn', 'two'],
  ])
})

test('errors: what is thrown and is no error arrives as what it is, or as a text', async () => {
  const ref = await thrower()
  expect(await rejection(ref.ask.string())).toBe('only a string')
  expect(await rejection(ref.ask.nothing())).toBe(null)
  expect(await rejection(ref.ask.plainObject())).toEqual({ code: 5, why: ['plain'] })
  expect((await rejection(ref.ask.aFunction())).message).toBe('something was thrown that cannot be sent: a function')
  expect(await rejection(ref.ask.thenable())).toMatchObject({ then: expect.stringContaining('function') })
  expect(await rejection(ref.ask.typeError())).toBeInstanceOf(TypeError)
})

test('errors: parts that cannot be sent, a cycle and a huge text do not keep an error from arriving', async () => {
  const ref = await thrower({ messageBytesMax: 1_000_000 })
  const partly = await rejection(ref.ask.withFunction())
  expect(partly).toBeInstanceOf(RangeError)
  expect(partly).toMatchObject({ message: 'has a function', count: 2 })
  const cyclic = await rejection(ref.ask.cyclic())
  expect(cyclic.cause).toBe(cyclic)
  const huge = await rejection(ref.ask.huge())
  expect(huge.name).toBe('RangeError')
  expect(huge.message.length).toBeGreaterThan(1_000)
  expect(huge.message.length).toBeLessThan(1_000_000)
})

test('G8: a result that cannot be sent, or is too large, is an error for the asker', async () => {
  const ref = await thrower({ messageBytesMax: 100_000 })
  const error = await rejection(ref.ask.notSendable())
  expect(error).toBeInstanceOf(NotSendableError)
  expect(error.message).toContain('the result.deep[0] cannot be sent')
  expect(await rejection(ref.ask.tooLarge(100_001))).toBeInstanceOf(MessageTooLargeError)
  expect(await ref.ask.tooLarge(90_000)).toHaveLength(90_000)
})

test('G8: the stack of an error goes on with that of its caller: who threw, the ask, who awaits it', async () => {
  const ref = await thrower()
  async function innerCaller(): Promise<void> {
    await ref.ask.typeError()
  }
  async function outerCaller(): Promise<void> {
    await innerCaller()
  }
  const error = await rejection(outerCaller())
  expect(error.stack).toMatch(
    /^TypeError: a TypeError\n\s+at Thrower\.typeError[\s\S]*\n\s+at ask \/user\/\S+\.typeError\(\)\n\s+at (async )?innerCaller.*\n\s+at (async )?outerCaller/,
  )
  async function latecomer(): Promise<void> {
    await ref.ask({ timeoutMs: 20 }).never()
  }
  expect((await rejection(latecomer())).stack).toMatch(/^AskTimeoutError[\s\S]*at ask \/user\/\S+\.never\(\)\n\s+at (async )?latecomer/)
})

test('G8: and so does that of an error to somebody who blocks', async () => {
  const ref = await thrower()
  function blockedCaller(): unknown {
    return ref.askSync.typeError()
  }
  const error = thrown(blockedCaller)
  expect(error.stack).toMatch(/at Thrower\.typeError[\s\S]*\n\s+at ask \/user\/\S+\.typeError\(\)\n[\s\S]*at blockedCaller/)
})
