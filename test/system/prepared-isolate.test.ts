import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import { IsolateMain } from '../../packages/runtime/src/node/isolate-main.ts'
import { ThreadModules } from '../../packages/runtime/src/node/thread-modules.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { nextGeneration, openSeat, showIncarnation } from '../../packages/runtime/src/queue/seat.ts'

const LIMITS = { bytesMax: 1 << 16, messagesMax: 16 }

function nowhere(): never {
  throw new Error('nothing is said before the actor is there')
}

test('G1, G2: an isolate that is prepared while its predecessor lives touches nothing that is shared', () => {
  const arena = Arena.create(8, 1024 * 1024)
  const [own, other] = [openSeat(arena, 2), openSeat(arena, 3)]
  showIncarnation(arena, 2, 1)
  // Lanes there and back, and a block that the predecessor has just taken and not yet published.
  for (const [sender, senderGeneration, receiver, receiverGeneration] of [
    [2, own, 3, other],
    [3, other, 2, own],
  ] as const) {
    const lane = LaneProducer.open(arena, { kind: MESSAGES, receiver, receiverGeneration, sender, senderGeneration }, LIMITS)
    if (typeof lane === 'number') throw new Error('no lane')
    expect(lane.reserve(8)).toBe(PUSHED)
    expect(lane.commit()).toBe(PUSHED)
  }
  expect(arena.claim(2, 1, MESSAGES)).toBeGreaterThanOrEqual(0)
  const before = new Uint8Array(arena.memory.slice(0))
  const main = new IsolateMain(
    {
      system: 'test',
      memory: arena.memory,
      epochMs: 0,
      limits: DEFAULT_LIMITS,
      spinMs: 0.05,
      self: { path: '/a', seat: 2, generation: own },
      incarnation: 2,
    },
    { post: nowhere, openLine: nowhere, exit: nowhere, modules: new ThreadModules({ import: nowhere, runtime: nowhere }) },
  )
  expect(Buffer.compare(before, new Uint8Array(arena.memory.slice(0)))).toBe(0)
  const self = { path: '', seat: 2, generation: own }
  expect(main.isFor({ self, incarnation: 2 })).toBe(true)
  expect(main.isFor({ self, incarnation: 1 })).toBe(false)
  expect(main.isFor({ self: { ...self, generation: nextGeneration(arena, 2) }, incarnation: 2 })).toBe(false)
  expect(main.isFor({ self: { ...self, seat: 3 }, incarnation: 2 })).toBe(false)
})
