import { readFileSync } from 'node:fs'
import { type ActorClass, type ActorRef, ActorSystem, child, supervisor } from '@troupe/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Burst, Hasty, hidden, Money, Plain, Quiet, Rate, Unplaced } from '../actors/newcomer.ts'
import { rejection, thrown } from '../behaviour/scene.ts'

// docs/TROUBLESHOOTING.md shows what each mistake is answered with. Here each is made, as there, and the text that comes is the
// one that is printed there: the page is the snapshot. A change of a text is a change of what users read.

const page = readFileSync(new URL('../../docs/TROUBLESHOOTING.md', import.meta.url), 'utf8')
/** By number: the text below each mistake. */
const printed = new Map(
  [...page.matchAll(/^## (\d+)\. .*?```text\n(.*?)\n```/gms)].map(([, number, text]) => [Number(number), text] as const),
)

let system: ActorSystem
let rate: ActorRef<Rate>

beforeAll(async () => {
  system = await ActorSystem.start({ name: 'shop', limits: { laneMessagesMax: 4 } })
  rate = await system.spawn(Rate, { name: 'rate' })
})
afterAll(() => system.stop({ deadlineMs: 1_000 }))

/** Calls as plain JavaScript would, past the compiler. */
const untyped = (value: unknown): Record<string, (...args: unknown[]) => Promise<unknown>> => value as never
const spawned = (actor: unknown, options?: object): Promise<Error> => rejection(system.spawn(actor as ActorClass<Rate>, options as never))
const started = (children: unknown): Promise<Error> => rejection(ActorSystem.start({ name: 'shop', children: children as never }))

const MISTAKES: readonly (readonly [number, () => Error | string | Promise<Error | string>])[] = [
  [1, () => spawned(Unplaced)],
  [2, () => spawned(hidden, { name: 'hidden' })],
  [3, () => spawned(Burst)],
  [4, () => spawned(Plain, { name: 'plain' })],
  [5, () => spawned(new Rate())],
  [6, () => thrown(() => new Rate().shape())],
  [7, () => spawned(classIn('../actors/newcomer-main.ts', 'Mixed'), { name: 'mixed' })],
  [8, () => spawned(classIn('../actors/nothing-here.ts', 'Rate'), { name: 'lost' })],
  [9, () => spawned(Rate, { name: 'unlucky', args: [13] })],
  [10, () => spawned(Rate, { name: 'a b', hangAfterMS: 50, startMs: '50' })],
  [
    11,
    () =>
      started([
        child(Rate, { name: 'rate', restart: 'always' as never, startms: 50 } as never),
        child(Unplaced as never, { name: 'store' } as never),
        supervisor({ name: 'jobs', stratgy: 'one-for-all', children: [Rate] } as never),
        child(Rate, { name: 'rate' }),
      ]),
  ],
  [12, () => spawned(Rate, { name: 'rate' })],
  [13, () => spawned(Rate, { name: 'each', args: [{ each: (n: number) => n }] })],
  [14, () => rejection(rate.ask.hit({ by: new Money(100) }))],
  [15, () => rejection(rate.ask.hit(Promise.resolve(1)))],
  [16, () => rejection(untyped(rate.ask)['hti']!(1))],
  [17, () => warning(() => untyped(rate.tell)['hti']!(1))],
  [18, () => rejection(untyped(rate.ask)['reset']!())],
  [19, () => rejection(untyped(rate.ask)['limit']!())],
  [20, () => rejection(untyped(rate.ask)['onStop']!())],
  [21, () => rejection(rate.ask.watcher())],
  [22, () => rejection(rate.ask({ timeoutMs: '50' as never }).hit(1))],
  [23, () => thrown(() => rate.ask({ timeout: 50 } as never))],
  [24, async () => rejection((await system.spawn(Rate, { name: 'slow' })).ask({ timeoutMs: 50 }).forever())],
  [25, async () => rejection(flood(await system.spawn(Rate, { name: 'busy' })))],
  [26, async () => rejection((await system.spawn(Rate, { name: 'self' })).ask.askItself())],
  [27, () => afterStop()],
  [28, async () => rejection((await system.spawn(Rate, { name: 'frail', onThrow: 'crash' })).ask.fail())],
  [29, () => rejection(system.stopActor('/user/rate' as never))],
  [30, () => afterGivingUp()],
  [31, () => spawned(Quiet, { name: 'quiet' })],
  [32, () => spawned(Hasty, { name: 'hasty' })],
  [33, () => thrown(() => rate.ask({ signal: new AbortController() as never }))],
]

function classIn(file: string, name: string): unknown {
  return { module: new URL(file, import.meta.url).href, name }
}

/** The next warning of the process. */
function warning(act: () => unknown): Promise<string> {
  return new Promise((resolve) => {
    process.once('warning', ({ name, message }) => resolve(`${name}: ${message}`))
    act()
  })
}

async function flood(ref: ActorRef<Rate>): Promise<void> {
  void ref.ask.forever().catch(() => undefined)
  for (let i = 0; i < 4; i++) ref.tell.hit(i)
  await ref.ask.hit(5)
}

async function afterStop(): Promise<Error> {
  const ref = await system.spawn(Rate, { name: 'gone' })
  await system.stopActor(ref)
  return rejection(ref.ask.hit(1))
}

async function afterGivingUp(): Promise<Error> {
  const frail = child(Rate, { name: 'frail' })
  const doomed = await ActorSystem.start({ name: 'doomed', children: [frail], intensity: { restarts: 0, withinMs: 1_000 } })
  doomed.events.on('gaveUp', () => undefined)
  doomed.ref(frail).tell.fail()
  await rejection(doomed.closed)
  return rejection(doomed.spawn(Rate))
}

test('every mistake of the page is made here, and the other way round', () => {
  expect(printed.size).toBeGreaterThanOrEqual(20)
  expect([...printed.keys()]).toEqual(MISTAKES.map(([number]) => number))
})

test.each(MISTAKES)('mistake %i gets the text that is printed', async (number, make) => {
  const got = await make()
  const text = typeof got === 'string' ? got : `${got.name}: ${got.message}`
  expect(atHome(text)).toBe(printed.get(number))
})

/** The page names no folder of anybody. */
function atHome(text: string): string {
  return text.replaceAll(/(file:\/\/)?\/[^\s"]*\/test\/actors\//g, (_, scheme = '') => `${scheme}/shop/`)
}
