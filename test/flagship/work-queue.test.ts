import { gather, type TakeOptions, WorkQueue } from '@troupe/actors'
import type { AnyRef } from '@troupe/runtime'
import { expect, test } from 'vitest'

/** An actor is a class: without an isolate it needs no more than what it reads of its context. */
function newQueue(capacity = 100): { queue: WorkQueue<string>; watched: string[] } {
  const queue = new WorkQueue<string>({ capacity })
  const watched: string[] = []
  Object.defineProperty(queue, 'context', { value: { incarnation: 1, watch: ({ path }: AnyRef) => watched.push(path) } })
  return { queue, watched }
}

const worker = (path: string) => ({ path }) as AnyRef
const items = (...ids: string[]) => ids.map((id) => ({ id, value: `value of ${id}` }))
const take = (options: Partial<TakeOptions> = {}): TakeOptions => ({ max: 10, leaseMs: 60_000, incarnation: 1, ...options })
const idsOf = (taken: readonly { readonly id: string }[]) => taken.map(({ id }) => id)

test('WorkQueue: items are handed out once, in the order in which they were put', () => {
  const { queue } = newQueue()
  expect(queue.put(items('a', 'b', 'c'))).toEqual({ accepted: 3, incarnation: 1 })
  expect(queue.take(worker('/w1'), take({ max: 2 }))).toEqual([
    { id: 'a', value: 'value of a', attempt: 1 },
    { id: 'b', value: 'value of b', attempt: 1 },
  ])
  expect(idsOf(queue.take(worker('/w2'), take()))).toEqual(['c'])
  expect(queue.take(worker('/w2'), take())).toEqual([])
  expect(queue.done(['a', 'c', 'unknown'])).toBe(2)
  expect(queue.stats()).toEqual({ waiting: 0, leased: 1, done: 2, capacity: 100, incarnation: 1 })
})

test('WorkQueue: a full queue accepts the first so many, and the rest is put again', () => {
  const { queue } = newQueue(2)
  expect(queue.put(items('a', 'b', 'c')).accepted).toBe(2)
  queue.take(worker('/w'), take({ max: 1 }))
  expect(queue.put(items('c')).accepted).toBe(1)
})

test('WorkQueue: a put may be repeated: an id that waits or is leased is there once', () => {
  const { queue } = newQueue()
  queue.put(items('a', 'b'))
  queue.take(worker('/w'), take({ max: 1 }))
  expect(queue.put(items('a', 'b')).accepted).toBe(2)
  expect(queue.stats()).toMatchObject({ waiting: 1, leased: 1 })
})

test('WorkQueue: what a dead incarnation held comes back with the first take of the next, as another attempt', () => {
  const { queue } = newQueue()
  queue.put(items('a', 'b', 'c'))
  queue.take(worker('/w'), take({ max: 2 }))
  queue.take(worker('/other'), take({ max: 1 }))
  expect(queue.take(worker('/w'), take({ incarnation: 1 }))).toEqual([])
  expect(queue.take(worker('/w'), take({ incarnation: 2 }))).toMatchObject([
    { id: 'a', attempt: 2 },
    { id: 'b', attempt: 2 },
  ])
  expect(queue.stats()).toMatchObject({ waiting: 0, leased: 3 })
})

test('WorkQueue: what a worker held comes back when its address ends', () => {
  const { queue, watched } = newQueue()
  queue.put(items('a'))
  queue.take(worker('/w'), take())
  queue.take(worker('/w'), take())
  expect(watched).toEqual(['/w'])
  queue.onSignal({ type: 'terminated', ref: worker('/w'), path: '/w', reason: { kind: 'killed' } })
  expect(idsOf(queue.take(worker('/w2'), take()))).toEqual(['a'])
})

test('WorkQueue: a lease that has run out comes back; done by the late one is done', () => {
  const { queue } = newQueue()
  queue.put(items('a'))
  queue.take(worker('/slow'), take({ leaseMs: Number.MIN_VALUE }))
  expect(queue.stats()).toMatchObject({ waiting: 1, leased: 0 })
  expect(queue.done(['a'])).toBe(1)
  expect(queue.take(worker('/w'), take())).toEqual([])
})

test('WorkQueue: a worker gives back only what it holds itself', () => {
  const { queue } = newQueue()
  queue.put(items('a', 'b'))
  queue.take(worker('/w1'), take({ max: 1 }))
  queue.giveBack(worker('/w2'), ['a'])
  expect(queue.stats()).toMatchObject({ waiting: 1, leased: 1 })
  queue.giveBack(worker('/w1'), ['a'])
  expect(queue.take(worker('/w2'), take())).toMatchObject([
    { id: 'b', attempt: 1 },
    { id: 'a', attempt: 2 },
  ])
})

function member(path: string, methods: Record<string, (...args: readonly unknown[]) => Promise<unknown>>): AnyRef {
  return { path, ask: () => methods } as unknown as AnyRef
}

test('gather: every member is in one of the lists, and no failure is a failure of the whole', async () => {
  const members = [
    member('/a', { find: async (term) => `a has ${String(term)}` }),
    member('/b', {
      find: () => Promise.reject(Object.assign(new Error('no answer within 10 ms'), { code: 'TROUPE_ASK_TIMEOUT' })),
    }),
    member('/c', {}),
    member('/d', { find: () => Promise.reject('a text') }),
    member('/e', { find: async () => undefined }),
  ]
  expect(await gather(members, 'find', ['x'], { timeoutMs: 10 })).toEqual({
    results: [
      { path: '/a', value: 'a has x' },
      { path: '/e', value: undefined },
    ],
    missing: [
      { path: '/b', code: 'TROUPE_ASK_TIMEOUT', reason: 'no answer within 10 ms' },
      { path: '/c', code: 'TypeError', reason: '/c has no method find()' },
      { path: '/d', code: 'ERROR', reason: 'a text' },
    ],
  })
  expect(await gather([], 'find', [])).toEqual({ results: [], missing: [] })
})
