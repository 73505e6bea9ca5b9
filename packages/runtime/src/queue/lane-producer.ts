import { assert } from '../base/assert.ts'
import type { Arena } from './arena.ts'
import { compareExchange, load, show, store } from './atomics.ts'
import type { LanePosition } from './lane-consumer.ts'
import * as L from './layout.ts'
import { noteSender } from './ready.ts'
import { distance, isSeatOpen, type LaneIdentity, recordsIn, recordWord, type Segment, segmentsOf, viewSegment } from './segment.ts'

/** A record that was pushed, for changing its first envelope word while it waits. */
export interface Ticket {
  readonly segment: Segment
  /** Its place in that ring. */
  readonly start: number
  /** Index of its envelope's first word. */
  readonly position: number
  readonly ordinal: number
}

/** What became of a push. */
export const PUSHED = 0
/** This lane holds all it may, by bytes or by count. */
export const FULL = 1
/** The address of the receiver has ended. */
export const STOPPED = 2
/** The whole arena is used up. */
export const NO_MEMORY = 3
export type PushResult = typeof PUSHED | typeof FULL | typeof STOPPED | typeof NO_MEMORY

export interface LaneLimits {
  readonly bytesMax: number
  readonly messagesMax: number
}

interface Run {
  readonly first: number
  readonly blocks: number
  readonly segment: number
  readonly end: number
}

/**
 * The sending end of one lane. A record is reserved, filled in place by the caller, and committed by one compare-and-swap
 * of the tail: a sender that is killed anywhere before that leaves invisible bytes only (G2). The swap fails when, and
 * only when, the closer has sealed the lane: then the record was not accepted, and the closer's sweep does not count it.
 */
export class LaneProducer {
  readonly #arena: Arena
  readonly lane: LaneIdentity
  readonly #limits: LaneLimits
  readonly #cell: number
  /** Segments that the receiver may still be reading, oldest first; the last is the one written to. */
  readonly #segments: Segment[]
  #segment: Segment
  #tail: number
  #head: number
  /** DONE as it was read last: it is looked at again only when the lane seems full. */
  #doneSeen: number
  #ordinal: number
  #runs: Run[] = []
  // The reserved record:
  #reservedEnd = 0
  #reservedRun: { first: number; blocks: number } | undefined
  /** Where the caller writes its envelope: `words[envelopeAt …]`. */
  words: Int32Array
  envelopeAt = 0
  /** Where the caller writes its payload: `payload[payloadAt …]`. */
  payload: Uint8Array
  payloadAt = 0

  private constructor(arena: Arena, lane: LaneIdentity, limits: LaneLimits, segments: Segment[]) {
    this.#arena = arena
    this.lane = lane
    this.#limits = limits
    this.#cell = arena.cellWord(lane.kind, lane.receiver, lane.sender)
    this.#segments = segments
    this.#segment = segments[segments.length - 1]!
    this.words = this.#segment.words
    this.payload = this.#segment.bytes
    this.#tail = load(this.words, L.SEGMENT_TAIL) & ~L.SEALED
    this.#head = load(this.words, L.SEGMENT_HEAD)
    // Exact after any kill, because only the sender overwrites records; DONE is read after HEAD, as the receiver stores
    // them the other way round (recordsIn reads HEAD first).
    const waiting = segments.flatMap((segment) => [...recordsIn(segment)].map((record) => ({ ...record, segment: segment.first })))
    const last = waiting.at(-1)
    // What waited in another ring may be done by now, and all behind it: only the ring that is written to says what was the last.
    this.#ordinal = last?.segment === this.#segment.first ? last.ordinal : load(this.words, L.SEGMENT_DONE)
    this.#doneSeen = this.#done()
    this.#runs = waiting.filter(({ run }) => run >= 0).map(({ run, blocks, end, segment }) => ({ first: run, blocks, end, segment }))
  }

