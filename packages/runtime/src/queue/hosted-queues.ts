import type { Arena } from './arena.ts'
import { compareExchange, load } from './atomics.ts'
import { BLOCK_BYTES, HEAD_QUEUES, MESSAGES } from './layout.ts'
import { Q_HEADER_WORDS, Q_NAME, Q_NAME_LOW, Q_NEXT, type QueueShape, queueLayout } from './queue-layout.ts'
import { SharedQueue } from './shared-queue.ts'

/** Public queues in blocks of the arena. They stay until the system has ended: any thread may be writing into one. */

/** Makes a queue; undefined when the budget has no room for it. */
export function hostQueue(arena: Arena, shape: QueueShape, name: readonly [number, number], thread: number): SharedQueue | undefined {
  // An owner that is no seat: nobody who clears up after a seat takes these blocks for its own.
  const owner = arena.layout.seats
  const block = arena.claim(owner, Math.ceil(queueLayout(shape).bytes / BLOCK_BYTES), MESSAGES)
  if (block < 0) return undefined
  const queue = SharedQueue.create(arena.memory, arena.blockByte(block), shape, name, thread)
  const head = new Int32Array(arena.memory, arena.blockByte(block), Q_HEADER_WORDS)
  do head[Q_NEXT] = load(arena.words, HEAD_QUEUES)
  while (compareExchange(arena.words, HEAD_QUEUES, head[Q_NEXT]!, block + 1) !== head[Q_NEXT])
  return queue
}

/** The queue of that name, or undefined. */
export function findHostedQueue(arena: Arena, name: readonly [number, number], thread: number): SharedQueue | undefined {
  for (const head of headsOf(arena)) {
    if (head[Q_NAME] === name[0] && head[Q_NAME_LOW] === name[1]) return SharedQueue.attach(arena.memory, head.byteOffset, name, thread)
  }
  return undefined
}

/** An isolate has ended: what it held of any queue is free, and the wake-ups that it owed are made up for. */
export function releaseHostedQueues(arena: Arena, thread: number): void {
  for (const queue of hostedQueues(arena)) queue.releaseThread(thread)
}

/** Takes an isolate that is about to end out of its waits: see `markDying`. */
export function ringHostedQueues(arena: Arena): void {
  for (const queue of hostedQueues(arena)) queue.ring()
}

/** The system has ended. */
export function closeHostedQueues(arena: Arena): void {
  for (const queue of hostedQueues(arena)) queue.close()
}

function hostedQueues(arena: Arena): SharedQueue[] {
  return [...headsOf(arena)].map((head) => SharedQueue.attach(arena.memory, head.byteOffset, [head[Q_NAME]!, head[Q_NAME_LOW]!], 0)!)
}

function* headsOf(arena: Arena): Iterable<Int32Array> {
  let pointer = load(arena.words, HEAD_QUEUES)
  while (pointer > 0) {
    const head = new Int32Array(arena.memory, arena.blockByte(pointer - 1), Q_HEADER_WORDS)
    yield head
    pointer = head[Q_NEXT]!
  }
}
