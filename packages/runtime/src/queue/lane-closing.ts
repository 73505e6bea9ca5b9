import type { Arena } from './arena.ts'
import { compareExchange, load, or, store } from './atomics.ts'
import * as L from './layout.ts'
import type { LanePosition } from './lane-consumer.ts'
import { belongsTo, segmentAt, type LaneIdentity, type Segment } from './segment.ts'

/**
 * What the control side does to the lanes of the dead. Only for lanes of which the other end named here has ended: then
 * the control side stands in for it, and no word has two writers.
 */

/** After this nothing is ever added to the lane: what is in it now is all there was (G1). For the end of either side. */
export function sealLane(arena: Arena, lane: LaneIdentity): void {
  for (let segment = firstSegment(arena, lane); segment !== undefined; ) {
    const next = compareExchange(segment.words, L.SEGMENT_NEXT, 0, L.SEALED_NEXT)
    if (next === 0 || next === L.SEALED_NEXT) {
      or(segment.words, L.SEGMENT_TAIL, L.SEALED)
      return
    }
    segment = segmentAt(arena, next)
  }
}

/** How far the (dead) sender had come: the death notice waits until the receiver has begun all of that (G9). */
export function sentUpTo(arena: Arena, lane: LaneIdentity): LanePosition | undefined {
  let last: Segment | undefined
  for (let segment = firstSegment(arena, lane); segment !== undefined; segment = segmentAt(arena, load(segment.words, L.SEGMENT_NEXT))) last = segment
  if (last === undefined) return undefined
  return { ordinal: last.words[L.SEGMENT_ORDINAL]!, position: load(last.words, L.SEGMENT_TAIL) & ~L.SEALED }
}

/** Whether the (dead) receiver had begun the lane's oldest record and not done it (D2). */
export function wasBegun(arena: Arena, lane: LaneIdentity): boolean {
  const segment = firstSegment(arena, lane)
  if (segment === undefined) return false
  return load(segment.words, L.SEGMENT_CURSOR) === (load(segment.words, L.SEGMENT_HEAD) | 1)
}

/** For a swept lane of an ended receiver: its sender may free all of it now. */
export function clearCell(arena: Arena, kind: L.LaneKind, receiver: number, sender: number): void {
  store(arena.words, arena.cellWord(kind, receiver, sender), 0)
}

/** Records waiting in a lane, the one in progress included. For people: it may be off by what happens meanwhile. */
export function waitingIn(arena: Arena, lane: LaneIdentity): number {
  const first = firstSegment(arena, lane)
  if (first === undefined) return 0
  let last = first
  for (let next = segmentAt(arena, load(last.words, L.SEGMENT_NEXT)); next !== undefined; next = segmentAt(arena, load(last.words, L.SEGMENT_NEXT))) last = next
  return Math.max(0, (load(last.words, L.SEGMENT_PUSHED) - load(first.words, L.SEGMENT_DONE)) | 0)
}

/**
 * Frees the blocks of a dead sender that no lane reaches any more: what it had claimed and not yet published, and what
 * its receivers have left behind. `lanes`: all lanes that this seat may have opened.
 */
export function reclaimBlocks(arena: Arena, sender: number, lanes: Iterable<LaneIdentity>): number {
  const reached = new Set<number>()
  for (const lane of lanes) {
    for (let segment = firstSegment(arena, lane); segment !== undefined; segment = segmentAt(arena, load(segment.words, L.SEGMENT_NEXT))) {
      for (let i = 0; i < segment.blocks; i++) reached.add(segment.first + i)
      addRuns(segment, reached)
    }
  }
  let freed = 0
  const available = arena.blocksNow()
  for (let block = 0; block < available; block++) {
    if (arena.ownerOf(block) !== sender || reached.has(block)) continue
    arena.free(block, 1)
    freed++
  }
  return freed
}

function addRuns(segment: Segment, reached: Set<number>): void {
  const tail = load(segment.words, L.SEGMENT_TAIL) & ~L.SEALED
  for (let at = load(segment.words, L.SEGMENT_HEAD); ((tail - at) | 0) > 0; ) {
    const record = L.SEGMENT_HEADER_WORDS + ((at & segment.mask) >> 2)
    const length = segment.words[record + L.RECORD_LENGTH]!
    if (length <= 0) return
    const run = segment.words[record + L.RECORD_RUN]!
    const blocks = Math.ceil(segment.words[record + L.RECORD_PAYLOAD_BYTES]! / L.BLOCK_BYTES)
    if ((length & L.FILLER) === 0 && run > 0) for (let i = 0; i < blocks; i++) reached.add(run - 1 + i)
    at = (at + (length & ~7)) | 0
  }
}

function firstSegment(arena: Arena, lane: LaneIdentity): Segment | undefined {
  const segment = segmentAt(arena, load(arena.words, arena.cellWord(lane.kind, lane.receiver, lane.sender)))
  return segment !== undefined && belongsTo(segment, lane) ? segment : undefined
}
