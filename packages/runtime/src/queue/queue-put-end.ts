import { compareExchange, load, store } from './atomics.ts'
import * as Q from './queue-layout.ts'
import { type PrivateView, type QueueMemory, viewOf } from './queue-memory.ts'

export const Q_PUSHED = 0
export const Q_FULL = 1
export const Q_STOPPED = 2
export type QueuePushResult = typeof Q_PUSHED | typeof Q_FULL | typeof Q_STOPPED

/** A holder is in a lane for the time of one copy: this often a producer looks whether it has left. */
const LOCK_TRIES = 100

/**
 * One thread's putting end. A producer writes into a lane that it holds for the time of one put. What it writes behind the
 * tail is seen by nobody until one compare-and-swap of the tail commits it: a kill before that delivers nothing, after it
 * everything. A producer killed within leaves the lane held; others use other lanes, and what was committed in it is taken
 * as usual.
 *
 * What decides is an atomic operation: the swap of the owner, which takes the lane; the swap of the tail. Everything else
 * is a hint that these confirm, and is read plainly or remembered, because atomic operations are most of what a put costs.
 */
export class QueuePutEnd {
  readonly #memory: QueueMemory
  readonly #words: Int32Array
  readonly #tag: number
  readonly #capacity: number
  readonly #bytesMax: number
  /** The lane of the last push, and its tail after that: order is kept only within a lane. */
  #lane = -1
  #laneAt = 0
  #pushedUpTo = 0
  /** A head that this lane has had since: what lies before it is free. Only good while nobody else pushed into the lane. */
  #headSeen = 0
  #source: PrivateView = viewOf(new Uint8Array(0))

  /** `tag`: what stands in the owner word of a lane that this thread does not hold at the moment. */
  constructor(memory: QueueMemory, tag: number) {
    this.#memory = memory
    this.#words = memory.words
    this.#tag = tag
    this.#capacity = memory.layout.capacity
    this.#bytesMax = Q.roundedUp(memory.layout.bytesMax)
  }

  /** Commits the bytes from `start` to `end`, at most `bytesMax` of them. */
  tryPush(bytes: Uint8Array, start: number, end: number): QueuePushResult {
    const words = this.#words
    // A hint: if it comes too late, the lane is sealed.
    if (words[Q.Q_CLOSED] !== 0) return Q_STOPPED
    if (!this.#lock()) return Q_FULL
    const result = this.#pushHeld(bytes, start, end)
    store(words, this.#laneAt + Q.LANE_OWNER, this.#tag)
    return result
  }

  #pushHeld(bytes: Uint8Array, start: number, end: number): QueuePushResult {
    const memory = this.#memory
    const words = this.#words
    const at = this.#laneAt
    // Only who holds the lane moves its tail; a seal that is set meanwhile is seen by the swap.
    const tail = words[at + Q.LANE_TAIL]!
    if ((tail & Q.SEALED_LANE) !== 0) return Q_STOPPED
    const before = memory.slotAt(at, tail - 2)
    const position = (words[before]! + Q.roundedUp(words[before + 1]!)) | 0
    const length = end - start
    if (!this.#hasRoom(tail, position, length)) return Q_FULL
    if (bytes !== this.#source.bytes) this.#source = viewOf(bytes)
    memory.write(this.#lane, position, this.#source, start, end)
    const slot = memory.slotAt(at, tail)
    words[slot] = position
    words[slot + 1] = length
    const next = (tail + 2) | 0
    // It fails only if the lane was sealed: then the item was neither accepted nor will it be seen.
    if (compareExchange(words, at + Q.LANE_TAIL, tail, next) !== tail) return Q_STOPPED
    this.#pushedUpTo = next
    return Q_PUSHED
  }

  /** By the head as it was when it was last looked at, and if that is not enough, as it is. */
  #hasRoom(tail: number, position: number, length: number): boolean {
    if (tail !== this.#pushedUpTo || !this.#isRoomBehind(this.#headSeen, tail, position, length)) {
      this.#headSeen = load(this.#words, this.#laneAt + Q.LANE_HEAD)
      if (!this.#isRoomBehind(this.#headSeen, tail, position, length)) return false
    }
    // Others may push at this very moment: each can be one too many.
    return this.#words[Q.Q_LANES_USED] === 1 || this.#memory.size < this.#capacity
  }

  #isRoomBehind(head: number, tail: number, position: number, length: number): boolean {
    if (((tail - head) | 0) >>> 1 >= this.#capacity) return false
    const used = head === tail ? 0 : (position - this.#words[this.#memory.slotAt(this.#laneAt, head)]!) | 0
    return used + length <= this.#bytesMax
  }

  /** Holds a lane; false: none can be had at the moment. */
  #lock(): boolean {
    if (this.#lane >= 0) {
      if (this.#tryLock(this.#laneAt + Q.LANE_OWNER, this.#tag) || this.#lockSoon()) return true
      const head = load(this.#words, this.#laneAt + Q.LANE_HEAD)
      // Items of this thread still wait in it: one in another lane could overtake them.
      if (((this.#pushedUpTo - head) | 0) > 0) return false
    }
    const lane = this.#lockAny()
    if (lane !== this.#lane) {
      this.#lane = lane
      this.#laneAt = this.#memory.laneAt(Math.max(0, lane))
      this.#headSeen = this.#pushedUpTo = load(this.#words, this.#laneAt + Q.LANE_HEAD)
    }
    return lane >= 0
  }

  /** Own lane first, whoever used it meanwhile; a lane in use is left by its holder within the time of one copy, or never. */
  #lockSoon(): boolean {
    const word = this.#laneAt + Q.LANE_OWNER
    for (let i = 0; i < LOCK_TRIES; i++) {
      const owner = load(this.#words, word)
      if ((owner & Q.BUSY) === 0 && this.#tryLock(word, owner)) return true
    }
    return false
  }

  #lockAny(): number {
    const { lanes } = this.#memory.layout
    // Another view of this thread may have used it, and what it put is still first.
    const own = this.#lockFirst(load(this.#words, Q.Q_LANES_USED), (owner) => owner === this.#tag)
    if (own >= 0) return own
    const fresh = this.#lockFirst(Math.min(Q.QUEUE_LANES_FRESH, lanes), (owner) => owner === 0)
    if (fresh >= 0) return fresh
    const used = load(this.#words, Q.Q_LANES_USED)
    const isIdle = (owner: number, lane: number): boolean => (owner & Q.BUSY) === 0 && this.#memory.sizeOf(this.#memory.laneAt(lane)) === 0
    const idle = this.#lockFirst(used, isIdle)
    return idle >= 0 ? idle : this.#lockFirst(lanes, (owner) => (owner & Q.BUSY) === 0)
  }

  #lockFirst(lanes: number, isWanted: (owner: number, lane: number) => boolean): number {
    for (let lane = 0; lane < lanes; lane++) {
      const word = this.#memory.laneAt(lane) + Q.LANE_OWNER
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
}
