import type { Arena } from './arena.ts'
import { store } from './atomics.ts'
import { HeldRecord, isTaken } from './held-record.ts'
import { blocksOfHold, ROWS_PER_BLOCK } from './hold-blocks.ts'
import * as L from './layout.ts'
import type { ReceivedRecord } from './received-record.ts'

/**
 * What an actor has taken out of its lanes and is not done with: a lane goes on behind it, and yet it is known after any
 * death what was begun, and what waits. The rows lie in blocks of the actor's own seat; only its isolate writes them, and
 * after its end the control side.
 */
export class HeldRecords {
  readonly #arena: Arena
  readonly #seat: number
  readonly #max: number
  readonly #free: { readonly block: number; readonly row: number }[] = []
  #lastBlock = -1
  #number = 0
  #count = 0

  /** Goes on with what a predecessor has left. `max`: so many at a time. */
  constructor(arena: Arena, seat: number, max: number) {
    this.#arena = arena
    this.#seat = seat
    this.#max = max
    for (const block of blocksOfHold(arena, seat)) this.#addRows(block)
    this.#showCount()
  }

  get isFull(): boolean {
    return this.#count >= this.#max
  }

  /** Those that are to be begun, in their order: what a predecessor has left. */
  waiting(): HeldRecord[] {
    return heldRecords(this.#arena, this.#seat).filter((record) => record.stateNow() === L.WAITING)
  }

  /**
   * Copies a record here, as BEGUN or WAITING; the caller lets the lane go on. Between the two a death leaves it in both
   * places (`isCopyOf`). `withPayload`: it may be begun again, or shown to people. Undefined: there is no memory.
   */
  hold(record: ReceivedRecord, state: typeof L.BEGUN | typeof L.WAITING, withPayload: boolean): HeldRecord | undefined {
    const bytes = withPayload ? record.payloadBytes : 0
    const run = bytes > L.HELD_INLINE_BYTES_MAX ? this.#arena.claim(this.#seat, Math.ceil(bytes / L.BLOCK_BYTES), L.MESSAGES) : -1
    if (run < 0 && bytes > L.HELD_INLINE_BYTES_MAX) return undefined
    const place = this.#free.pop() ?? this.#grow()
    if (place === undefined) {
      if (run >= 0) this.#arena.free(this.#seat, run, Math.ceil(bytes / L.BLOCK_BYTES))
      return undefined
    }
    const held = new HeldRecord(this.#arena, this.#seat, place.block, place.row)
    held.fill(record, ++this.#number, run, bytes)
    held.onFree = () => this.#freed(place)
    held.mark(state)
    this.#count++
    this.#showCount()
    return held
  }

  /** It waits (again), behind all others that do. */
  putLast(held: HeldRecord): void {
    held.renumber(++this.#number)
    held.mark(L.WAITING)
  }

  #freed(place: { readonly block: number; readonly row: number }): void {
    this.#free.push(place)
    this.#count--
    this.#showCount()
  }

  #grow(): { readonly block: number; readonly row: number } | undefined {
    const block = this.#arena.claim(this.#seat, 1, L.MESSAGES)
    if (block < 0) return undefined
    const words = this.#arena.blockWords(block, 1)
    words.fill(0)
    // The block is published when there is nothing but free rows in it.
    if (this.#lastBlock < 0) store(this.#arena.words, this.#arena.seatWord(this.#seat, L.SEAT_HELD), block + 1)
    else store(this.#arena.blockWords(this.#lastBlock, 1), L.HOLD_NEXT, block + 1)
    this.#addRows(block)
    return this.#free.pop()
  }

  #addRows(block: number): void {
    this.#lastBlock = block
    for (let row = ROWS_PER_BLOCK - 1; row >= 0; row--) {
      const held = new HeldRecord(this.#arena, this.#seat, block, row)
      if (!isTaken(held.stateNow())) this.#free.push({ block, row })
      else {
        this.#count++
        this.#number = Math.max(this.#number, held.number)
      }
    }
  }

  /** A record of a predecessor's: its place is free when it is done. */
  adopt(held: HeldRecord): HeldRecord {
    held.onFree = () => this.#freed({ block: held.block, row: held.row })
    return held
  }

  #showCount(): void {
    store(this.#arena.words, this.#arena.seatWord(this.#seat, L.SEAT_HELD_COUNT), this.#count)
  }
}

/** All that a seat has set aside, in the order in which it was. For its isolate, and after that has ended for the control side. */
export function heldRecords(arena: Arena, seat: number): HeldRecord[] {
  const held: HeldRecord[] = []
  for (const block of blocksOfHold(arena, seat)) {
    for (let row = 0; row < ROWS_PER_BLOCK; row++) {
      const record = new HeldRecord(arena, seat, block, row)
      if (isTaken(record.stateNow()) && record.isSound()) held.push(record)
    }
  }
  return held.sort((a, b) => (a.number - b.number) | 0)
}

/** At the end of an address: its blocks are given back with all that the seat owns. */
export function forgetHeld(arena: Arena, seat: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_HELD), 0)
  store(arena.words, arena.seatWord(seat, L.SEAT_HELD_COUNT), 0)
}
