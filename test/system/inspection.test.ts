import { expect, test } from 'vitest'
import { SCAN_MS } from '../../packages/runtime/src/base/limits.ts'
import type { Measured } from '../../packages/runtime/src/isolate/measured.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { showMemory, showProgress } from '../../packages/runtime/src/queue/seat.ts'
import type { ActorLife } from '../../packages/runtime/src/system/actor-life.ts'
import { Inspector } from '../../packages/runtime/src/system/inspection.ts'
import { newArena, RECEIVER } from '../queue/rig.ts'

const MEMORY = { heapBytes: 1024, heapLimitBytes: 4096, externalBytes: 2048 }

/** An inspector whose clock stands still, and one isolate that shows what it is told to. */
function scene() {
  const arena = newArena(64)
  const names = new Names(arena)
  const clock = { nowMs: 1_000 }
  let measured: Measured = { memory: undefined, cpu: undefined, loop: { activeMs: 0, idleMs: 0 } }
  const life = {
    address: { path: '/user/one', seat: RECEIVER, generation: 1 },
    incarnation: 1,
    isReady: true,
    isolate: { measure: async () => measured, loop: () => measured.loop },
  }
  const inspector = new Inspector(arena, names, { nowMs: () => clock.nowMs, after: () => () => undefined })
  const one = life as unknown as ActorLife
  return {
    clock,
    life,
    isDoing: (method: string, begun: number) => showProgress(arena, RECEIVER, method === '' ? 0 : names.idOf(method), begun),
    shows: () => showMemory(arena, RECEIVER, MEMORY, clock.nowMs),
    measures: (next: Partial<Measured>) => (measured = { ...measured, ...next }),
    look: () => inspector.inspectOne(one),
    /** Looks in their rhythm, for so long. */
    scan: (ms: number) => {
      for (const untilMs = clock.nowMs + ms; clock.nowMs < untilMs; clock.nowMs += SCAN_MS) inspector.scan([one], [one])
    },
  }
}

test('inspect: an age is that of the message in progress, and begins anew with the next one, the same method or not', async () => {
  const { clock, life, isDoing, look } = scene()
  isDoing('first', 1)
  expect(await look()).toMatchObject({ method: 'first', methodAgeMs: 0 })
  clock.nowMs += 400
  expect(await look()).toMatchObject({ method: 'first', methodAgeMs: 400 })
  isDoing('first', 2)
  expect(await look()).toMatchObject({ method: 'first', methodAgeMs: 0 })
  clock.nowMs += 100
  isDoing('second', 3)
  expect(await look()).toMatchObject({ method: 'second', methodAgeMs: 0 })
  isDoing('', 3)
  expect(await look()).toMatchObject({ method: undefined, methodAgeMs: undefined })
  clock.nowMs += 100
  isDoing('second', 1)
  life.incarnation = 2
  expect(await look()).toMatchObject({ incarnation: 2, method: 'second', methodAgeMs: 0 })
})

test('inspect: who answers no more keeps what was measured last, with its age, and a successor has nothing of it', async () => {
  const { clock, life, measures, look, shows } = scene()
  expect(await look()).toMatchObject({ heapBytes: undefined, measuredAgoMs: undefined })
  measures({ memory: MEMORY, cpu: { userMs: 5, systemMs: 6 } })
  expect(await look()).toMatchObject({ ...MEMORY, cpuUserMs: 5, cpuSystemMs: 6, measuredAgoMs: 0 })
  measures({ memory: undefined, cpu: undefined })
  clock.nowMs += 700
  expect(await look()).toMatchObject({ ...MEMORY, cpuUserMs: 5, measuredAgoMs: 700 })
  life.incarnation = 2
  expect(await look()).toMatchObject({ heapBytes: undefined, cpuUserMs: undefined, measuredAgoMs: undefined })
  // Before Node 24 an isolate shows its own.
  shows()
  clock.nowMs += 50
  expect(await look()).toMatchObject({ ...MEMORY, measuredAgoMs: 50 })
})

test('inspect: the use of a loop is that of the last windows, and not of a life', async () => {
  const { measures, look, scan } = scene()
  measures({ loop: { activeMs: 10_000, idleMs: 0 } })
  expect(await look()).toMatchObject({ loopUse: 1, loopActiveMs: 10_000, loopIdleMs: 0 })
  // Two windows later it has idled as long as it worked.
  scan(2_250)
  measures({ loop: { activeMs: 10_500, idleMs: 500 } })
  expect((await look()).loopUse).toBeCloseTo(0.5)
})
