import { assert } from '../base/assert.ts'
import { compareExchange, load } from './atomics.ts'
import * as Q from './queue-layout.ts'
import { type PrivateView, type QueueMemory, viewOf } from './queue-memory.ts'

export const TAKEN = 0
export const EMPTY = 1
/** Empty, closed, and nothing can come any more. */
export const ENDED = 2
export type TakeResult = typeof TAKEN | typeof EMPTY | typeof ENDED

const SCRATCH_BYTES_MIN = 4 * 1024

/**
 * One thread's taking end. A consumer copies the item first, and then swaps the head: the swap is the take. A kill before
 * it takes nothing, after it the item was this consumer's. Whoever copied while another took has copied what may have been
 * overwritten; its swap fails, and it looks again.
 *
 * Only the swap decides. A head that is read plainly may be old, and then the swap fails. A tail that was seen is good until
 * all before it is taken, as long as nobody else takes from the lane: so one consumer reads it once for many items.
 */
export class QueueTakeEnd {
  readonly #memory: QueueMemory
  readonly #words: Int32Array
  readonly #bytesMax: number
  /** By lane: the tail when it was last looked at, and the head after the last take from here. */
  readonly #tailSeen: Int32Array
  readonly #takenUpTo: Int32Array
  #scratch: PrivateView = viewOf(new Uint8Array(SCRATCH_BYTES_MIN))
  /** Where the next look for an item begins. */
  #cursor = 0
  takenBytes = 0

  constructor(memory: QueueMemory) {
    this.#memory = memory
    this.#words = memory.words
    this.#bytesMax = memory.layout.bytesMax
    this.#tailSeen = new Int32Array(memory.layout.lanes)
    this.#takenUpTo = new Int32Array(memory.layout.lanes)
  }

  /** What was taken last: the first `takenBytes`. */
  get taken(): Uint8Array {
    return this.#scratch.bytes
  }

  /** Takes the oldest item of some lane into `taken`. */
  tryTake(): TakeResult {
    if (this.#takeAny()) return TAKEN
    if (!this.#memory.isClosed) return EMPTY
    // The closer may have died on its way: what is not sealed now is sealed here, and what came before is still taken.
    this.#memory.sealAll()
    return this.#takeAny() ? TAKEN : ENDED
  }

  #takeAny(): boolean {
    let used = this.#words[Q.Q_LANES_USED]!
    for (;;) {
      if (this.#takeFromFirst(used)) return true
      // Whoever is about to sleep must not overlook a new lane.
      const now = load(this.#words, Q.Q_LANES_USED)
      if (now === used) return false
      used = now
    }
  }

  #takeFromFirst(lanes: number): boolean {
    let lane = this.#cursor < lanes ? this.#cursor : 0
    for (let i = 0; i < lanes; i++) {
      if (this.#takeFrom(lane)) {
        this.#cursor = lane + 1
        return true
      }
      if (++lane === lanes) lane = 0
    }
    return false
  }

  #takeFrom(lane: number): boolean {
    const words = this.#words
    const at = this.#memory.laneAt(lane)
    let head = words[at + Q.LANE_HEAD]!
    for (;;) {
      if (head !== this.#takenUpTo[lane]! || head === this.#tailSeen[lane]!) {
        const tail = load(words, at + Q.LANE_TAIL) & ~Q.SEALED_LANE
        if (head === tail) return false
        this.#tailSeen[lane] = tail
      }
      const slot = this.#memory.slotAt(at, head)
      const position = words[slot]!
      const length = words[slot + 1]!
      const makesSense = length > 0 && length <= this.#bytesMax
      if (makesSense) this.#copyOut(lane, position, length)
      const next = (head + 2) | 0
      const now = compareExchange(words, at + Q.LANE_HEAD, head, next)
      if (now === head) {
        assert(makesSense, 'a queue holds an item without a length')
        this.#takenUpTo[lane] = next
        this.takenBytes = length
        return true
      }
      head = now
    }
  }

  #copyOut(lane: number, position: number, length: number): void {
    if (this.#scratch.bytes.length < length) this.#scratch = viewOf(new Uint8Array(Q.roundedUp(length)))
    this.#memory.read(lane, position, length, this.#scratch)
  }
}
