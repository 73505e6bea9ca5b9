import { expect, test } from 'vitest'
import { forgetHeld, HeldRecords, heldRecords } from '../../packages/runtime/src/queue/held-records.ts'
import { blocksHeld } from '../../packages/runtime/src/queue/hold-blocks.ts'
import { reclaimBlocks } from '../../packages/runtime/src/queue/lane-closing.ts'
import { BEGUN, FREE, HOLD_NEXT, MESSAGES, WAITING } from '../../packages/runtime/src/queue/layout.ts'
import { attach, newArena, open, RECEIVER, SENDER } from './rig.ts'

/** Sends records of these sizes, each filled with its place in the list. */
function sent(sizes: readonly number[]) {
  const arena = newArena()
  const producer = open(arena)
  sizes.forEach((bytes, i) => {
    producer.reserve(bytes)
    producer.words[producer.envelopeAt] = i
    producer.payload.fill(i, producer.payloadAt, producer.payloadAt + bytes)
    producer.commit()
  })
  const owned = (): number =>
    Array.from({ length: arena.blocksNow() }, (_, block) => arena.ownerOf(block)).filter((owner) => owner === RECEIVER).length
  return { arena, lane: attach(arena), owned }
}

test('G5: what is set aside keeps its envelope and its payload, small or large, while the lane goes on', () => {
  const sizes = [0, 8, 200, 300, 70_000]
  const { arena, lane, owned } = sent(sizes)
  const records = new HeldRecords(arena, RECEIVER, 100)
  for (const _ of sizes) {
    lane.next()
    lane.begin()
    const held = records.hold(lane, BEGUN, true)!
    expect(held.isCopyOf(lane)).toBe(true)
    lane.done()
  }
  const held = heldRecords(arena, RECEIVER)
  held.forEach((record, i) => {
    expect(record.lane).toEqual({ sender: SENDER, senderGeneration: 1 })
    expect(record.words[record.envelopeAt]).toBe(i)
    expect(record.payload.subarray(record.payloadAt, record.payloadAt + record.payloadBytes)).toEqual(new Uint8Array(sizes[i]!).fill(i))
  })
  expect(held.map((record) => record.stateNow())).toEqual(sizes.map(() => BEGUN))
  // A new outbox of the seat takes none of it for its predecessor's leavings.
  expect(reclaimBlocks(arena, RECEIVER, new Set(blocksHeld(arena, RECEIVER)))).toBe(0)
  const before = owned()
  for (const record of held) record.done()
  expect(heldRecords(arena, RECEIVER)).toEqual([])
  // The rows' block stays, the runs do not.
  expect([before, owned()]).toEqual([1 + 1 + 5, 1])
  forgetHeld(arena, RECEIVER)
  expect([reclaimBlocks(arena, RECEIVER, new Set(blocksHeld(arena, RECEIVER))), owned()]).toEqual([1, 0])
})

test('G3, G5: a successor finds what waits in its order, and goes on after it; places are used again', () => {
  const { arena, lane } = sent(new Array(300).fill(8))
  const records = new HeldRecords(arena, RECEIVER, 250)
  const held = Array.from({ length: 250 }, () => {
    lane.next()
    const record = records.hold(lane, BEGUN, true)!
    lane.done()
    return record
  })
  expect(records.isFull).toBe(true)
  for (const i of [7, 3, 200]) held[i]!.putBack(1 << 8)
  for (const i of [0, 100]) held[i]!.done()
  expect(records.isFull).toBe(false)
  const successor = new HeldRecords(arena, RECEIVER, 250)
  expect(successor.waiting().map((record) => record.words[record.envelopeAt])).toEqual([3, 7, 200].map((i) => i + (1 << 8)))
  lane.next()
  const next = successor.hold(lane, WAITING, true)!
  expect(next.number).toBe(251)
  expect(heldRecords(arena, RECEIVER).at(-1)!.number).toBe(251)
  for (const record of successor.waiting()) successor.adopt(record).done()
  expect(heldRecords(arena, RECEIVER)).toHaveLength(250 - 2 - 3)
})

test('G2: a small one in the place of a large one is in the row, and not where that was', () => {
  const { arena, lane } = sent([70_000, 8])
  const records = new HeldRecords(arena, RECEIVER, 100)
  lane.next()
  const large = records.hold(lane, BEGUN, true)!
  const [run] = large.runBlocks()
  large.done()
  lane.done()
  // Its actor has the same blocks for something else by now.
  expect(arena.claim(RECEIVER, 5, MESSAGES)).toBe(run)
  const others = arena.blockBytes(run!, 5).fill(9)
  lane.next()
  records.hold(lane, BEGUN, true)
  expect(others.every((byte) => byte === 9)).toBe(true)
  const [small] = heldRecords(arena, RECEIVER)
  expect(small!.payload.subarray(small!.payloadAt, small!.payloadAt + 8)).toEqual(new Uint8Array(8).fill(1))
})

test('G2: rows that make no sense lead nobody in a circle, nor into the blocks of others', () => {
  const { arena, lane } = sent([8, 300])
  const records = new HeldRecords(arena, RECEIVER, 10)
  lane.next()
  records.hold(lane, BEGUN, true)
  lane.done()
  lane.next()
  const large = records.hold(lane, BEGUN, true)!
  const words = arena.blockWords(large.block, 1)
  words[HOLD_NEXT] = large.block + 1
  expect(heldRecords(arena, RECEIVER)).toHaveLength(2)
  words[HOLD_NEXT] = 1 << 30
  for (const at of [5, 6]) {
    const kept = words[large.envelopeAt - 8 + at]!
    for (const nonsense of [-1, 1 << 30, lane.lane.sender]) {
      words[large.envelopeAt - 8 + at] = nonsense
      expect(() => heldRecords(arena, RECEIVER).map((record) => record.payloadBytes)).not.toThrow()
      expect(() => blocksHeld(arena, RECEIVER)).not.toThrow()
    }
    words[large.envelopeAt - 8 + at] = kept
  }
  large.mark(FREE)
  expect(heldRecords(arena, RECEIVER)).toHaveLength(1)
})
