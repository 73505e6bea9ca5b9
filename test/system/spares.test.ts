import { expect, test } from 'vitest'
import type { Address } from '../../packages/runtime/src/base/address.ts'
import type {
  BootRecord,
  EmptyIsolateEvents,
  FromIsolate,
  IsolateEvents,
  Lodging,
  ToIsolate,
} from '../../packages/runtime/src/isolate/isolate.ts'
import { Spares } from '../../packages/runtime/src/system/spares.ts'

/** A place that was made, and what became of it. */
class Place {
  readonly name: string
  readonly empty: EmptyIsolateEvents
  actor: IsolateEvents | undefined
  boot: BootRecord | undefined
  readonly posted: ToIsolate[] = []
  readonly expected: string[] = []
  /** Of those, what it was told because it is the next. */
  readonly expectedNext: string[] = []
  readonly prepared: Lodging[] = []
  isEnded = false
  isKilled = false
  readonly heapMb: number
  constructor(name: string, heapMb: number, empty: EmptyIsolateEvents) {
    this.name = name
    this.heapMb = heapMb
    this.empty = empty
  }
  get isIdle(): boolean {
    return this.actor === undefined && !this.isEnded
  }
  die(): void {
    this.isEnded = true
    if (this.actor === undefined) this.empty.onExit()
    else this.actor.onExit({ code: 1, error: undefined })
  }
}

/** Spares over places that do what the test says, on a clock that it moves. */
function stage(spares: number, isolatesMax = 10, likely: () => readonly string[] = () => [], coming: readonly Address[] = []) {
  const places: Place[] = []
  let timers: (() => void)[] = []
  const clock = {
    nowMs: () => 0,
    after: (_: number, task: () => void) => {
      timers.push(task)
      return () => {
        timers = timers.filter((other) => other !== task)
      }
    },
  }
  const under = new Spares(
    'test',
    ({ name, heapMb }, empty) => {
      const place = new Place(name, heapMb, empty)
      places.push(place)
      return {
        run: (boot, events) => {
          place.boot = boot
          place.actor = events
          return { post: (signal) => void place.posted.push(signal), kill: () => (place.isKilled = true) }
        },
        expect: (url, isNext) => void (isNext ? place.expectedNext : place.expected).push(url),
        prepare: (lodging) => void place.prepared.push(lodging),
        end: () => (place.isEnded = true),
      }
    },
    clock,
    { spares, isolatesMax, likely, coming: (count) => coming.slice(0, count) },
  )
  const quiet = (): void => {
    const due = timers
    timers = []
    for (const task of due) task()
  }
  /** Lets the pool do all that it wants to do. */
  const settle = (): void => {
    for (let made = -1; made < places.length; ) {
      made = places.length
      for (const place of places) if (place.isIdle) place.empty.onLoaded()
      quiet()
    }
  }
  const start = (
    name: string,
    told: string[] = [],
    heapMb = Number.POSITIVE_INFINITY,
    url = 'file:///plain.js',
    at?: Address,
    incarnation = 1,
  ) => {
    const boot = { self: { ...at, path: name }, incarnation, heapMb, url } as BootRecord
    const isolate = under.start(boot, {
      onNotice: (notice: FromIsolate) => void told.push(notice.type),
      onExit: ({ code }) => void told.push(`exit ${code}`),
    })
    return { isolate, told, place: () => places.find((place) => place.boot === boot && !place.isEnded)! }
  }
  return { under, places, quiet, settle, start, idle: () => places.filter(({ isIdle }) => isIdle) }
}

test('spares: as many as wanted, one at a time', () => {
  const { places, quiet, settle, idle } = stage(3)
  expect(places).toHaveLength(1)
  quiet()
  expect(places, 'the first has not loaded').toHaveLength(1)
  settle()
  expect(idle()).toHaveLength(3)
  settle()
  expect(places).toHaveLength(3)
})

