import { assert } from '../base/assert.ts'
import { compareExchange, load } from './atomics.ts'
import * as L from './layout.ts'

const GROWTH_BLOCKS_MIN = 64

/**
 * One thread's view of the shared memory. Every typed array on it is made with an explicit length: length-tracking views
 * are 10 to 30 times slower.
 */
export class Arena {
  readonly memory: SharedArrayBuffer
  readonly layout: L.Layout
  /** Everything before the blocks. */
  readonly words: Int32Array
  /** Below this, this thread has seen no free block lately: where its next search starts. */
  #searchFrom = 0
  #limbo: { readonly owner: number; readonly block: number; readonly seat: number; readonly generation: number }[] = []

  private constructor(memory: SharedArrayBuffer, layout: L.Layout) {
    this.memory = memory
    this.layout = layout
    this.words = new Int32Array(memory, 0, layout.fixedWords)
  }

  /** `bytesMax` is halved until the machine can reserve it (address space may be limited). */
  static create(seats: number, bytesMax: number): Arena {
    for (let bytes = bytesMax; ; bytes = Math.floor(bytes / 2)) {
      const layout = L.layoutOf(seats, Math.max(GROWTH_BLOCKS_MIN, Math.floor(bytes / L.BLOCK_BYTES)))
      try {
        const memory = new SharedArrayBuffer(layout.blocksAtByte, { maxByteLength: layout.blocksAtByte + layout.blocksMax * L.BLOCK_BYTES })
        const arena = new Arena(memory, layout)
        arena.words[L.HEAD_MAGIC] = L.MAGIC
        arena.words[L.HEAD_SEATS] = seats
        arena.words[L.HEAD_BLOCKS_MAX] = layout.blocksMax
        return arena
      } catch (error) {
        if (!(error instanceof RangeError) || bytes < 1024 * 1024) throw error
      }
    }
  }

  static attach(memory: SharedArrayBuffer): Arena {
    const head = new Int32Array(memory, 0, L.HEAD_WORDS)
    assert(head[L.HEAD_MAGIC] === L.MAGIC, 'an arena of another version')
    return new Arena(memory, L.layoutOf(head[L.HEAD_SEATS]!, head[L.HEAD_BLOCKS_MAX]!))
  }

  seatWord(seat: number, word: number): number {
    return this.layout.seatsAt + seat * L.SEAT_WORDS + word
  }

  cellWord(kind: L.LaneKind, receiver: number, sender: number): number {
    return this.layout.matrixAt + (kind * this.layout.seats + receiver) * this.layout.seats + sender
  }

  bitmapWord(kind: L.LaneKind, receiver: number, sender: number): number {
    return this.layout.bitmapsAt + (receiver * 2 + kind) * this.layout.bitmapWords + (sender >> 5)
  }

  blockByte(block: number): number {
    return this.layout.blocksAtByte + block * L.BLOCK_BYTES
  }

  blocksNow(): number {
    return Math.floor((this.memory.byteLength - this.layout.blocksAtByte) / L.BLOCK_BYTES)
  }

  /** The words of `blocks` blocks in a row, the header included. */
  blockWords(block: number, blocks: number): Int32Array {
    return new Int32Array(this.memory, this.blockByte(block), (blocks * L.BLOCK_BYTES) / 4)
  }

  blockBytes(block: number, blocks: number): Uint8Array {
    return new Uint8Array(this.memory, this.blockByte(block), blocks * L.BLOCK_BYTES)
  }

  ownerOf(block: number): number {
    return load(this.words, this.layout.ownersAt + block) - 1
  }

  /**
   * Claims `count` blocks in a row for a seat; returns the first, or −1 when the budget has none. The last part of the
   * budget is kept for replies: a callee must be able to answer when messages have used up the rest (G8).
   */
  claim(seat: number, count: number, kind: L.LaneKind): number {
    if (this.#limbo.length > 0) this.#emptyLimbo()
    const usable = kind === L.REPLIES ? this.layout.blocksMax : this.layout.blocksMax - this.layout.replyReserve
    for (;;) {
      const available = Math.min(usable, this.blocksNow())
      let block = this.#claimBetween(count === 1 ? this.#searchFrom : 0, available, seat, count)
      if (block < 0 && count === 1 && this.#searchFrom > 0) block = this.#claimBetween(0, available, seat, count)
      if (block >= 0) {
        if (count === 1) this.#searchFrom = block + 1
        return block
      }
      if (!this.#grow(available, count, usable)) return -1
    }
  }

  /**
   * Looks before it takes. Who finds a block taken after it has seen it free was overtaken, and may have turned others away
   * with what it gives back now, as they may have turned away it: so nobody is refused before a whole look without that.
   */
  #claimBetween(from: number, to: number, seat: number, count: number): number {
    let first = from
    while (first + count <= to) {
      const taken = this.#lastTaken(first, count)
      if (taken >= 0) first = taken + 1
      else if (this.#take(first, seat, count)) return first
      else first = from
    }
    return -1
  }

  /** The last of some blocks in a row that is not free, or −1. */
  #lastTaken(first: number, count: number): number {
    for (let block = first + count - 1; block >= first; block--) if (load(this.words, this.layout.ownersAt + block) !== 0) return block
    return -1
  }

  /** Takes all of them or none. */
  #take(first: number, seat: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (compareExchange(this.words, this.layout.ownersAt + first + i, 0, seat + 1) === 0) continue
      this.free(seat, first, i)
      return false
    }
    return true
  }

  /** Gives back blocks of a seat. What is not (or no longer) its own stays as it is, whatever a scribbled lane says. */
  free(seat: number, first: number, count: number): void {
    for (let i = 0; i < count; i++) compareExchange(this.words, this.layout.ownersAt + first + i, seat + 1, 0)
    if (count > 0 && first < this.#searchFrom) this.#searchFrom = first
  }

  /**
   * Gives back a block that was published to a seat which is just being closed: the closer may have read the pointer and
   * not yet looked behind it. So the block is kept until the closer has swept.
   */
  freeWhenSwept(owner: number, block: number, seat: number, generation: number): void {
    this.#limbo.push({ owner, block, seat, generation })
  }

  #emptyLimbo(): void {
    this.#limbo = this.#limbo.filter(({ owner, block, seat, generation }) => {
      if (!this.isSwept(seat, generation)) return true
      this.free(owner, block, 1)
      return false
    })
  }

  /** That address has ended, and its closer looks at none of its lanes any more. */
  isSwept(seat: number, generation: number): boolean {
    const state = load(this.words, this.seatWord(seat, L.SEAT_STATE))
    return state !== L.seatState(generation, L.OPEN) && state !== L.seatState(generation, L.CLOSING)
  }

  #grow(blocksSeen: number, count: number, usable: number): boolean {
    const wanted = Math.min(usable, blocksSeen + Math.max(GROWTH_BLOCKS_MIN, count, blocksSeen >> 2))
    if (wanted <= blocksSeen) return false
    try {
      this.memory.grow(this.layout.blocksAtByte + wanted * L.BLOCK_BYTES)
    } catch (error) {
      // Another thread grew it further at the same moment: its blocks serve us as well.
      if (!(error instanceof RangeError)) throw error
      return this.blocksNow() > blocksSeen
    }
    return true
  }
}
