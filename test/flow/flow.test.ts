import { Batcher, CircuitBreaker, Debouncer, pipelineOf, StateMachine } from '@troupe/actors'
import { afterEach, expect, test, vi } from 'vitest'
import { collect, range, rejection, startSystem } from '../behaviour/scene.ts'

afterEach(() => vi.useRealTimers())

test('CircuitBreaker: it opens after so many failures in a row, lets one try later, and closes when that succeeds', async () => {
  let now = 0
  const changes: string[] = []
  const breaker = new CircuitBreaker({ name: 'bank', failures: 2, openMs: 100, nowMs: () => now, onChange: (state) => changes.push(state) })
  const fail = () => rejection(breaker.call(() => Promise.reject(new Error('down'))))
  await fail()
  expect(await breaker.call(() => 1)).toBe(1)
  await fail()
  await fail()
  expect(await rejection(breaker.call(() => 1))).toMatchObject({ code: 'TROUPE_CIRCUIT_OPEN' })
  now = 100
  const trying = fail()
  expect(await rejection(breaker.call(() => 1))).toMatchObject({ code: 'TROUPE_CIRCUIT_OPEN' })
  await trying
  now = 200
  expect(await breaker.call(() => 2)).toBe(2)
  expect(changes).toEqual(['open', 'half-open', 'open', 'half-open', 'closed'])
})

test('CircuitBreaker: errors that are no failures do not count', async () => {
  const breaker = new CircuitBreaker({ name: 'bank', failures: 1, isFailure: (error) => !(error instanceof RangeError) })
  await rejection(
    breaker.call(() => {
      throw new RangeError('yours')
    }),
  )
  expect(breaker.state).toBe('closed')
})

test('Batcher: a batch goes when it is full or old enough, and each item gets its own result', async () => {
  vi.useFakeTimers()
  const batches: number[][] = []
  const batcher = new Batcher<number, string>(
    (items) => {
      batches.push([...items])
      return items.map((n) => `${n}!`)
    },
    { size: 3, waitMs: 50 },
  )
  const all = Promise.all(range(4).map((n) => batcher.add(n)))
  await vi.advanceTimersByTimeAsync(49)
  expect(batches.length).toBeLessThanOrEqual(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(await all).toEqual(['0!', '1!', '2!', '3!'])
  expect(batches).toEqual([[0, 1, 2], [3]])
})

test('Batcher: all who flush at the same time are told when it is done', async () => {
  let finish: () => void = () => undefined
  const batcher = new Batcher<number>(() => new Promise<void>((resolve) => (finish = resolve)))
  const added = batcher.add(1)
  const flushed = Promise.all([batcher.flush(), batcher.flush()])
  finish()
  await Promise.all([added, flushed])
})

test('Batcher: a batch that fails rejects its items and no others; flush settles all', async () => {
  let isDown = true
  const batcher = new Batcher<number>(
    async () => {
      if (isDown) throw new Error('down')
    },
    { waitMs: 60_000 },
  )
  const failed = rejection(batcher.add(1))
  await batcher.flush()
  expect(await failed).toEqual(new Error('down'))
  isDown = false
  const fine = batcher.add(2)
  await batcher.flush()
  expect(await fine).toBeUndefined()
})

test('Batcher: results that are fewer or more than the items are nobody’s: all of the batch reject', async () => {
  for (const results of [[], ['a', 'b', 'c'], 'ab']) {
    const batcher = new Batcher<number, string>(() => results as string[], { size: 2 })
    const all = await Promise.allSettled([batcher.add(1), batcher.add(2)])
    expect(all.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : one.value))).toEqual(
      range(2).map(() => expect.stringMatching(/^Batcher: for 2 items the work gave (0 results|3 results|ab), and must give one/)),
    )
  }
})

test('Debouncer: of calls that follow each other the last counts, and one in any case after maxMs', () => {
  vi.useFakeTimers()
  const seen: string[] = []
  const debouncer = new Debouncer<number>((key, value) => seen.push(`${key}${value}`), { quietMs: 10, maxMs: 25 })
  for (const n of range(6)) {
    debouncer.call('a', n)
    vi.advanceTimersByTime(6)
  }
  expect(seen).toEqual(['a4'])
  debouncer.call('b', 1)
  vi.advanceTimersByTime(10)
  expect(seen).toEqual(['a4', 'a5', 'b1'])
  debouncer.call('c', 1)
  debouncer.call('d', 1)
  expect(debouncer.cancel('c')).toBe(true)
  debouncer.flush()
  expect(seen.at(-1)).toBe('d1')
})

