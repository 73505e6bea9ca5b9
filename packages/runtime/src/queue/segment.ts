import type { Arena } from './arena.ts'
import { load } from './atomics.ts'
import * as L from './layout.ts'

/** Who talks to whom, and how: what the header of each segment of a lane says. */
export interface LaneIdentity {
  readonly kind: L.LaneKind
  readonly receiver: number
  readonly receiverGeneration: number
  readonly sender: number
  readonly senderGeneration: number
}

/** One ring of a lane: 2^n blocks in a row, seen by one thread. */
export interface Segment {
  readonly first: number
  readonly blocks: number
  readonly words: Int32Array
  readonly bytes: Uint8Array
  /** Capacity − 1; positions run freely and are masked. */
  readonly mask: number
}

export function viewSegment(arena: Arena, first: number, blocks: number): Segment {
  return {
    first,
    blocks,
    words: arena.blockWords(first, blocks),
    bytes: arena.blockBytes(first, blocks),
    mask: blocks * L.BLOCK_DATA_BYTES - 1,
  }
}

/** The segment that a matrix cell, or a NEXT word, points at; undefined when it points at none or at nonsense. */
export function segmentAt(arena: Arena, pointer: number): Segment | undefined {
  const first = pointer - 1
  const available = arena.blocksNow()
  if (first < 0 || first >= available) return undefined
  const blocks = arena.blockWords(first, 1)[L.SEGMENT_BLOCKS]!
  const isPowerOfTwo = blocks > 0 && (blocks & (blocks - 1)) === 0
  if (!isPowerOfTwo || blocks > L.RING_BLOCKS_MAX || first + blocks > available) return undefined
  return viewSegment(arena, first, blocks)
}

/** A lane that was left in the cell by an earlier address of either seat belongs to nobody who lives. */
export function belongsTo(segment: Segment, lane: LaneIdentity): boolean {
  const { words } = segment
  return (
    words[L.SEGMENT_KIND] === lane.kind &&
    words[L.SEGMENT_RECEIVER] === lane.receiver &&
    words[L.SEGMENT_GENERATION] === lane.receiverGeneration &&
    words[L.SEGMENT_SENDER] === lane.sender &&
    words[L.SEGMENT_SENDER_GENERATION] === lane.senderGeneration
  )
}

/**
 * The segment behind one of the same lane, as a NEXT word says; undefined when there is none, or nonsense. The ordinals
 * go up by one, so that a lane whose sender has scribbled over it cannot lead anybody in a circle.
 */
export function segmentBehind(arena: Arena, lane: LaneIdentity, segment: Segment, pointer: number): Segment | undefined {
  const next = segmentAt(arena, pointer)
  if (next === undefined || !belongsTo(next, lane)) return undefined
  return next.words[L.SEGMENT_ORDINAL] === segment.words[L.SEGMENT_ORDINAL]! + 1 ? next : undefined
}

/** All segments of a lane, from the one that its receiver reads to the one that its sender writes. */
export function* segmentsOf(arena: Arena, lane: LaneIdentity): Iterable<Segment> {
  let segment = segmentAt(arena, load(arena.words, arena.cellWord(lane.kind, lane.receiver, lane.sender)))
  if (segment === undefined || !belongsTo(segment, lane)) return
  while (segment !== undefined) {
    yield segment
    segment = segmentBehind(arena, lane, segment, load(segment.words, L.SEGMENT_NEXT))
  }
}

/** A record in a ring, as its header says. */
export interface RecordAt {
  readonly ordinal: number
  /** First block of its payload's run, −1: inline. */
  readonly run: number
  readonly blocks: number
  /** Position behind it. */
  readonly end: number
}

/** The records that wait in a ring, the one in progress included; it ends early where they make no sense. */
export function* recordsIn(segment: Segment): Iterable<RecordAt> {
  const { words, mask } = segment
  const head = load(words, L.SEGMENT_HEAD)
  const tail = load(words, L.SEGMENT_TAIL) & ~L.SEALED
  if (distance(head, tail) > mask + 1) return
  for (let at = head; distance(at, tail) > 0; ) {
    const record = recordWord(segment, at)
    const length = words[record + L.RECORD_LENGTH]!
    const bytes = length & ~L.FILLER
    if (bytes <= 0 || (bytes & 7) !== 0 || bytes > distance(at, tail)) return
    at = (at + bytes) | 0
    if ((length & L.FILLER) !== 0) continue
    const blocks = Math.ceil(words[record + L.RECORD_PAYLOAD_BYTES]! / L.BLOCK_BYTES)
    yield { ordinal: words[record + L.RECORD_ORDINAL]!, run: words[record + L.RECORD_RUN]! - 1, blocks, end: at }
  }
}

/** The lane that a cell leads to, as the header of its segment says; undefined when there is none. */
export function laneAtCell(arena: Arena, kind: L.LaneKind, receiver: number, sender: number): LaneIdentity | undefined {
  const segment = segmentAt(arena, load(arena.words, arena.cellWord(kind, receiver, sender)))
  if (segment === undefined) return undefined
  const lane = {
    kind,
    receiver,
    receiverGeneration: segment.words[L.SEGMENT_GENERATION]!,
    sender,
    senderGeneration: segment.words[L.SEGMENT_SENDER_GENERATION]!,
  }
  return belongsTo(segment, lane) ? lane : undefined
}

/** Word index of the record at a position of the ring. */
export function recordWord(segment: Segment, position: number): number {
  return L.SEGMENT_HEADER_WORDS + ((position & segment.mask) >> 2)
}

/** Positions are 32-bit counters that wrap: only their difference means anything. */
export function distance(from: number, to: number): number {
  return (to - from) | 0
}

export function isSeatOpen(arena: Arena, seat: number, generation: number): boolean {
  return load(arena.words, arena.seatWord(seat, L.SEAT_STATE)) === L.seatState(generation, L.OPEN)
}
