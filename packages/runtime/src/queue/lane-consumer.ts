import { assert } from '../base/assert.ts'
import type { Arena } from './arena.ts'
import { add, compareExchange, load, show, store } from './atomics.ts'
import * as L from './layout.ts'
import type { ReceivedRecord } from './received-record.ts'
import { distance, type LaneIdentity, laneAtCell, recordWord, type Segment, segmentAt, segmentBehind } from './segment.ts'

export const EMPTY = 0
export const RECORD = 1
/** The lane holds nonsense: its sender wrote over it. It must not be read any further; everyone else's lanes go on. */
export const CORRUPT = 2
/** The sender's address has ended and all it had committed is done: this consumer is finished. */
export const FINISHED = 3
export type NextResult = typeof EMPTY | typeof RECORD | typeof CORRUPT | typeof FINISHED

/** A place in a lane, for comparing how far the receiver is with how far the sender had come (G9). */
export interface LanePosition {
  readonly ordinal: number
  readonly position: number
}

/**
 * The receiving end of one lane. `next` shows the oldest record; `begin` and `done` say how far its handler is, in shared
 * memory, so that it is known exactly after any death (D2). A record's words are hostile input: they are read once,
 * checked, and used from here.
 */
export class LaneConsumer implements ReceivedRecord {
  readonly #arena: Arena
  readonly lane: LaneIdentity
  readonly #cell: number
  #segment: Segment
  #head: number
  /** TAIL as it was read last: the sender's cache line is left alone until all up to there is done. */
  #tailSeen: number
  #isBegun = false
  /**
   * Whether it is in its inbox's line of lanes. A Set there would be asked for the same, but one that goes from one element to none
   * and back allocates a table for old objects each time, and that is what starts V8's full collections.
   */
  isWaiting = false
  // The record that `next` found:
  #length = 0
  #ordinal = 0
  words: Int32Array
  envelopeAt = 0
  payload: Uint8Array
  payloadAt = 0
  payloadBytes = 0
  /** Whether the payload lies in the ring: then it is a part of `words`, too. */
  isInline = true

  private constructor(arena: Arena, lane: LaneIdentity, cell: number, segment: Segment) {
    this.#arena = arena
    this.lane = lane
    this.#cell = cell
    this.#segment = segment
    this.#head = this.#tailSeen = load(segment.words, L.SEGMENT_HEAD)
    this.words = segment.words
    this.payload = segment.bytes
  }

  /** Undefined when there is no lane of that sender to this generation of the receiver. */
  static attach(arena: Arena, kind: L.LaneKind, receiver: number, receiverGeneration: number, sender: number): LaneConsumer | undefined {
    const lane = laneAtCell(arena, kind, receiver, sender)
    if (lane === undefined || lane.receiverGeneration !== receiverGeneration) return undefined
    const cell = arena.cellWord(kind, receiver, sender)
    const segment = segmentAt(arena, load(arena.words, cell))
    return segment === undefined ? undefined : new LaneConsumer(arena, lane, cell, segment)
  }