type Events = { coin: number; push: undefined; kick: undefined }

test('StateMachine: a postponed event that means nothing in the next state takes none of those behind it with it', () => {
  const log: string[] = []
  const door = new StateMachine<'locked' | 'open', { turn: undefined; knock: undefined; kick: undefined }>({
    initial: 'locked',
    states: {
      locked: { on: { turn: 'open' }, postpone: ['knock', 'kick'] },
      open: { on: { kick: () => void log.push('kicked') } },
    },
  })
  for (const event of ['knock', 'kick'] as const) door.send(event)
  expect(() => door.send('turn')).toThrow('in the state "open" there is no event "knock"')
  expect([door.state, log]).toEqual(['open', ['kicked']])
})

test('StateMachine: events lead from state to state, with entry and exit, time-outs and postponed events', () => {
  vi.useFakeTimers()
  const log: string[] = []
  const door = new StateMachine<'locked' | 'open', Events>({
    initial: 'locked',
    states: {
      locked: { on: { coin: (n) => (n >= 2 ? 'open' : undefined) }, postpone: ['kick'], entry: () => log.push('locks') },
      open: {
        on: { push: 'locked', kick: () => void log.push('kicked') },
        exit: () => log.push('closes'),
        timeout: { afterMs: 100, to: 'locked' },
      },
    },
  })
  expect([door.send('coin', 1), door.send('kick'), door.send('coin', 2)]).toEqual(['locked', 'locked', 'open'])
  expect(() => door.send('coin', 1)).toThrow('in the state "open" there is no event "coin"')
  expect(door.send('push')).toBe('locked')
  door.send('coin', 5)
  vi.advanceTimersByTime(100)
  expect(door.state).toBe('locked')
  expect(log).toEqual(['locks', 'kicked', 'closes', 'locks', 'closes', 'locks'])
  door.end()
})

test('Pipeline: results come in order, what fails is tried again and then a dead letter', async () => {
  const system = await startSystem()
  const results: number[] = []
  const dead: string[] = []
  const pipeline = pipelineOf((text: string) => JSON.parse(text) as number, { threads: 2 })
    .to(
      async (n) => {
        if (n === 3) throw new RangeError('three')
        await new Promise((resolve) => setTimeout(resolve, n === 1 ? 30 : 0))
        return n * 10
      },
      { threads: 2, retries: 1 },
    )
    .start(system, {
      onResult: (n) => void results.push(n),
      onDeadLetter: (item, stage, error) => dead.push(`${item} in ${stage}: ${(error as Error).message}`),
    })
  for (const text of ['1', '2', '3', '4']) await pipeline.put(text)
  await pipeline.end()
  expect(results).toEqual([10, 20, 40])
  expect(dead).toEqual(['3 in 2: three'])
  expect(await rejection(pipeline.put('5'))).toMatchObject({ code: 'TROUPE_EXECUTOR_REFUSED' })
})

test('Pipeline: a slow stage slows who puts; whatever dies on the way, each item ends in a result or a dead letter', async () => {
  const system = await startSystem({ intensity: { restarts: 100, withinMs: 1_000 } })
  const started = collect(system, 'started')
  const [results, dead]: [number[], number[]] = [[], []]
  const pipeline = pipelineOf((n: number) => n, { queueMax: 2, retries: 20 })
    .to(
      async (n) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        return n
      },
      { queueMax: 2, retries: 20, threads: 2 },
    )
    .start(system, { isOrdered: false, onResult: (n) => void results.push(n), onDeadLetter: (n) => void dead.push(n) })
  const killer = setInterval(() => {
    const { path } = started[Math.floor(Math.random() * started.length)] ?? {}
    if (path !== undefined)
      void system
        .lookup(path)
        .then((ref) => ref && system.kill(ref))
        .catch(() => undefined)
  }, 25)
  for (const n of range(300)) await pipeline.put(n)
  clearInterval(killer)
  await pipeline.end()
  expect([...results, ...dead].sort((a, b) => a - b)).toEqual(range(300))
})
