import { expect, test } from 'vitest'
import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import { SCAN_MS } from '../../packages/runtime/src/base/limits.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { answerPing, setDebugged, showProgress } from '../../packages/runtime/src/queue/seat.ts'
import type { ActorLife } from '../../packages/runtime/src/system/actor-life.ts'
import { HangWatch } from '../../packages/runtime/src/system/hang-watch.ts'
import { HandClock } from './hand-clock.ts'

const SEAT = 2
const LOOK_MS = 50
const HANG_MS = 1_000

/** A watch over one actor of which the test says what it does; time passes when the test says so. */
function scene(hangAfterMs = HANG_MS) {
  const arena = Arena.create(4, 1 << 20)
  const names = new Names(arena)
  const clock = new HandClock()
  const pings: number[] = []
  const ends: { readonly reason: ExitReason; readonly atMs: number }[] = []
  const actor = { answers: false, incarnation: 1, frames: Promise.resolve(['f (x:1:1)']) }
  const life = {
    address: { path: '/a', seat: SEAT, generation: 1 },
    hangAfterMs,
    get incarnation() {
      return actor.incarnation
    },
    post: ({ ping }: { ping: number }) => {
      pings.push(ping)
      if (actor.answers) answerPing(arena, SEAT, ping)
    },
    watchStack: () => ({ topFrames: () => actor.frames }),
    kill: (reason: ExitReason) => ends.push({ reason, atMs: clock.ms }),
  } as unknown as ActorLife
  const watch = new HangWatch(arena, names, { clock, askIfDebugged: () => undefined })
  let begun = 0
  return {
    arena,
    actor,
    pings,
    ends,
    begin: () => showProgress(arena, SEAT, names.idOf('work'), ++begun),
    idle: () => showProgress(arena, SEAT, 0, begun),
    /** All timers of that time run, and looks come in their rhythm. */
    async pass(ms: number): Promise<void> {
      const untilMs = clock.ms + ms
      for (; clock.ms < untilMs; clock.ms += LOOK_MS / 2) {
        clock.run()
        if (clock.ms % LOOK_MS === 0) watch.scan([life])
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async look(): Promise<void> {
      watch.scan([life])
      await new Promise((resolve) => setImmediate(resolve))
    },
    /** Nobody looks meanwhile. */
    jump: (ms: number) => void (clock.ms += ms),
  }
}

test('hang: the same message, and an event loop that does not answer, for hangAfterMs and not less', async () => {
  const { begin, pass, ends, pings } = scene()
  begin()
  await pass(HANG_MS)
  expect(ends).toEqual([])
  await pass(100)
  expect(ends).toEqual([{ reason: { kind: 'hung', method: 'work', ageMs: HANG_MS, frames: ['f (x:1:1)'] }, atMs: HANG_MS }])
  expect(pings).toHaveLength(1)
})

test('hang: an actor that makes progress is not even pinged', async () => {
  const { begin, idle, pass, ends, pings } = scene()
  for (let i = 0; i < 100; i++) {
    begin()
    await pass(50)
  }
  idle()
  await pass(5_000)
  expect([ends, pings]).toEqual([[], []])
})

test('hang: one that answers is pinged once for each time that would have been enough', async () => {
  const { begin, pass, ends, pings, actor } = scene()
  actor.answers = true
  begin()
  await pass(10 * HANG_MS)
  expect(ends).toEqual([])
  expect(pings.length).toBeGreaterThan(5)
  expect(pings.length).toBeLessThan(25)
  // From its last answer on it has the same time again.
  actor.answers = false
  await pass(HANG_MS / 2)
  expect(ends).toEqual([])
  await pass(HANG_MS)
  expect(ends).toHaveLength(1)
  expect(ends[0]!.reason).toMatchObject({ kind: 'hung' })
})

test.for([400, 990])('hang: time in which nobody could look does not count (after %i ms)', async (afterMs) => {
  const { begin, pass, jump, ends } = scene()
  begin()
  await pass(afterMs)
  jump(60_000)
  await pass(HANG_MS - afterMs - 60)
  expect(ends).toEqual([])
  await pass(1_000)
  expect(ends).toHaveLength(1)
  expect((ends[0]!.reason as { ageMs: number }).ageMs).toBeLessThan(2 * HANG_MS)
})

test('hang: a ping that went out before nobody could look proves nothing', async () => {
  const { begin, pass, jump, ends } = scene()
  begin()
  await pass(HANG_MS - 30)
  jump(60_000)
  // Another one is sent, and has its time.
  await pass(200)
  expect(ends).toEqual([])
})

test('hang: under a debugger there is no verdict, and afterwards the time begins anew', async () => {
  const { arena, begin, pass, ends } = scene()
  setDebugged(arena, true)
  begin()
  await pass(5 * HANG_MS)
  setDebugged(arena, false)
  await pass(HANG_MS - 100)
  expect(ends).toEqual([])
  await pass(200)
  expect(ends).toHaveLength(1)
})

test('hang: one look is not enough, however long after the ping it comes', async () => {
  const { begin, pass, jump, look, ends, pings } = scene(100)
  begin()
  while (pings.length === 0) await pass(LOOK_MS / 2)
  jump(3 * SCAN_MS - LOOK_MS / 2)
  await look()
  expect(ends).toEqual([])
  await look()
  expect(ends).toHaveLength(1)
})

test.for(['answers', 'has gone on', 'has a successor'] as const)('hang: who %s while its stack is read is not killed', async (what) => {
  const { arena, actor, begin, pass, ends, pings } = scene()
  let read!: (frames: string[]) => void
  actor.frames = new Promise((resolve) => (read = resolve))
  begin()
  await pass(HANG_MS + LOOK_MS / 2)
  if (what === 'answers') answerPing(arena, SEAT, pings.at(-1)!)
  else if (what === 'has gone on') begin()
  else actor.incarnation = 2
  read(['f (x:1:1)'])
  await pass(LOOK_MS)
  expect(ends).toEqual([])
})

test('hang: a successor is judged by what it does itself', async () => {
  const { begin, pass, ends, actor } = scene()
  begin()
  await pass(HANG_MS - 100)
  actor.incarnation = 2
  await pass(HANG_MS - 100)
  expect(ends).toEqual([])
  // And from its first moment on.
  await pass(200)
  expect(ends).toHaveLength(1)
})