test('spares: a start takes the oldest, and no isolate has a second actor', () => {
  const { places, settle, start, idle } = stage(2)
  settle()
  const [a, b, c] = [start('/a'), start('/b'), start('/c')]
  expect([a, b, c].map(({ isolate }) => isolate.isWarm)).toEqual([true, true, false])
  expect(places.map(({ boot }) => boot?.self.path)).toEqual(['/a', '/b', '/c'])
  for (const { place } of [a, b, c]) place().actor!.onNotice({ type: 'ready' })
  a.place().die()
  settle()
  expect(idle()).toHaveLength(2)
  expect(places).toHaveLength(5)
})

test('spares: one that is still loading has a head start over none', () => {
  const { start } = stage(1)
  expect(start('/a').isolate.isWarm).toBe(true)
})

test('spares: none is made while somebody starts, and none before it has been quiet', () => {
  const { places, quiet, settle, start } = stage(1)
  settle()
  const [a, b] = [start('/a'), start('/b')]
  quiet()
  a.place().actor!.onNotice({ type: 'ready' })
  quiet()
  expect(places).toHaveLength(2)
  b.place().die()
  expect(places).toHaveLength(2)
  quiet()
  expect(places).toHaveLength(3)
})

test('spares: with and without actors there are never more isolates than the limit allows', () => {
  const { settle, start, idle } = stage(3, 4)
  const started = ['/a', '/b'].map((name) => start(name))
  for (const { place } of started) place().actor!.onNotice({ type: 'ready' })
  settle()
  expect(idle()).toHaveLength(2)
  start('/c').place().actor!.onNotice({ type: 'ready' })
  settle()
  expect(idle()).toHaveLength(1)
  started[0]!.place().die()
  settle()
  expect(idle()).toHaveLength(2)
})

test('spares: 0 is none', () => {
  const { places, settle, start } = stage(0)
  settle()
  expect(places).toHaveLength(0)
  expect(start('/a').isolate.isWarm).toBe(false)
})

test('spares: one that dies is replaced; three that do not even load are the last ones', () => {
  const { places, quiet, settle, idle } = stage(1)
  settle()
  places[0]!.die()
  settle()
  expect(idle()).toHaveLength(1)
  for (let i = 0; i < 5; i++) {
    places.at(-1)!.die()
    quiet()
  }
  expect(places).toHaveLength(5)
})

test('spares: one that died before it took its actor is no failed start: the actor gets another place, and its signals', () => {
  const { places, settle, start } = stage(1)
  settle()
  const { isolate, told } = start('/a')
  isolate.post({ type: 'stop', drain: false })
  places[0]!.die()
  expect(told).toEqual([])
  expect(isolate.isWarm).toBe(false)
  expect(places[1]).toMatchObject({ boot: { self: { path: '/a' } }, posted: [{ type: 'stop', drain: false }] })
  isolate.kill()
  expect(places.map(({ isKilled }) => isKilled)).toEqual([false, true])
  places[1]!.die()
  expect(told).toEqual(['exit 1'])
})

test('spares: one that took its actor, or was killed in the hand-over, ends as any isolate does', () => {
  const { settle, start } = stage(2)
  settle()
  const [taken, killed] = [start('/taken'), start('/killed')]
  taken.place().actor!.onNotice({ type: 'taken' })
  taken.place().die()
  expect(taken.told).toEqual(['taken', 'exit 1'])
  killed.isolate.kill()
  killed.place().die()
  expect(killed.told).toEqual(['exit 1'])
})

test('spares: at the end all idle ones are ended, and none is made any more', () => {
  const { under, places, settle, start, idle } = stage(2)
  settle()
  const a = start('/a')
  void under.end()
  a.place().die()
  settle()
  expect(idle()).toEqual([])
  expect(places.filter(({ actor }) => actor === undefined).map(({ isEnded }) => isEnded)).toEqual([true])
})

