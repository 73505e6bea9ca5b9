import { compareExchange, load, store } from './atomics.ts'
import { SHAPE_WORDS } from './layout.ts'
import { ShapeNames } from './names.ts'
import * as Q from './queue-layout.ts'
import { QueueMemory } from './queue-memory.ts'
import { Q_PUSHED, type QueuePushResult, QueuePutEnd } from './queue-put-end.ts'
import { QueueTakeEnd, TAKEN, type TakeResult } from './queue-take-end.ts'
import { WaitWord } from './wait-word.ts'

/**
 * One thread's view of a public queue. Several producers, several consumers, and any of them may be killed at any
 * instruction: how that can be is told at the two ends.
 *
 * Two views in one thread do no harm: what a view remembers is checked against shared memory.
 */
export class SharedQueue {
  readonly layout: Q.QueueLayout
  readonly atByte: number
  readonly notEmpty: WaitWord
  readonly notFull: WaitWord
  readonly #memory: QueueMemory
  readonly #words: Int32Array
  readonly #put: QueuePutEnd
  readonly #take: QueueTakeEnd

  private constructor(memory: SharedArrayBuffer, atByte: number, layout: Q.QueueLayout, thread: number) {
    this.layout = layout
    this.atByte = atByte
    this.#memory = new QueueMemory(memory, atByte, layout)
    this.#words = this.#memory.words
    this.#put = new QueuePutEnd(this.#memory, tagOf(thread))
    this.#take = new QueueTakeEnd(this.#memory)
    this.notEmpty = new WaitWord(this.#words, Q.Q_NOT_EMPTY)
    this.notFull = new WaitWord(this.#words, Q.Q_NOT_FULL)
  }

  /** Makes a queue in memory that may hold anything. `name`: two random words. `thread`: unique in the process, from 0 on. */
  static create(
    memory: SharedArrayBuffer,
    atByte: number,
    shape: Q.QueueShape,
    name: readonly [number, number],
    thread: number,
  ): SharedQueue {
    const layout = Q.queueLayout(shape)
    const queue = new SharedQueue(memory, atByte, layout, thread)
    const words = queue.#words
    words.fill(0, 0, Q.Q_HEADER_WORDS)
    for (let lane = 0; lane < layout.lanes; lane++) {
      const at = queue.#memory.laneAt(lane)
      words.fill(0, at, at + Q.LANE_HEADER_WORDS)
      // The item before the first one: it ends at position 0.
      words.fill(0, at + layout.laneWords - Q.SLOT_WORDS, at + layout.laneWords)
    }
    words[Q.Q_NAME] = name[0]
    words[Q.Q_NAME_LOW] = name[1]
    words[Q.Q_LANES] = layout.lanes
    words[Q.Q_SLOTS] = layout.slots
    words[Q.Q_CAPACITY] = layout.capacity
    words[Q.Q_BYTES_MAX] = layout.bytesMax
    words[Q.Q_SHAPES] = layout.shapes
    store(words, Q.Q_MAGIC, Q.QUEUE_MAGIC)
    return queue
  }

  /** Undefined: there is no queue of that name. */
  static attach(memory: SharedArrayBuffer, atByte: number, name: readonly [number, number], thread: number): SharedQueue | undefined {
    if (atByte < 0 || (atByte & 3) !== 0 || atByte + Q.Q_HEADER_WORDS * 4 > memory.byteLength) return undefined
    const head = new Int32Array(memory, atByte, Q.Q_HEADER_WORDS)
    if (load(head, Q.Q_MAGIC) !== Q.QUEUE_MAGIC || head[Q.Q_NAME] !== name[0] || head[Q.Q_NAME_LOW] !== name[1]) return undefined
    const layout = Q.queueLayout({
      lanes: head[Q.Q_LANES]!,
      capacity: head[Q.Q_CAPACITY]!,
      bytesMax: head[Q.Q_BYTES_MAX]!,
      shapes: head[Q.Q_SHAPES]!,
    })
    return new SharedQueue(memory, atByte, layout, thread)
  }

  get name(): readonly [number, number] {
    return [this.#words[Q.Q_NAME]!, this.#words[Q.Q_NAME_LOW]!]
  }

  /** The keys of the objects in it, where no system has a table for them. */
  shapes(): ShapeNames {
    const { shapes, shapesAtByte } = this.layout
    const words = new Int32Array(this.#words.buffer, this.atByte, (shapesAtByte >> 2) + shapes * SHAPE_WORDS)
    return new ShapeNames(words, { countWord: Q.Q_SHAPES_USED, firstWord: shapesAtByte >> 2, slotWords: SHAPE_WORDS, slots: shapes })
  }

  get isClosed(): boolean {
    return this.#memory.isClosed
  }

  get size(): number {
    return this.#memory.size
  }

  /** Commits the bytes from `start` to `end`, at most `bytesMax` of them. */
  tryPush(bytes: Uint8Array, start: number, end: number): QueuePushResult {
    const result = this.#put.tryPush(bytes, start, end)
    if (result === Q_PUSHED) this.notEmpty.wake()
    return result
  }

  /** Takes the oldest item of some lane into `taken`. */
  tryTake(): TakeResult {
    const result = this.#take.tryTake()
    if (result === TAKEN) this.notFull.wake()
    return result
  }

  /** What was taken last: the first `takenBytes`. */
  get taken(): Uint8Array {
    return this.#take.taken
  }

  get takenBytes(): number {
    return this.#take.takenBytes
  }

  /** Nothing is accepted after this; what was accepted can be taken. Idempotent, and complete even if its caller is killed. */
  close(): void {
    store(this.#words, Q.Q_CLOSED, 1)
    this.#memory.sealAll()
    this.ring()
  }

  /** Everybody who waits looks again. */
  ring(): void {
    this.notEmpty.ring()
    this.notFull.ring()
  }

  /** That thread has ended: the lanes that it held are free. Never call this while it lives. */
  releaseThread(thread: number): void {
    const tag = tagOf(thread)
    for (let lane = 0; lane < this.layout.lanes; lane++) {
      const owner = this.#memory.laneAt(lane) + Q.LANE_OWNER
      compareExchange(this.#words, owner, tag | Q.BUSY, 0)
      compareExchange(this.#words, owner, tag, 0)
    }
    // It may have died between what it did and the wake-up that it owed.
    this.ring()
  }
}

/** In the owner word of a lane: bit 0 says whether it is held at the moment. */
function tagOf(thread: number): number {
  return (thread + 1) << 1
}
