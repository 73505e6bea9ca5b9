import {
  ActorLeases,
  ActorPool,
  Batcher,
  Cache,
  CacheView,
  CircuitBreaker,
  Debouncer,
  Executor,
  functionsIn,
  LeasePool,
  Leases,
  MapView,
  par,
  pipelineOf,
  RateLimiter,
  Semaphore,
  Sharded,
  SharedMap,
  Subscription,
  Topic,
  WorkQueue,
} from '@troupe/actors'
import type { ActorClass, ActorRef, ActorSystem } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { rejection, startSystem, thrown } from '../behaviour/scene.ts'

// What the compiler finds, in plain JavaScript, through `any` or a cast. In silence each of these would change nothing, or be a wait for ever.

type Wrong = never
const nothing = () => undefined

/** What an object of this thread is made with. */
const MADE_HERE: readonly (readonly [made: string, make: (system: ActorSystem) => unknown, text: string])[] = [
  [
    'Executor',
    (system) => Executor.start(system, { thread: 2 } as Wrong),
    "Executor.start: there is no option 'thread'. Known: name, threads,",
  ],
  ['Executor', (system) => Executor.start(system, { threads: 0 }), 'Executor.start: threads is 0, and must be a whole number above 0.'],
  ['Executor', () => Executor.start({ threads: 2 } as Wrong), 'Executor.start: isolates are started in a running system'],
  ['Executor', (system) => Executor.start(system).submit(5 as Wrong), 'what is to run in another isolate is 5, and must be a function.'],
  ['par', (system) => par([1], { system, thread: 2 } as Wrong), "par: there is no option 'thread'."],
  ['par', () => par([1], { threads: -1 }), 'par: threads is -1'],
  ['par', () => par(null as Wrong), 'par: the items are null'],
  ['functionsIn', () => functionsIn('./work.ts'), 'functionsIn("./work.ts"): give a file: URL'],
  ['pipeline', () => pipelineOf((n: number) => n, { thread: 2 } as Wrong), "stage 1 of a pipeline: there is no option 'thread'."],
  ['pipeline', (system) => pipelineOf((n: number) => n).start(system, {} as Wrong), 'pipeline.start: onResult is undefined'],
  ['pipeline', (system) => pipelineOf((n: number) => n).start(system, undefined as Wrong), 'pipeline.start: the options are undefined'],
  ['Batcher', () => new Batcher(nothing, { wait: 5 } as Wrong), "Batcher: there is no option 'wait'. Known: size, waitMs, concurrency."],
  ['Batcher', () => new Batcher(undefined as Wrong), 'Batcher: the work is undefined'],
  ['Debouncer', () => new Debouncer({ quietMs: 5 } as Wrong, undefined as Wrong), 'Debouncer: the options are undefined'],
  ['CircuitBreaker', () => new CircuitBreaker({ name: 'x', failure: 1 } as Wrong), "CircuitBreaker: there is no option 'failure'."],
]

test.each(MADE_HERE)('%s: a wrong argument is refused by name', async (_, make, text) => {
  const system = await startSystem()
  expect((await thrown(() => make(system))).message).toContain(text)
})

/** What an actor is started with. */
const SPAWNED: readonly (readonly [actor: ActorClass<unknown, Wrong>, arg: unknown, text: string])[] = [
  [Cache as Wrong, { byteMax: 5 }, "Cache: there is no option 'byteMax'."],
  [LeasePool as Wrong, { size: 1, recover: 5 }, "LeasePool: there is no option 'recover'."],
  [LeasePool as Wrong, { size: 0 }, 'LeasePool: size is 0, and must be a whole number above 0.'],
  [ActorPool as Wrong, { size: 1.5 }, 'ActorPool: size is 1.5'],
  [RateLimiter as Wrong, { perSec: 5 }, "RateLimiter: there is no option 'perSec'. Known: perSecond, burst, limit, windowMs."],
  [RateLimiter as Wrong, { limit: 5 }, 'RateLimiter: windowMs must be above 0.'],
  [RateLimiter as Wrong, {}, 'RateLimiter: perSecond must be above 0.'],
  [RateLimiter as Wrong, undefined, 'RateLimiter: the options are undefined'],
  [Sharded as Wrong, { idle: 5 }, "Sharded: there is no option 'idle'."],
  [WorkQueue as Wrong, { capcity: 5 }, "WorkQueue: there is no option 'capcity'."],
]

test('ready-made actors: an option that there is not, or out of its range, is a failed start that says so', async () => {
  const system = await startSystem()
  for (const [actor, arg, text] of SPAWNED) expect((await rejection(system.spawn(actor, { args: [arg] } as Wrong))).message).toContain(text)
})

test('ready-made actors: what uses them in an isolate refuses what it cannot use, and harms nobody', async () => {
  const system = await startSystem()
  const pool = await system.spawn(LeasePool, { args: [{ size: 1 }] })
  const ends = { create: nothing, destroy: nothing }
  expect((await thrown(() => new Leases(system, pool, { create: nothing } as Wrong))).message).toBe(
    'Leases: destroy is undefined, and must be a function.',
  )
  expect((await thrown(() => new Leases(system, pool, { ...ends, idle: 5 } as Wrong))).message).toContain(
    "Leases: there is no option 'idle'.",
  )
  const misspelt = { timeout: 5 } as Wrong
  for (const borrow of [
    () => new Leases(system, pool, ends).borrow(misspelt),
    () => new Semaphore(system, pool).acquire(misspelt),
    () => new ActorLeases(system, pool as Wrong).borrow(misspelt),
  ])
    expect((await rejection(borrow())).message).toContain("there is no option 'timeout'. Known: timeoutMs.")
  expect(await pool.ask.stats()).toMatchObject({ held: 0, waiting: 0 })

  const cache = await system.spawn(Cache)
  expect((await thrown(() => new CacheView(system, cache, { near: 5 } as Wrong))).message).toContain(
    "CacheView: there is no option 'near'.",
  )
  const view = new CacheView<number>(system, cache)
  expect((await rejection(view.get('a', undefined as Wrong))).message).toContain('CacheView.get: load is undefined')
  expect((await rejection(view.get(5 as Wrong, () => 1))).message).toContain('CacheView.get: the key is 5, and must be a text.')
  const map = await system.spawn(SharedMap)
  expect((await thrown(() => new MapView(map, { every: 5 } as Wrong))).message).toContain("MapView: there is no option 'every'.")

  // It would have been told again and again, and have crashed each time.
  const topic = await system.spawn(Topic)
  const subscribe = (subscriber: unknown) => thrown(() => new Subscription(subscriber as { self: ActorRef<unknown> }, topic, 'hear'))
  expect((await subscribe(system)).message).toContain("Subscription: the subscriber is an actor's this.context.")
  expect(await topic.ask.publish('one')).toEqual({ accepted: 0, dropped: 0 })
})
