import { functionsIn, NotPortableError, ParError, par, range } from '@troupe/actors'
import { ActorDownError, availableCores } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { defaultThreads, threadsFor } from '../../packages/actors/src/parallel/default-threads.ts'
import { Mapper } from '../actors/mapper.ts'
import { eventually, rejection, startSystem } from '../behaviour/scene.ts'

/** So that isolates do it, however little there is to do. */
const THERE = { hereMs: 0, threads: 2 }

test('par: map, filter, forEach and reduce give what an array gives, here and in isolates', async () => {
  const system = await startSystem()
  const items = Array.from({ length: 1_000 }, (_, i) => i * 3)
  for (const options of [
    { system, threads: 2 },
    { system, ...THERE },
  ]) {
    const each = par(items, options)
    expect(await each.map((n, i) => ({ n, i }))).toEqual(items.map((n, i) => ({ n, i })))
    expect(await each.filter((n) => n % 2 === 0)).toEqual(items.filter((n) => n % 2 === 0))
    expect(await each.reduce((sum, n) => sum + n, 0)).toBe(items.reduce((sum, n) => sum + n, 0))
    expect(
      await each.reduce<string[]>(
        (texts, n) => (n % 100 === 0 ? [...texts, String(n)] : texts),
        [],
        (a, b) => [...a, ...b],
      ),
    ).toEqual(items.filter((n) => n % 100 === 0).map(String))
    expect(await each.forEach((n) => void n)).toBeUndefined()
    expect(await par([] as number[], options).map((n) => n)).toEqual([])
  }
})

test('par: ranges, typed arrays, iterables and asynchronous iterables, with results in order', async () => {
  const system = await startSystem()
  const options = { system, ...THERE }
  expect(await par(range(5, 3_000), options).filter((n) => n % 500 === 0)).toEqual([500, 1_000, 1_500, 2_000, 2_500])
  expect(await par(new Int32Array([3, 1, 2]), options).map((n) => n * 2)).toEqual(new Int32Array([6, 2, 4]))
  expect(await par(new Set(['a', 'b']), options).map((text, i) => `${text}${i}`)).toEqual(['a0', 'b1'])
  async function* letters() {
    for (const letter of 'abcdef') yield letter
  }
  expect(await par(letters(), options).filter((letter) => letter > 'c')).toEqual(['d', 'e', 'f'])
  expect(await par(letters(), options).map(async (letter) => letter.toUpperCase())).toEqual([...'ABCDEF'])
})

