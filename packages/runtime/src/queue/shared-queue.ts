import { assert } from '../base/assert.ts'
import { compareExchange, load, or, store } from './atomics.ts'
import * as Q from './queue-layout.ts'
import { WaitWord } from './wait-word.ts'

export const Q_PUSHED = 0
export const Q_FULL = 1
export const Q_STOPPED = 2
export type QueuePushResult = typeof Q_PUSHED | typeof Q_FULL | typeof Q_STOPPED

export const TAKEN = 0
export const EMPTY = 1
/** Empty, closed, and nothing can come any more. */
export const ENDED = 2
export type TakeResult = typeof TAKEN | typeof EMPTY | typeof ENDED

/** A holder is in a lane for the time of one copy: this often a producer looks whether it has left. */
const LOCK_TRIES = 100
/** Up to here a loop is faster than making a view for `set`. */
const LOOP_BYTES_MAX = 96
const SCRATCH_BYTES_MIN = 4 * 1024

/**
 * One thread's view of a public queue. Several producers, several consumers, and any of them may be killed at any
 * instruction:
 *
 * A producer writes into a lane that it holds for the time of one put. What it writes behind the tail is seen by nobody
 * until one compare-and-swap of the tail commits it: a kill before that delivers nothing, after it everything. A producer
 * killed within leaves the lane held; others use other lanes, and what was committed in it is taken as usual.
 *
 * A consumer copies the item first, and then swaps the head: the swap is the take. A kill before it takes nothing, after it
 * the item was this consumer's. Whoever copied while another took has copied what may have been overwritten; its swap
 * fails, and it looks again.
 *
 * Everything is read from shared memory each time, so that two views in one thread do no harm.
 */
export class SharedQueue {
  readonly layout: Q.QueueLayout
  readonly atByte: number
  readonly notEmpty: WaitWord
  readonly notFull: WaitWord
  readonly #words: Int32Array
  readonly #rings: Uint8Array
  readonly #tag: number
  /** The lane of the last push, and its tail after that: order is kept only within a lane. */
  #lane = -1
  #pushedUpTo = 0
  /** Where the next look for an item begins. */
  #cursor = 0
  /** What was taken last: the first `takenBytes`. */
  taken = new Uint8Array(SCRATCH_BYTES_MIN)
  takenBytes = 0

  private constructor(memory: SharedArrayBuffer, atByte: number, layout: Q.QueueLayout, thread: number) {
    this.layout = layout
    this.atByte = atByte
    this.#words = new Int32Array(memory, atByte, layout.ringsAtByte / 4)
    this.#rings = new Uint8Array(memory, atByte + layout.ringsAtByte, layout.lanes * layout.ringBytes)
    this.#tag = (thread + 1) << 1
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
      const at = queue.#laneAt(lane)
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
    store(words, Q.Q_MAGIC, Q.QUEUE_MAGIC)
    return queue
  }

  /** Undefined: there is no queue of that name. */
  static attach(memory: SharedArrayBuffer, atByte: number, name: readonly [number, number], thread: number): SharedQueue | undefined {
    if (atByte < 0 || (atByte & 3) !== 0 || atByte + Q.Q_HEADER_WORDS * 4 > memory.byteLength) return undefined
    const head = new Int32Array(memory, atByte, Q.Q_HEADER_WORDS)
    if (load(head, Q.Q_MAGIC) !== Q.QUEUE_MAGIC || head[Q.Q_NAME] !== name[0] || head[Q.Q_NAME_LOW] !== name[1]) return undefined
    const layout = Q.queueLayout({ lanes: head[Q.Q_LANES]!, capacity: head[Q.Q_CAPACITY]!, bytesMax: head[Q.Q_BYTES_MAX]! })
    return new SharedQueue(memory, atByte, layout, thread)
  }