  /** Every block that this lane holds. */
  *blocks(): Iterable<number> {
    for (const { first, blocks } of [...this.#segments, ...this.#runs]) for (let i = 0; i < blocks; i++) yield first + i
  }

  /**
   * Opens the lane, or goes on with the one that an earlier incarnation of this sender left. There must be one producer
   * of a lane at a time. `startAt`: first position, for tests of the wrap.
   */
  static open(arena: Arena, lane: LaneIdentity, limits: LaneLimits, startAt = 0): LaneProducer | typeof STOPPED | typeof NO_MEMORY {
    const cell = arena.cellWord(lane.kind, lane.receiver, lane.sender)
    const before = load(arena.words, cell)
    const resumed = [...segmentsOf(arena, lane)]
    if (resumed.length > 0) return new LaneProducer(arena, lane, limits, resumed)
    if (!isSeatOpen(arena, lane.receiver, lane.receiverGeneration)) return STOPPED
    const first = arena.claim(lane.sender, 1, lane.kind)
    if (first < 0) return NO_MEMORY
    const segment = initSegment(arena, lane, first, 1, startAt, 0, 0)
    noteSender(arena, lane.sender)
    const published = compareExchange(arena.words, cell, before, first + 1) === before
    // The closer marks the seat first and sweeps the cells then: either it finds this cell, or we find the mark here.
    if (published && isSeatOpen(arena, lane.receiver, lane.receiverGeneration)) return new LaneProducer(arena, lane, limits, [segment])
    // The cell is taken back before the block is given away, unless the closer has cleared it already.
    if (published) compareExchange(arena.words, cell, first + 1, 0)
    arena.freeWhenSwept(lane.sender, first, lane.receiver, lane.receiverGeneration)
    return STOPPED
  }

  /** Makes room for a record. After PUSHED: fill `words` and `payload`, then commit. */
  reserve(payloadBytes: number): PushResult {
    if (this.hasLeftovers) this.collect()
    if (this.#isFull()) return this.isStopped() ? STOPPED : FULL
    const inline = payloadBytes <= L.INLINE_BYTES_MAX
    if (!inline) {
      const status = this.#claimRun(payloadBytes)
      if (status !== PUSHED) return status
    }
    const length = L.RECORD_HEADER_BYTES + (inline ? (payloadBytes + 7) & ~7 : 0)
    const status = this.#makeRoom(length)
    if (status !== PUSHED) {
      this.#dropRun()
      return status
    }
    this.#writeHeader(length, payloadBytes)
    return PUSHED
  }

  /** Publishes what was reserved. STOPPED: the address ended in between; nothing was accepted. */
  commit(): typeof PUSHED | typeof STOPPED {
    const swapped = compareExchange(this.#segment.words, L.SEGMENT_TAIL, this.#tail, this.#reservedEnd)
    if (swapped !== this.#tail) {
      assert(swapped === (this.#tail | L.SEALED), 'a lane has two producers')
      this.#dropRun()
      return STOPPED
    }
    this.#tail = this.#reservedEnd
    this.#ordinal = (this.#ordinal + 1) | 0
    show(this.#segment.words, L.SEGMENT_PUSHED, this.#ordinal)
    if (this.#reservedRun !== undefined) {
      this.#runs.push({ ...this.#reservedRun, segment: this.#segment.first, end: this.#tail })
      this.#reservedRun = undefined
    }
    return PUSHED
  }

  /** Gives back what was reserved and will not be committed. */
  abandon(): void {
    this.#dropRun()
  }

  /** Where the lane ends once what is reserved is committed. */
  reservedPosition(): LanePosition {
    return { ordinal: this.#segment.words[L.SEGMENT_ORDINAL]!, position: this.#reservedEnd }
  }

  /** Names the record that was committed last. */
  ticket(): Ticket {
    const length = this.words[this.envelopeAt - L.RECORD_ENVELOPE + L.RECORD_LENGTH]!
    return { segment: this.#segment, start: (this.#tail - length) | 0, position: this.envelopeAt, ordinal: this.#ordinal }
  }

  /**
   * Replaces the first envelope word of a record. Of no effect once its receiver has read it. Its place is still the record's as
   * long as it is not done, because only this sender ever writes here. That the ordinal is there says less: it may be another's payload.
   */
  mark({ segment, start, position, ordinal }: Ticket, word: number): void {
    const { words, mask } = segment
    const ahead = distance(load(words, L.SEGMENT_HEAD), start)
    if (!this.#segments.includes(segment) || ahead < 0 || ahead > mask) return
    if (words[position - L.RECORD_ENVELOPE + L.RECORD_ORDINAL] === ordinal) store(words, position, word)
  }

  /** Names the record that the receiver has begun and not done; undefined when there is none at this moment. */
  begun(): (Ticket & { readonly words: Int32Array }) | undefined {
    const current = load(this.#arena.words, this.#cell) - 1
    const segment = this.#segments.find(({ first }) => first === current)
    const cursor = segment === undefined ? 0 : load(segment.words, L.SEGMENT_CURSOR)
    if (segment === undefined || cursor !== (load(segment.words, L.SEGMENT_HEAD) | 1)) return undefined
    const { words } = segment
    const start = cursor & ~1
    const record = recordWord(segment, start)
    return { segment, start, position: record + L.RECORD_ENVELOPE, ordinal: words[record + L.RECORD_ORDINAL]!, words }
  }

  isStopped(): boolean {
    return (load(this.#segment.words, L.SEGMENT_TAIL) & L.SEALED) !== 0
  }

  /** It holds memory that the receiver may have left behind. */
  get hasLeftovers(): boolean {
    return this.#segments.length > 1 || this.#runs.length > 0
  }

  /** Frees what the receiver has left behind. Only the sender frees its blocks, and only when the cell has moved past them. */
  collect(): void {
    const current = load(this.#arena.words, this.#cell) - 1
    const reached = this.#segments.findIndex((segment) => segment.first === current)
    if (reached < 0) return
    for (const segment of this.#segments.splice(0, reached)) this.#free(segment)
    const [oldest] = this.#segments
    const head = load(oldest!.words, L.SEGMENT_HEAD)
    const isRead = (run: Run): boolean =>
      !this.#segments.some((segment) => segment.first === run.segment) || (run.segment === oldest!.first && distance(run.end, head) >= 0)
    // Runs stand in the order of their records: those that have been read are the first.
    let read = 0
    while (read < this.#runs.length && isRead(this.#runs[read]!)) this.#free(this.#runs[read++]!)
    if (read > 0) this.#runs.splice(0, read)
  }

  /** After the address has ended and was swept: gives all memory back. Returns false while the closer may still read it. */
  release(): boolean {
    if (!this.#arena.isSwept(this.lane.receiver, this.lane.receiverGeneration)) return false
    // The closer leaves no lane in a cell; but an earlier incarnation may have died before it could take back what it had opened too late.
    const pointer = load(this.#arena.words, this.#cell)
    if (this.#segments.some(({ first }) => first === pointer - 1)) compareExchange(this.#arena.words, this.#cell, pointer, 0)
    for (const held of [...this.#segments, ...this.#runs]) this.#free(held)
    this.#segments.length = 0
    this.#runs.length = 0
    return true
  }

  #isFull(): boolean {
    if (distance(this.#doneSeen, this.#ordinal) < this.#limits.messagesMax) return false
    this.#doneSeen = this.#done()
    return distance(this.#doneSeen, this.#ordinal) >= this.#limits.messagesMax
  }

  #done(): number {
    return load(this.#segments[0]!.words, L.SEGMENT_DONE)
  }

  #makeRoom(length: number): PushResult {
    for (;;) {
      const capacity = this.#segment.mask + 1
      const untilEnd = capacity - (this.#tail & this.#segment.mask)
      const needed = length <= untilEnd ? length : untilEnd + length
      if (distance(this.#head, this.#tail) + needed > capacity) this.#head = load(this.#segment.words, L.SEGMENT_HEAD)
      if (distance(this.#head, this.#tail) + needed <= capacity) {
        if (needed !== length) this.#writeFiller(untilEnd)
        this.#reservedEnd = (this.#tail + needed) | 0
        return PUSHED
      }
      const status = this.#chain()
      if (status !== PUSHED) return status
    }
  }

  /** The filler is committed together with the record behind it. */
  #writeFiller(bytes: number): void {
    this.#segment.words[recordWord(this.#segment, this.#tail) + L.RECORD_LENGTH] = bytes | L.FILLER
  }

  #writeHeader(length: number, payloadBytes: number): void {
    const { words } = this.#segment
    const at = recordWord(this.#segment, this.#reservedEnd - length)
    words[at + L.RECORD_LENGTH] = length
    words[at + L.RECORD_PAYLOAD_BYTES] = payloadBytes
    words[at + L.RECORD_ORDINAL] = (this.#ordinal + 1) | 0
    this.envelopeAt = at + L.RECORD_ENVELOPE
    if (this.#reservedRun === undefined) {
      words[at + L.RECORD_RUN] = 0
      this.payload = this.#segment.bytes
      this.payloadAt = (at << 2) + L.RECORD_HEADER_BYTES
    } else {
      words[at + L.RECORD_RUN] = this.#reservedRun.first + 1
      this.payload = this.#arena.blockBytes(this.#reservedRun.first, this.#reservedRun.blocks)
      this.payloadAt = 0
    }
  }

  /** A full ring is followed by one of twice its size; it is never written to again. */
  #chain(): PushResult {
    const blocks = Math.min(this.#segment.blocks * 2, L.RING_BLOCKS_MAX)
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.blocks, blocks) * L.BLOCK_DATA_BYTES
    if (this.isStopped()) return STOPPED
    if (bytes > this.#limits.bytesMax) return FULL
    const first = this.#arena.claim(this.lane.sender, blocks, this.lane.kind)
    if (first < 0) return NO_MEMORY
    const ordinal = this.#segment.words[L.SEGMENT_ORDINAL]! + 1
    const next = initSegment(this.#arena, this.lane, first, blocks, 0, ordinal, this.#ordinal)
    if (compareExchange(this.#segment.words, L.SEGMENT_NEXT, 0, first + 1) !== 0) {
      this.#free(next)
      return STOPPED
    }
    this.#segments.push(next)
    this.#segment = next
    this.words = next.words
    this.#tail = this.#head = 0
    return PUSHED
  }

  #claimRun(payloadBytes: number): PushResult {
    const blocks = Math.ceil(payloadBytes / L.BLOCK_BYTES)
    if (!this.#hasRoomFor(blocks)) return this.isStopped() ? STOPPED : FULL
    const first = this.#arena.claim(this.lane.sender, blocks, this.lane.kind)
    if (first < 0) return NO_MEMORY
    this.#reservedRun = { first, blocks }
    return PUSHED
  }

  /** A payload of any size finds room where none waits. */
  #hasRoomFor(blocks: number): boolean {
    const fits = (waiting: number): boolean => waiting === 0 || (waiting + blocks) * L.BLOCK_BYTES <= this.#limits.bytesMax
    if (fits(blocksOf(this.#runs))) return true
    // What is in progress does not wait: its reply may be here before it counts as done (G8), and whoever has it may send the next.
    const begun = this.begun()
    const first = begun === undefined ? -1 : begun.words[begun.position - L.RECORD_ENVELOPE + L.RECORD_RUN]! - 1
    this.collect()
    return fits(blocksOf(this.#runs.filter((run) => run.first !== first)))
  }

  #dropRun(): void {
    if (this.#reservedRun !== undefined) this.#free(this.#reservedRun)
    this.#reservedRun = undefined
  }

  #free({ first, blocks }: { readonly first: number; readonly blocks: number }): void {
    this.#arena.free(this.lane.sender, first, blocks)
  }
}

function blocksOf(runs: readonly Run[]): number {
  let blocks = 0
  for (const run of runs) blocks += run.blocks
  return blocks
}

function initSegment(
  arena: Arena,
  lane: LaneIdentity,
  first: number,
  blocks: number,
  startAt: number,
  ordinal: number,
  pushed: number,
): Segment {
  const segment = viewSegment(arena, first, blocks)
  const { words } = segment
  words.fill(0, 0, L.SEGMENT_HEADER_WORDS)
  words[L.SEGMENT_TAIL] = words[L.SEGMENT_HEAD] = startAt
  words[L.SEGMENT_PUSHED] = words[L.SEGMENT_DONE] = pushed
  words[L.SEGMENT_BLOCKS] = blocks
  words[L.SEGMENT_KIND] = lane.kind
  words[L.SEGMENT_RECEIVER] = lane.receiver
  words[L.SEGMENT_GENERATION] = lane.receiverGeneration
  words[L.SEGMENT_SENDER] = lane.sender
  words[L.SEGMENT_SENDER_GENERATION] = lane.senderGeneration
  words[L.SEGMENT_ORDINAL] = ordinal
  return segment
}
