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
  return load(arena.words, arena.seatWord(seat, L.SEAT_STATE)) === ((generation << 1) | 1)
}