  get name(): readonly [number, number] {
    return [this.#words[Q.Q_NAME]!, this.#words[Q.Q_NAME_LOW]!]
  }

  get isClosed(): boolean {
    return load(this.#words, Q.Q_CLOSED) !== 0
  }

  get size(): number {
    let size = 0
    for (let lane = load(this.#words, Q.Q_LANES_USED) - 1; lane >= 0; lane--) size += this.#sizeOf(this.#laneAt(lane))
    return size
  }

  /** Commits the bytes from `start` to `end`, at most `bytesMax` of them. */
  tryPush(bytes: Uint8Array, start: number, end: number): QueuePushResult {
    if (this.isClosed) return Q_STOPPED
    const lane = this.#lock()
    if (lane < 0) return Q_FULL
    const result = this.#pushInto(lane, bytes, start, end)
    store(this.#words, this.#laneAt(lane) + Q.LANE_OWNER, this.#tag)
    if (result === Q_PUSHED) this.notEmpty.wake()
    return result
  }

  #pushInto(lane: number, bytes: Uint8Array, start: number, end: number): QueuePushResult {
    const words = this.#words
    const at = this.#laneAt(lane)
    const tail = load(words, at + Q.LANE_TAIL)
    if ((tail & Q.SEALED_LANE) !== 0) return Q_STOPPED
    const head = load(words, at + Q.LANE_HEAD)
    const before = this.#slotAt(at, tail - 2)
    const position = (words[before]! + words[before + 1]!) | 0
    const used = head === tail ? 0 : (position - words[this.#slotAt(at, head)]!) | 0
    if (used + end - start > this.layout.bytesMax || !this.#hasRoom(tail - head)) return Q_FULL
    this.#copyIn(lane, position, bytes, start, end)
    const slot = this.#slotAt(at, tail)
    words[slot] = position
    words[slot + 1] = end - start
    // It fails only if the lane was sealed: then the item was neither accepted nor will it be seen.
    if (compareExchange(words, at + Q.LANE_TAIL, tail, (tail + 2) | 0) !== tail) return Q_STOPPED
    this.#pushedUpTo = (tail + 2) | 0
    return Q_PUSHED
  }

  /** `waiting`: twice the items of this lane. Others may push at this very moment: each can be one too many. */
  #hasRoom(waiting: number): boolean {
    const mine = (waiting | 0) >>> 1
    if (mine >= this.layout.capacity) return false
    return load(this.#words, Q.Q_LANES_USED) === 1 || this.size < this.layout.capacity
  }

  #copyIn(lane: number, position: number, bytes: Uint8Array, start: number, end: number): void {
    const { ringBytes } = this.layout
    const base = lane * ringBytes
    const from = position & (ringBytes - 1)
    const rings = this.#rings
    const length = end - start
    if (from + length > ringBytes) {
      const first = ringBytes - from
      rings.set(bytes.subarray(start, start + first), base + from)
      rings.set(bytes.subarray(start + first, end), base)
    } else if (length > LOOP_BYTES_MAX) rings.set(bytes.subarray(start, end), base + from)
    else for (let i = start, at = base + from; i < end; i++, at++) rings[at] = bytes[i]!
  }

  /** Takes the oldest item of some lane into `taken`. */
  tryTake(): TakeResult {
    if (this.#takeAny()) return TAKEN
    if (!this.isClosed) return EMPTY
    // The closer may have died on its way: what is not sealed now is sealed here, and what came before is still taken.
    this.#sealAll()
    return this.#takeAny() ? TAKEN : ENDED
  }

  #takeAny(): boolean {
    const used = load(this.#words, Q.Q_LANES_USED)
    let lane = this.#cursor < used ? this.#cursor : 0
    for (let i = 0; i < used; i++) {
      if (this.#takeFrom(lane)) {
        this.#cursor = lane + 1
        this.notFull.wake()
        return true
      }
      if (++lane === used) lane = 0
    }
    return false
  }

  #takeFrom(lane: number): boolean {
    const words = this.#words
    const at = this.#laneAt(lane)
    for (;;) {
      const head = load(words, at + Q.LANE_HEAD)
      if (head === (load(words, at + Q.LANE_TAIL) & ~Q.SEALED_LANE)) return false
      const slot = this.#slotAt(at, head)
      const position = words[slot]!
      const length = words[slot + 1]!
      const makesSense = length > 0 && length <= this.layout.bytesMax
      if (makesSense) this.#copyOut(lane, position, length)
      if (compareExchange(words, at + Q.LANE_HEAD, head, (head + 2) | 0) !== head) continue
      assert(makesSense, 'a queue holds an item without a length')
      this.takenBytes = length
      return true
    }
  }

  #copyOut(lane: number, position: number, length: number): void {
    const { ringBytes } = this.layout
    const base = lane * ringBytes
    const from = position & (ringBytes - 1)
    const rings = this.#rings
    if (this.taken.length < length) this.taken = new Uint8Array(length)
    const into = this.taken
    if (from + length > ringBytes) {
      into.set(rings.subarray(base + from, base + ringBytes))
      into.set(rings.subarray(base, base + from + length - ringBytes), ringBytes - from)
    } else if (length > LOOP_BYTES_MAX) into.set(rings.subarray(base + from, base + from + length))
    else for (let i = 0, at = base + from; i < length; i++, at++) into[i] = rings[at]!
  }

  /** Nothing is accepted after this; what was accepted can be taken. Idempotent, and complete even if its caller is killed. */
  close(): void {
    store(this.#words, Q.Q_CLOSED, 1)
    this.#sealAll()
    this.ring()
  }

  #sealAll(): void {
    for (let lane = 0; lane < this.layout.lanes; lane++) or(this.#words, this.#laneAt(lane) + Q.LANE_TAIL, Q.SEALED_LANE)
  }

  /** Everybody who waits looks again. */
  ring(): void {
    this.notEmpty.ring()
    this.notFull.ring()
  }

  /** That thread has ended: the lanes that it held are free. Never call this while it lives. */
  releaseThread(thread: number): void {
    const tag = (thread + 1) << 1
    for (let lane = 0; lane < this.layout.lanes; lane++) {
      const owner = this.#laneAt(lane) + Q.LANE_OWNER
      compareExchange(this.#words, owner, tag | Q.BUSY, 0)
      compareExchange(this.#words, owner, tag, 0)
    }
    // It may have died between what it did and the wake-up that it owed.
    this.ring()
  }

  /** Holds a lane; −1: none at the moment. */
  #lock(): number {
    if (this.#lane >= 0) {
      if (this.#lockLane(this.#lane)) return this.#lane
      const head = load(this.#words, this.#laneAt(this.#lane) + Q.LANE_HEAD)
      // Items of this thread still wait in it: one in another lane could overtake them.
      if (((this.#pushedUpTo - head) | 0) > 0) return -1
    }
    return (this.#lane = this.#lockAny())
  }

  /** Own lane first, whoever used it meanwhile; a lane in use is left by its holder within the time of one copy, or never. */
  #lockLane(lane: number): boolean {
    const word = this.#laneAt(lane) + Q.LANE_OWNER
    for (let i = 0; i < LOCK_TRIES; i++) {
      const owner = load(this.#words, word)
      if ((owner & Q.BUSY) === 0 && this.#tryLock(word, owner)) return true
    }
    return false
  }

  #lockAny(): number {
    const { lanes } = this.layout
    // Another view of this thread may have used it, and what it put is still first.
    const own = this.#lockFirst(load(this.#words, Q.Q_LANES_USED), (owner) => owner === this.#tag)
    if (own >= 0) return own
    const fresh = this.#lockFirst(Math.min(Q.QUEUE_LANES_FRESH, lanes), (owner) => owner === 0)
    if (fresh >= 0) return fresh
    const used = load(this.#words, Q.Q_LANES_USED)
    const idle = this.#lockFirst(used, (owner, lane) => (owner & Q.BUSY) === 0 && this.#sizeOf(this.#laneAt(lane)) === 0)
    return idle >= 0 ? idle : this.#lockFirst(lanes, (owner) => (owner & Q.BUSY) === 0)
  }

  #lockFirst(lanes: number, isWanted: (owner: number, lane: number) => boolean): number {
    for (let lane = 0; lane < lanes; lane++) {
      const word = this.#laneAt(lane) + Q.LANE_OWNER
      const owner = load(this.#words, word)
      if (!isWanted(owner, lane) || !this.#tryLock(word, owner)) continue
      this.#raiseUsed(lane + 1)
      return lane
    }
    return -1
  }

  #tryLock(word: number, owner: number): boolean {
    return compareExchange(this.#words, word, owner, this.#tag | Q.BUSY) === owner
  }

  #raiseUsed(used: number): void {
    for (let now = load(this.#words, Q.Q_LANES_USED); now < used; now = load(this.#words, Q.Q_LANES_USED))
      compareExchange(this.#words, Q.Q_LANES_USED, now, used)
  }

  #laneAt(lane: number): number {
    return Q.Q_HEADER_WORDS + lane * this.layout.laneWords
  }

  #slotAt(laneAt: number, ordinal: number): number {
    return laneAt + Q.LANE_HEADER_WORDS + ((ordinal >>> 1) & (this.layout.slots - 1)) * Q.SLOT_WORDS
  }

  /** The head is read first: a tail can only be ahead of it. */
  #sizeOf(laneAt: number): number {
    const head = load(this.#words, laneAt + Q.LANE_HEAD)
    return (((load(this.#words, laneAt + Q.LANE_TAIL) & ~Q.SEALED_LANE) - head) | 0) >>> 1
  }
}
