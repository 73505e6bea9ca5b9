import { expect, test } from 'vitest'
import { Actor } from '../../packages/runtime/src/actor/actor.ts'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import { Codec } from '../../packages/runtime/src/codec/codec.ts'
import { copyOf } from '../../packages/runtime/src/codec/encoded.ts'
import type { BootRecord } from '../../packages/runtime/src/isolate/isolate.ts'
import { IsolateMain } from '../../packages/runtime/src/node/isolate-main.ts'
import { ThreadModules } from '../../packages/runtime/src/node/thread-modules.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { markDying } from '../../packages/runtime/src/queue/parking.ts'
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

test('G1: what its predecessor had taken and not published is free when it runs, and it knows the path that was not known before', async () => {
  const arena = Arena.create(8, 1024 * 1024)
  const generation = openSeat(arena, 2)
  const lost = arena.claim(2, 1, MESSAGES)
  const seen: string[] = []
  const surroundings = { system: 'test', memory: arena.memory, epochMs: 0, limits: DEFAULT_LIMITS, spinMs: 0 }
  const codec = new Codec({ isRef: () => false, toWire: () => undefined as never, fromWire: () => ({}) })
  class Comer extends Actor {
    override onStart(): void {
      seen.push(this.context.path)
    }
  }
  const ready = new Promise<void>((resolve) => {
    const main = new IsolateMain(
      { ...surroundings, self: { path: '', seat: 2, generation }, incarnation: 2 },
      {
        isShared: true,
        post: (notice) => {
          if (notice.type === 'ready') resolve()
        },
        openLine: nowhere,
        exit: nowhere,
        modules: new ThreadModules({ import: nowhere, runtime: nowhere }),
      },
    )
    const boot: BootRecord = {
      ...surroundings,
      self: { path: '/user/comer', seat: 2, generation },
      incarnation: 2,
      url: 'file:///comer.js',
      starters: [],
      source: 'file:///comer.ts',
      exportName: 'Comer',
      args: copyOf(codec.encodeArgs([], 'a test')),
      beside: [],
      onThrow: undefined,
      redelivers: false,
      logLevel: 'silent',
      heapMb: Number.POSITIVE_INFINITY,
      externalMb: Number.POSITIVE_INFINITY,
      handedOver: undefined,
    }
    void main.run(boot, Promise.resolve({ Comer }))
  })
  await ready
  expect(seen).toEqual(['/user/comer'])
  expect(arena.ownerOf(lost)).toBe(-1)
  markDying(arena, 2)
})