test('par: a typed array in shared memory is read in place, and its results are written in place', async () => {
  const system = await startSystem()
  const items = new Float64Array(new SharedArrayBuffer(8 * 20_000))
  for (let i = 0; i < items.length; i++) items[i] = i
  for (const options of [{ system }, { system, ...THERE }]) {
    const results = (await par(items, options).map((n, i) => n * 2 + i)) as unknown as Float64Array
    expect(results.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(results).toEqual(items.map((n) => n * 3))
    expect(await par(items, options).reduce((sum, n) => sum + n, 0)).toBe((19_999 * 20_000) / 2)
    expect(await par(items, options).filter((n) => n > 19_997)).toEqual([19_998, 19_999])
  }
})

test('par: an iterable is read as its items are worked at, and is ended when the work is', async () => {
  const system = await startSystem()
  let read = 0
  let isEnded = false
  function* endless() {
    try {
      for (;;) yield read++
    } finally {
      isEnded = true
    }
  }
  const failed = rejection(
    par(endless(), { system, ...THERE }).forEach((n) => {
      if (n === 40) throw new RangeError('enough')
    }),
  )
  expect(await failed).toMatchObject({ code: 'TROUPE_PAR', index: 40, cause: new RangeError('enough') })
  await expect.poll(() => isEnded).toBe(true)
  expect(read).toBeLessThan(200_000)
})

test('par: it works on here as long as no isolates are there', async () => {
  let starts = 0
  const home = {
    spawn: () => {
      starts++
      return new Promise<never>(() => {})
    },
    supervisor: (): never => {
      throw new Error('nothing was started')
    },
  }
  const busy = (n: number) => {
    for (const until = performance.now() + 1; performance.now() < until; );
    return n
  }
  const items = Array.from({ length: 100 }, (_, i) => i)
  expect(await par(items, { system: home, threads: 2 }).map(busy)).toEqual(items)
  expect(starts).toBe(2)
  // Another one does not take those for started that are not.
  expect(await par(items.slice(0, 50), { system: home, threads: 2 }).map(busy)).toEqual(items.slice(0, 50))
})

test('par: by itself it takes as many isolates as the process may use processors', () => {
  expect([0.25, 1, 1.5, 4].map(threadsFor)).toEqual([1, 1, 2, 4])
  expect(defaultThreads()).toBe(threadsFor(availableCores()))
})

test('par: functions of a module are loaded in isolates only, TypeScript too', async () => {
  const system = await startSystem()
  const { toMs, later } = functionsIn<typeof import('./functions.ts')>(new URL('./functions.ts', import.meta.url))
  expect(await par([1, 2, 3], { system }).map(toMs)).toEqual([1_000, 2_000, 3_000])
  expect(await par(['a', 'b'], { system }).map(later)).toEqual(['a!', 'b!'])
  const missing = functionsIn<{ missing(n: number): number }>(new URL('./functions.ts', import.meta.url)).missing
  expect((await rejection(par([1], { system }).map(missing))).message).toContain('exports no function of that name')
})

test('par: captured variables are refused with their names, wherever it would have run', async () => {
  const factor = 2
  const here = async (fn: (n: number) => unknown) => rejection(Promise.resolve().then(() => par([1]).map(fn)))
  expect(await here((n) => n * factor)).toMatchObject({ code: 'TROUPE_NOT_PORTABLE', captured: ['factor'] })
  expect((await here(Math.sqrt)).message).toContain('native or bound')
  expect((await here({ twice: (n: number) => n * factor }.twice)).message).toContain('functionsIn(new URL')
  expect(
    (
      await here(
        {
          method(n: number) {
            return n
          },
        }.method,
      )
    ).message,
  ).toContain('Wrap it')
  expect(await here(class {} as never)).toBeInstanceOf(NotPortableError)
  const beside = new Function('return async (n) => (await import("./twice.js")).twice(n)')() as (n: number) => unknown
  expect((await here(beside)).message).toContain('it imports ./twice.js, which would be looked for beside another file there.')
  expect(await par([1]).map((n) => [n].map((m) => Math.max(m, 2))[0])).toEqual([2])
})

test('par: an item that fails is named by its index, here and in isolates', async () => {
  const system = await startSystem()
  for (const options of [{ system }, { system, ...THERE }]) {
    const error = await rejection(
      par(['1', '2', 'x'], options).map((text) => {
        if (text === 'x') throw new TypeError('not a number')
        return text
      }),
    )
    expect(error).toBeInstanceOf(ParError)
    expect(error).toMatchObject({ index: 2, message: 'item 2: TypeError: not a number', cause: new TypeError('not a number') })
  }
})

test('par: an isolate that dies with its items rejects it with the reason, and the next par has another', async () => {
  const system = await startSystem()
  const error = await rejection(par([1], { system, ...THERE }).map(() => process.exit(3)))
  expect(error).toMatchObject({ code: 'TROUPE_PAR', index: 0 })
  expect(error.cause).toBeInstanceOf(ActorDownError)
  expect(await par([1, 2], { system, ...THERE }).map((n) => n + 1)).toEqual([2, 3])
})

test('par: the isolates that an actor has taken for a par, or an executor, end with it', async () => {
  const system = await startSystem()
  for (const work of ['map', 'submit'] as const) {
    const mapper = await system.spawn(Mapper, { name: work, restart: 'temporary' })
    const working = rejection(mapper.ask({ timeoutMs: 60_000 })[work]())
    const isolates = async () => (await system.inspect()).filter(({ path }) => path.startsWith(`${mapper.path}/`)).length
    await eventually(async () => expect(await isolates()).toBe(work === 'map' ? 2 : 1))
    await system.kill(mapper)
    expect(await working).toMatchObject({ code: 'TROUPE_ACTOR_DOWN' })
    await eventually(async () => expect(await isolates()).toBe(0))
  }
})

test('par: a signal ends it with its reason, and items that were not begun are not', async () => {
  const system = await startSystem()
  const stop = new AbortController()
  let last = 0
  const run = par(range(100_000_000), {
    system,
    ...THERE,
    signal: stop.signal,
    onProgress: (done) => {
      last = done
      stop.abort(new Error('no longer wanted'))
    },
  }).forEach((n) => void Math.sqrt(n))
  expect((await rejection(run)).message).toBe('no longer wanted')
  expect(last).toBeLessThan(100_000_000)
  expect((await rejection(par([1], { signal: stop.signal }).map((n) => n))).message).toBe('no longer wanted')
})

test('par: progress comes with the number of items that are done, up to all of them', async () => {
  const seen: (number | undefined)[][] = []
  await par([1, 2, 3], { onProgress: (...args) => seen.push(args) }).map((n) => n)
  expect(seen.at(-1)).toEqual([3, 3])
})

test('par: without a system it has one of its own, which ends by itself', async () => {
  const threads = await par(range(10), { hereMs: 0, threads: 2 }).map(async () => (await import('node:worker_threads')).threadId)
  const { threadId } = await import('node:worker_threads')
  expect(threads).not.toContain(threadId)
})