  next(): NextResult {
    for (;;) {
      if (this.#tailSeen === this.#head) this.#tailSeen = load(this.words, L.SEGMENT_TAIL) & ~L.SEALED
      const available = distance(this.#head, this.#tailSeen)
      // A tail further ahead than the ring is long would show old records once more.
      if (available < 0 || available > this.#segment.mask + 1) return CORRUPT
      if (available > 0) {
        if (!this.#readRecord(available)) return CORRUPT
        if ((this.#length & L.FILLER) === 0) return RECORD
        this.#advance(this.#length & ~L.FILLER)
        continue
      }
      const next = load(this.words, L.SEGMENT_NEXT)
      if (next === 0) return EMPTY
      // The sender publishes NEXT after its last record here: the tail is read again before we leave.
      if (distance(this.#head, load(this.words, L.SEGMENT_TAIL) & ~L.SEALED) > 0) continue
      if (next === L.SEALED_NEXT) return FINISHED
      if (!this.#moveTo(next)) return CORRUPT
    }
  }

  /** The first word of the envelope as it is now: its sender may have marked it. */
  firstWordNow(): number {
    return load(this.words, this.envelopeAt)
  }

  /**
   * From here on the record counts as begun, whatever happens to this thread. Who looks while it lives is the sender of an ask, to
   * call it off; after its death all that it had stored is seen.
   */
  begin(isAsked = true): void {
    this.#isBegun = true
    if (isAsked) store(this.words, L.SEGMENT_CURSOR, this.#head | 1)
    else show(this.words, L.SEGMENT_CURSOR, this.#head | 1)
  }

  /**
   * The record is done: its handler has ended, and its reply was pushed before this. Whoever sees HEAD moved sees DONE. What replies
   * have been taken is looked for beside other words, too (wait-graph.ts).
   */
  done(): void {
    this.#isBegun = false
    if (this.lane.kind === L.REPLIES) store(this.words, L.SEGMENT_DONE, this.#ordinal)
    else show(this.words, L.SEGMENT_DONE, this.#ordinal)
    this.#advance(this.#length)
  }

  /**
   * The record was begun by a thread that has ended, and is to be begun again, in its place. `step` is added to the first
   * word of its envelope, so that whoever begins it sees it; its sender may be writing to that word at the same moment.
   */
  putBack(step: number): void {
    add(this.words, this.envelopeAt, step)
    store(this.words, L.SEGMENT_CURSOR, this.#head)
  }

  /** Whether everything up to a position that the sender had reached has been begun. */
  hasBegun(target: LanePosition): boolean {
    const ordinal = this.words[L.SEGMENT_ORDINAL]!
    if (ordinal !== target.ordinal) return ordinal > target.ordinal
    const begunUpTo = this.#isBegun ? (this.#head + this.#length) | 0 : this.#head
    return distance(begunUpTo, target.position) <= 0
  }

  /** True as long as the cell leads to this lane: after the sender's seat was given away it may lead to another. */
  isCurrent(): boolean {
    return load(this.#arena.words, this.#cell) - 1 === this.#segment.first
  }

  /** The sender has ended and all is done: lets the control side free its blocks. This consumer must not be used again. */
  detach(): void {
    compareExchange(this.#arena.words, this.#cell, this.#segment.first + 1, 0)
  }

  #readRecord(available: number): boolean {
    const at = recordWord(this.#segment, this.#head)
    const length = this.words[at + L.RECORD_LENGTH]!
    const untilEnd = this.#segment.mask + 1 - (this.#head & this.#segment.mask)
    const bytes = length & ~L.FILLER
    if (bytes <= 0 || (bytes & 7) !== 0 || bytes > untilEnd || bytes > available) return false
    this.#length = length
    if ((length & L.FILLER) !== 0) return bytes === untilEnd
    this.#ordinal = this.words[at + L.RECORD_ORDINAL]!
    this.envelopeAt = at + L.RECORD_ENVELOPE
    this.payloadBytes = this.words[at + L.RECORD_PAYLOAD_BYTES]!
    return bytes >= L.RECORD_HEADER_BYTES && this.#locatePayload(at, bytes)
  }

  #locatePayload(at: number, bytes: number): boolean {
    const run = this.words[at + L.RECORD_RUN]!
    this.isInline = run === 0
    if (run === 0) {
      this.payload = this.#segment.bytes
      this.payloadAt = (at << 2) + L.RECORD_HEADER_BYTES
      return this.payloadBytes >= 0 && this.payloadBytes <= bytes - L.RECORD_HEADER_BYTES
    }
    const blocks = Math.ceil(this.payloadBytes / L.BLOCK_BYTES)
    const first = run - 1
    if (first < 0 || blocks < 1 || first + blocks > this.#arena.blocksNow()) return false
    for (let i = 0; i < blocks; i++) if (this.#arena.ownerOf(first + i) !== this.lane.sender) return false
    this.payload = this.#arena.blockBytes(first, blocks)
    this.payloadAt = 0
    return true
  }

  #advance(bytes: number): void {
    this.#head = (this.#head + bytes) | 0
    store(this.words, L.SEGMENT_HEAD, this.#head)
  }

  #moveTo(pointer: number): boolean {
    const next = segmentBehind(this.#arena, this.lane, this.#segment, pointer)
    if (next === undefined) return false
    assert(!this.#isBegun, 'a lane moves on only between records')
    // What was done must be known in the new segment before the old one may be freed.
    store(this.#arena.words, this.#cell, pointer)
    this.#segment = next
    this.words = next.words
    this.#head = this.#tailSeen = load(next.words, L.SEGMENT_HEAD)
    return true
  }
}
