// What isolates share: a value of a cache, and a rate.
import { Cache, RateLimiter } from '@troupe/actors'
import { ActorSystem } from '@troupe/runtime'
import { Reader, Shelf } from '../actors/reader.ts'
import { TROUPE } from '../contender.ts'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

const AN_ASK = 'an ask for the same value'
const ISOLATES = 4
const VALUE = { id: 17, name: 'Ada', mail: 'ada@example.org', roles: ['reader', 'writer'], since: 1_815 }
const ROWS = ['cache.hit', 'cache.near'] as const

async function inSystem(use: (system: ActorSystem) => Promise<Sample>): Promise<Sample> {
  const system = await ActorSystem.start({ name: 'bench' })
  try {
    return await use(system)
  } finally {
    await system.stop()
  }
}

/** Reads by a cache's view, and from the copies of one. */
const cached: Runner = {
  name: TROUPE,
  measure: ({ warmUpMs, measureMs }: Plan) =>
    inSystem(async (system) => {
      const cache = await system.spawn(Cache)
      await cache.ask.set('key', VALUE)
      const { read, peek } = (await system.spawn(Reader)).ask({ timeoutMs: 60_000 })
      await read(cache, warmUpMs)
      return { values: { [ROWS[0]]: await read(cache, measureMs), [ROWS[1]]: await peek(cache, measureMs) } }
    }),
}

const asked: Runner = {
  name: AN_ASK,
  measure: ({ warmUpMs, measureMs }: Plan) =>
    inSystem(async (system) => {
      const shelf = await system.spawn(Shelf, { args: [VALUE] })
      const { ask } = (await system.spawn(Reader)).ask({ timeoutMs: 60_000 })
      await ask(shelf, warmUpMs)
      const micros = await ask(shelf, measureMs)
      return { values: { [ROWS[0]]: micros, [ROWS[1]]: micros } }
    }),
}

export const cacheHit: Experiment = {
  rows: [
    {
      id: ROWS[0],
      title: 'CacheView.get of a value that is there, isolate to isolate, p50',
      unit: 'µs',
      better: 'lower',
      target: { against: [AN_ASK], atLeast: 1 / 1.2 },
    },
    {
      id: ROWS[1],
      title: 'the same from the frozen copy of this isolate',
      unit: 'µs',
      better: 'lower',
      target: { against: [AN_ASK], atLeast: 20 },
    },
  ],
  runners: [cached, asked],
}

const PER_SECOND = 2_000_000
const BURST = 200_000

const limited: Runner = {
  name: TROUPE,
  measure: ({ warmUpMs, measureMs }: Plan) =>
    inSystem(async (system) => {
      const limiter = await system.spawn(RateLimiter, { args: [{ perSecond: PER_SECOND, burst: BURST }] })
      const readers = await Promise.all(Array.from({ length: ISOLATES }, () => system.spawn(Reader)))
      const round = (ms: number) => Promise.all(readers.map((reader) => reader.ask({ timeoutMs: 60_000 }).check(limiter, ms)))
      await round(warmUpMs)
      const startedMs = performance.now()
      const all = await round(measureMs)
      const seconds = (performance.now() - startedMs) / 1_000
      const allowed = all.reduce((sum, each) => sum + each.allowed, 0)
      const checks = all.reduce((sum, each) => sum + each.checks, 0)
      return {
        values: { 'ratelimit.check': checks / seconds },
        checks: { 'allowed / limit': allowed / (BURST + PER_SECOND * seconds), 'allowed per s': allowed / seconds },
      }
    }),
}

export const rateLimitCheck: Experiment = {
  rows: [
    {
      id: 'ratelimit.check',
      title: `checks of one rate from ${ISOLATES} isolates together; never more is allowed than the limit`,
      unit: 'checks/s',
      better: 'higher',
      target: { against: ['half a million'], atLeast: 1 },
      checks: [
        { name: 'allowed / limit', atMost: 1 },
        { name: 'allowed per s', atLeast: 500_000 },
      ],
    },
  ],
  runners: [limited, { name: 'half a million', measure: () => Promise.resolve({ values: { 'ratelimit.check': 500_000 } }) }],
}