test('spares: a limit of the heap is fixed at birth: one more is kept for each that living actors have', () => {
  const { settle, start, idle, places } = stage(1)
  settle()
  const [small, large] = [start('/small', [], 64), start('/large', [], 128)]
  expect([small, large].map(({ isolate }) => isolate.isWarm)).toEqual([false, false])
  for (const { place } of [small, large]) place().actor!.onNotice({ type: 'ready' })
  settle()
  expect(idle().map(({ heapMb }) => heapMb)).toEqual([Number.POSITIVE_INFINITY, 64, 128])
  large.place().die()
  const again = start('/large', [], 128)
  expect([again.isolate.isWarm, again.place().heapMb]).toEqual([true, 128])
  again.place().actor!.onNotice({ type: 'ready' })
  settle()
  expect(idle().map(({ heapMb }) => heapMb)).toEqual([Number.POSITIVE_INFINITY, 64, 128])
  again.place().die()
  settle()
  // Nobody has that limit any more.
  expect(idle().map(({ heapMb }) => heapMb)).toEqual([Number.POSITIVE_INFINITY, 64])
  expect(places.filter(({ heapMb }) => heapMb === 128).every(({ isEnded }) => isEnded)).toBe(true)
})

test('spares: they are told the modules that were started last, each once, and the latest eight when they have loaded', () => {
  const { settle, start, idle } = stage(2, 100)
  settle()
  const url = (name: string): string => `file:///${name}.deferred.cjs`
  const module = (name: string) => start(`/${name}`, [], Number.POSITIVE_INFINITY, url(name)).place().actor!.onNotice({ type: 'ready' })
  module('first')
  expect(idle().map(({ expected }) => expected)).toEqual([[url('first')]])
  settle()
  // Only what its isolate can get ready for, and nothing twice.
  start('/plain').place().actor!.onNotice({ type: 'ready' })
  settle()
  module('first')
  expect(idle().map(({ expected }) => expected)).toEqual([[url('first')]])
  settle()
  for (const name of ['2', '3', '4', '5', '6', '7', '8', '9']) {
    module(name)
    settle()
  }
  const latest = ['9', '8', '7', '6', '5', '4', '3', '2'].map(url)
  const [older, last] = idle()
  expect(last!.expected).toEqual(latest)
  // What it was told before is no harm.
  expect([...new Set(older!.expected)]).toEqual([...latest.slice(1), url('first'), url('9')])
})

test('spares: before any actor has started they are told what is likely, and the next one what is large, too', () => {
  const url = (name: string): string => `file:///${name}.deferred.cjs`
  let asked = 0
  const { settle, start, places } = stage(2, 10, () => {
    asked++
    return [url('a'), 'file:///plain.js', `${url('built')}?1`, ...Array.from({ length: 9 }, (_, i) => url(`more-${i}`))]
  })
  settle()
  const likely = [url('a'), `${url('built')}?1`, ...[0, 1, 2, 3, 4, 5].map((i) => url(`more-${i}`))]
  expect(asked).toBe(1)
  expect(places.map(({ expected }) => [...new Set(expected)])).toEqual([likely, likely])
  expect(places.map(({ expectedNext }) => expectedNext)).toEqual([likely, []])
  const first = start('/a', [], Number.POSITIVE_INFINITY, url('a')).place()
  settle()
  expect(first, 'the one that was told').toBe(places[0])
  expect(places[1]!.expectedNext, 'nobody starts beside an actor that does').toEqual([])
  first.actor!.onNotice({ type: 'ready' })
  settle()
  expect(places[1]!.expectedNext).toEqual(likely)
})
const SEATS: readonly Address[] = [2, 3, 5].map((seat) => ({ path: '', seat, generation: 1 }))

/** Which seats a place has prepared for, in turn, and which incarnations. */
const preparedFor = ({ prepared }: Place): string[] => prepared.map(({ self, incarnation }) => `${self.seat}:${incarnation}`)

test('spares: each prepares for an address that comes next, once, and a start takes the one that has', () => {
  const { places, settle, start } = stage(2, 10, undefined, [...SEATS])
  settle()
  settle()
  expect(places.map(preparedFor)).toEqual([['2:1'], ['3:1']])
  const b = start('/b', [], Number.POSITIVE_INFINITY, undefined, SEATS[1])
  const a = start('/a', [], Number.POSITIVE_INFINITY, undefined, SEATS[0])
  expect([places[0]!.boot?.self.path, places[1]!.boot?.self.path]).toEqual(['/a', '/b'])
  expect([a, b].every(({ isolate }) => isolate.isWarm)).toBe(true)
})

