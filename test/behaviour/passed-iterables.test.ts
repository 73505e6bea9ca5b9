import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { Consumer, type Item } from '../actors/consumer.ts'
import { Recorder } from '../actors/recorder.ts'
import { eventually, isInline, range, rejection, startSystem, thrown } from './scene.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

/** Counts what is taken out of it, and how often its `finally` has run. */
class Source {
  given = 0
  left = 0

  async *numbers(to = Number.POSITIVE_INFINITY, bytes = 0): AsyncGenerator<{ n: number; pad: string }> {
    try {
      for (let n = 1; n <= to; n++) {
        this.given = n
        yield { n, pad: 'x'.repeat(bytes) }
      }
    } finally {
      this.left++
    }
  }

  /** Never comes to an end, nor to a second item. */
  async *one(): AsyncGenerator<{ n: number; pad: string }> {
    try {
      yield { n: 1, pad: '' }
      await new Promise(() => undefined)
    } finally {
      this.left++
    }
  }
}

async function scene() {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const consumer = await system.spawn(Consumer, { name: 'consumer', args: [recorder], shutdownMs: 'kill' })
  const noted = (what: string | RegExp) =>
    eventually(async () => {
      const notes = (await recorder.ask.noted()) as string[]
      expect(notes.find((note) => (typeof what === 'string' ? note === what : what.test(note)))).toBeDefined()
    })
  return { system, consumer, noted, source: new Source() }
}

test('Streams: an async iterable is consumed by the actor it is passed to, in order, small items and large ones', async () => {
  const { consumer, source } = await scene()
  expect(await consumer.ask.sum(source.numbers(10_000))).toBe(50_005_000)
  expect(await consumer.ask.sum(source.numbers(20, 100_000))).toBe(210)
  expect(await consumer.ask.sum(source.numbers(0))).toBe(0)
  expect(source.left).toBe(3)
  const byHand = { [Symbol.asyncIterator]: () => source.numbers(3) }
  expect(await consumer.ask.sum(byHand)).toBe(6)
  expect(await consumer.ask.sumOf({ from: source.numbers(2), and: [source.numbers(3)] })).toBe(9)
})

test('Streams: no more is taken out of a passed iterable than the consumer has room for', async () => {
  const { consumer, source } = await scene()
  expect(await consumer.ask.first(source.numbers(), 500)).toBe(125_250)
  expect(source.given).toBeLessThan(2_500)
  const large = new Source()
  expect(await consumer.ask.first(large.numbers(Number.POSITIVE_INFINITY, 100_000), 10)).toBe(55)
  expect(large.given).toBeLessThan(15)
  for (const { left } of [source, large]) await eventually(() => expect(left).toBe(1))
})

test('Streams: what a passed iterable throws, or gives that cannot be sent, comes after the items before it', async () => {
  const { consumer } = await scene()
  async function* failing() {
    yield { n: 1, pad: '' }
    yield { n: 2, pad: '' }
    throw new RangeError('no more')
  }
  expect(await consumer.ask.sumUntilError(failing())).toEqual([3, 'RangeError: no more'])
  async function* wrong() {
    yield { n: 5, pad: '' }
    yield { n: 6, pad: (() => 1) as unknown as string }
  }
  const [sum, text] = await consumer.ask.sumUntilError(wrong())
  expect(sum).toBe(5)
  expect(text).toContain('the item.pad cannot be sent (/user/consumer.sumUntilError(args[0]))')
})

test.for([
  ['abort', ['AskAbortedError']],
  ['time-out', ['AskTimeoutError', undefined]],
  ['kill', ['ActorDownError']],
] as const)('Streams: when the ask ends the iterable does, with its finally, and what waits for it hears so (%s)', async ([how, names]) => {
  const { system, consumer, noted } = await scene()
  const source = new Source()
  async function* until() {
    try {
      yield { n: 1, pad: '' }
      yield { n: 2, pad: '' }
      await new Promise((resolve) => setTimeout(resolve, 200))
      yield { n: 3, pad: '' }
      yield* source.numbers()
    } finally {
      source.left++
    }
  }
  const abort = new AbortController()
  const options = how === 'abort' ? { ...FOREVER, signal: abort.signal } : how === 'kill' ? FOREVER : { timeoutMs: 100 }
  // The consumer hears of the time-out at the same moment, and may answer just in time.
  const asked = consumer
    .ask(options)
    .note(until())
    .catch((error: Error) => error.name)
  await noted('2')
  if (how === 'abort') abort.abort()
  if (how === 'kill') await system.kill(consumer)
  expect(names).toContain(await asked)
  await eventually(() => expect(source.left).toBe(1))
  if (how !== 'kill') await noted(/^ended: (InvalidArgumentError|AskTimeoutError)$/)
  expect(await consumer.ask.sum(source.numbers(1))).toBe(1)
})

