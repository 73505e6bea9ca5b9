import { expect, test } from 'vitest'
import * as Q from '../../packages/runtime/src/queue/queue-layout.ts'
import { Q_FULL, Q_PUSHED, Q_STOPPED } from '../../packages/runtime/src/queue/queue-put-end.ts'
import { EMPTY, ENDED, TAKEN } from '../../packages/runtime/src/queue/queue-take-end.ts'
import { SharedQueue } from '../../packages/runtime/src/queue/shared-queue.ts'

const SHAPE = { lanes: 12, capacity: 8, bytesMax: 64, shapes: 4 }
const NAME = [3, 4] as const

/** A queue in memory that held something else before, its words, and views of it from other threads. */
function scene(): { queue: SharedQueue; words: Int32Array; view: (thread: number) => SharedQueue; laneAt: (lane: number) => number } {
  const layout = Q.queueLayout(SHAPE)
  const memory = new SharedArrayBuffer(layout.bytes)
  new Uint8Array(memory).fill(0xa5)
  const queue = SharedQueue.create(memory, 0, SHAPE, NAME, 1)
  return {
    queue,
    words: new Int32Array(memory),
    view: (thread) => SharedQueue.attach(memory, 0, NAME, thread)!,
    laneAt: (lane) => Q.Q_HEADER_WORDS + lane * layout.laneWords,
  }
}

function push(queue: SharedQueue, ...bytes: number[]): number {
  return queue.tryPush(Uint8Array.from(bytes), 0, bytes.length)
}

function take(queue: SharedQueue): number[] | number {
  const result = queue.tryTake()
  return result === TAKEN ? [...queue.taken.subarray(0, queue.takenBytes)] : result
}

test('Queue: two views of one thread share its lane, and so its order', () => {
  const { queue, words, view } = scene()
  for (let n = 0; n < 6; n++) expect(push(n % 2 === 0 ? queue : view(1), n)).toBe(Q_PUSHED)
  expect(words[Q.Q_LANES_USED]).toBe(1)
  const consumer = view(9)
  expect(Array.from({ length: 7 }, () => take(consumer))).toEqual([[0], [1], [2], [3], [4], [5], EMPTY])
})

test('Queue: a producer killed within a put costs a lane until it is released; others put, and what it had put is taken', () => {
  const { queue, words, view, laneAt } = scene()
  const dead = view(5)
  expect(push(dead, 1)).toBe(Q_PUSHED)
  // Killed with the lane in its hands, and half of an item behind the tail.
  words[laneAt(0) + Q.LANE_OWNER] = (6 << 1) | Q.BUSY
  expect(push(queue, 2)).toBe(Q_PUSHED)
  expect([take(queue), take(queue), take(queue)].sort()).toEqual([[1], [2], EMPTY].sort())
  queue.releaseThread(5)
  expect(words[laneAt(0) + Q.LANE_OWNER]).toBe(0)
  expect(push(view(7), 3)).toBe(Q_PUSHED)
  expect([words[Q.Q_LANES_USED], take(queue)]).toEqual([2, [3]])
})

test('Queue: a producer whose lane is held waits until its items there are taken, and only then goes elsewhere', () => {
  const { queue, words, view, laneAt } = scene()
  expect(push(queue, 1)).toBe(Q_PUSHED)
  words[laneAt(0) + Q.LANE_OWNER] = (99 << 1) | Q.BUSY
  expect(push(queue, 2)).toBe(Q_FULL)
  expect(take(view(9))).toEqual([1])
  expect(push(queue, 2)).toBe(Q_PUSHED)
  expect(take(view(9))).toEqual([2])
})

test('Queue: more threads than lanes share them', () => {
  const { queue, view } = scene()
  const producers = Array.from({ length: 40 }, (_, i) => view(10 + i))
  for (let round = 0; round < 3; round++) {
    for (const [i, producer] of producers.entries()) {
      expect(push(producer, round, i)).toBe(Q_PUSHED)
      expect(take(queue)).toEqual([round, i])
    }
  }
})

test('Queue: a closer killed after its first word has closed the queue all the same', () => {
  const { queue, words, view } = scene()
  const other = view(2)
  expect([push(queue, 1), push(other, 2)]).toEqual([Q_PUSHED, Q_PUSHED])
  words[Q.Q_CLOSED] = 1
  expect([push(queue, 3), take(queue), take(queue), take(queue)]).toEqual([Q_STOPPED, [1], [2], ENDED])
})

test('Queue: a put that is on its way when the lanes are sealed is refused, or taken, never both and never neither', () => {
  const { queue, words, laneAt } = scene()
  expect(push(queue, 1)).toBe(Q_PUSHED)
  // The producer has read an open queue, and its lane is sealed before it commits.
  words[laneAt(0) + Q.LANE_TAIL]! |= Q.SEALED_LANE
  expect([push(queue, 2), take(queue), take(queue)]).toEqual([Q_STOPPED, [1], EMPTY])
})

test('Queue: counters and positions go around 2^32', () => {
  const { queue, words, laneAt } = scene()
  expect([push(queue, 1), take(queue)]).toEqual([Q_PUSHED, [1]])
  const near = -12
  words[laneAt(0) + Q.LANE_TAIL] = near
  words[laneAt(0) + Q.LANE_HEAD] = near
  const slot = laneAt(0) + Q.LANE_HEADER_WORDS + (((near - 2) >>> 1) & 7) * Q.SLOT_WORDS
  words[slot] = -20
  words[slot + 1] = 3
  for (let n = 0; n < 40; n++) {
    expect([push(queue, n, 1, 2), push(queue, n, 3), queue.size]).toEqual([Q_PUSHED, Q_PUSHED, 2])
    expect([take(queue), take(queue), take(queue)]).toEqual([[n, 1, 2], [n, 3], EMPTY])
  }
  expect(words[laneAt(0) + Q.LANE_TAIL]).toBe(near + 160)
})

test('Queue: a consumer that was overtaken while it copied looks again', () => {
  const { queue, view } = scene()
  const [one, two] = [view(2), view(3)]
  for (let n = 0; n < 8; n++) expect(push(queue, n)).toBe(Q_PUSHED)
  const seen = Array.from({ length: 8 }, (_, i) => (take(i % 2 === 0 ? one : two) as number[])[0])
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})