test('spares: when other addresses come next than before, they prepare for those; a start of another one takes the oldest', () => {
  const coming = [...SEATS]
  const { under, places, settle, start } = stage(2, 10, undefined, coming)
  settle()
  coming.splice(0, 3, { path: '', seat: 2, generation: 2 }, { path: '', seat: 7, generation: 1 })
  under.seatsChanged()
  settle()
  expect(places.map(preparedFor)).toEqual([
    ['2:1', '2:1'],
    ['3:1', '7:1'],
  ])
  expect(places[0]!.prepared[1]!.self.generation).toBe(2)
  start('/other')
  expect(places[0]!.boot?.self.path).toBe('/other')
})

test('spares: while one ends, a spare prepares for its next incarnation, which takes it', () => {
  const { under, places, settle, start } = stage(2, 10, undefined, SEATS)
  settle()
  under.prepare({ self: { path: '/a', seat: 9, generation: 4 }, incarnation: 2 }, Number.POSITIVE_INFINITY)
  expect(places.map(preparedFor)).toEqual([['2:1', '9:2'], ['3:1']])
  start('/x', [], Number.POSITIVE_INFINITY, undefined, SEATS[1])
  start('/a', [], Number.POSITIVE_INFINITY, undefined, { path: '/a', seat: 9, generation: 4 }, 2)
  expect(places.map(({ boot }) => boot?.self.path)).toEqual(['/a', '/x'])
})

test('spares: who is given up after all leaves a spare like all others', () => {
  const { under, places, settle, start } = stage(1, 10, undefined, SEATS)
  settle()
  under.prepare({ self: { path: '/a', seat: 9, generation: 4 }, incarnation: 2 }, Number.POSITIVE_INFINITY)
  under.seatsChanged()
  settle()
  expect(preparedFor(places[0]!)).toEqual(['2:1', '9:2', '2:1'])
  expect(start('/b').isolate.isWarm).toBe(true)
})

test('spares: one that dies while it is prepared is replaced, and its actor gets another place', () => {
  const { under, places, settle, start, idle } = stage(1, 10, undefined, SEATS)
  settle()
  const next = { self: { path: '/a', seat: 9, generation: 4 }, incarnation: 2 }
  under.prepare(next, Number.POSITIVE_INFINITY)
  places[0]!.die()
  const { isolate, told } = start('/a', [], Number.POSITIVE_INFINITY, undefined, next.self, 2)
  expect([isolate.isWarm, told, places]).toMatchObject([false, [], { length: 2 }])
  places[1]!.actor!.onNotice({ type: 'ready' })
  settle()
  under.prepare(next, Number.POSITIVE_INFINITY)
  const [spare] = idle()
  const again = start('/a', [], Number.POSITIVE_INFINITY, undefined, next.self, 2)
  spare!.die()
  expect(again.told).toEqual([])
  expect(again.place()).not.toBe(spare)
})

test('spares: nobody prepares where there is none, while one loads, of another limit, or after the end', async () => {
  const next = { self: { path: '/a', seat: 9, generation: 4 }, incarnation: 2 }
  const { under, places, settle } = stage(1, 10, undefined, SEATS)
  under.prepare(next, Number.POSITIVE_INFINITY)
  expect(places[0]!.prepared).toEqual([])
  settle()
  under.prepare(next, 64)
  expect(preparedFor(places[0]!)).toEqual(['2:1'])
  under.prepare(next, Number.POSITIVE_INFINITY)
  const ending = under.end()
  expect(places[0]!.isEnded).toBe(true)
  places[0]!.empty.onExit()
  await ending
  under.seatsChanged()
  under.prepare(next, Number.POSITIVE_INFINITY)
  settle()
  expect(preparedFor(places[0]!)).toEqual(['2:1', '9:2'])
})