test('Streams: when the passer dies the consumer hears so', async () => {
  const { system, consumer, noted } = await scene()
  const passer = await system.spawn(Consumer)
  passer.tell.passOn(consumer)
  await noted('1')
  await system.kill(passer)
  await noted('ended: ActorDownError')
})

test('Streams: of 300 passed iterables, ended in every way, nothing is left', async () => {
  const { consumer } = await scene()
  const sources = range(300).map(() => new Source())
  await Promise.all(
    sources.map((source, i) => {
      if (i % 3 === 0) return consumer.ask(FOREVER).sum(source.numbers(100))
      if (i % 3 === 1) return consumer.ask(FOREVER).first(source.numbers(), 10)
      const abort = new AbortController()
      const asked = rejection(consumer.ask({ ...FOREVER, signal: abort.signal }).first(source.numbers(), 1e9))
      setTimeout(() => abort.abort(), 20)
      return asked
    }),
  )
  // One that was aborted before it was begun was never taken from.
  await eventually(() => expect(sources.filter(({ given, left }) => given > 0 && left !== 1)).toEqual([]))
})

test('Streams: a tell and an askSync take no iterable, and say what does', async () => {
  const { consumer, source } = await scene()
  const byHand = { [Symbol.asyncIterator]: () => source.numbers(3) }
  for (const items of [source.numbers(), byHand, Readable.from([]) as AsyncIterable<Item>]) {
    const refused = { code: 'TROUPE_NOT_SENDABLE', path: 'args[0]', message: expect.stringContaining('use ask') }
    expect(thrown(() => consumer.tell.sum(items as never))).toMatchObject(refused)
    expect(thrown(() => consumer.askSync.sum(items as never))).toMatchObject(isInline ? { code: 'TROUPE_DEADLOCK' } : refused)
  }
})

test('Streams: an iterable of which nothing was read is ended with its ask, in whatever way that ends', async () => {
  const { system, consumer } = await scene()
  const ended = await system.spawn(Consumer)
  await system.kill(ended)
  type Asked = (items: AsyncIterable<Item>) => Promise<unknown>
  const asks: Record<string, Asked> = {
    ignored: (items) => consumer.ask.ignore(items),
    thrown: (items) => consumer.ask.refuse(items),
    misspelt: (items) => (consumer.ask as unknown as Record<string, Asked>)['ignored']!(items),
    ended: (items) => ended.ask.ignore(items),
    unsendable: (items) => consumer.ask.sumOf({ from: items, and: [Symbol('no') as unknown as AsyncIterable<Item>] }),
  }
  for (const [how, ask] of Object.entries(asks)) {
    const file = createReadStream(import.meta.filename)
    const generator = new Source().numbers()
    const failing = {
      [Symbol.asyncIterator]: () => {
        throw new Error('it cannot be opened')
      },
    }
    for (const items of [file as AsyncIterable<unknown>, generator, failing])
      await ask(items as AsyncIterable<Item>).catch((error: Error) => expect(error.message).not.toContain('opened'))
    await eventually(() => expect(file.closed, how).toBe(true))
    expect(await generator.next(), how).toEqual({ value: undefined, done: true })
  }
})

test('Streams: an iterable that is read after its ask is called an iterable', async () => {
  const { consumer, source } = await scene()
  await consumer.ask.keep(source.numbers())
  expect((await rejection(consumer.ask.sumKept())).message).toContain('an iterable: it is ended, because')
})

test('passed iterables: a Readable that fails before it is read is its reader’s error, and not the end of the process', async () => {
  const { consumer } = await scene()
  const failing = new Readable({ read: () => undefined }) as AsyncIterable<Item> & Readable
  failing.destroy(new RangeError('no such file'))
  expect(await rejection(consumer.ask.sum(failing))).toEqual(new RangeError('no such file'))
  // Nobody reads this one at all: the ask has been called off.
  const unread = new Readable({ read: () => undefined }) as AsyncIterable<Item> & Readable
  const asked = rejection(consumer.ask({ signal: AbortSignal.timeout(1) }).sum(unread))
  unread.destroy(new RangeError('too late'))
  await asked
})
