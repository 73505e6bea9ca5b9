import type { Arena } from './arena.ts'
import { compareExchange, load, or, store } from './atomics.ts'
import type { LanePosition } from './lane-consumer.ts'
import * as L from './layout.ts'
import { type LaneIdentity, segmentBehind, segmentsOf } from './segment.ts'

/**
 * What the control side does to the lanes of the dead. Only for lanes of which the other end named here has ended: then
 * the control side stands in for it, and no word has two writers.
 */

/** After this nothing is ever added to the lane: what is in it now is all there was (G1). For the end of either side. */
export function sealLane(arena: Arena, lane: LaneIdentity): void {
  let [segment] = segmentsOf(arena, lane)
  while (segment !== undefined) {
    const next = compareExchange(segment.words, L.SEGMENT_NEXT, 0, L.SEALED_NEXT)
    const behind = segmentBehind(arena, lane, segment, next)
    if (behind === undefined) or(segment.words, L.SEGMENT_TAIL, L.SEALED)
    segment = behind
  }
}

/** How far the (dead) sender had come: the death notice waits until the receiver has begun all of that (G9). */
export function sentUpTo(arena: Arena, lane: LaneIdentity): LanePosition | undefined {
  const last = [...segmentsOf(arena, lane)].at(-1)
  if (last === undefined) return undefined
  return { ordinal: last.words[L.SEGMENT_ORDINAL]!, position: load(last.words, L.SEGMENT_TAIL) & ~L.SEALED }
}

/** Whether a (dead) sender had committed what ends at `target`. */
export function hasBeenSent(arena: Arena, lane: LaneIdentity, target: LanePosition): boolean {
  const reached = sentUpTo(arena, lane)
  if (reached === undefined) return false
  if (reached.ordinal !== target.ordinal) return reached.ordinal > target.ordinal
  return ((target.position - reached.position) | 0) <= 0
}

/** Whether the (dead) receiver had begun the lane's oldest record and not done it (D2). */
export function wasBegun(arena: Arena, lane: LaneIdentity): boolean {
  const [segment] = segmentsOf(arena, lane)
  if (segment === undefined) return false
  return load(segment.words, L.SEGMENT_CURSOR) === (load(segment.words, L.SEGMENT_HEAD) | 1)
}

/** For a swept lane of an ended receiver: its sender may free all of it now. */
export function clearCell(arena: Arena, kind: L.LaneKind, receiver: number, sender: number): void {
  store(arena.words, arena.cellWord(kind, receiver, sender), 0)
}

/** Records waiting in a lane, the one in progress included. For people: it may be off by what happens meanwhile. */
export function waitingIn(arena: Arena, lane: LaneIdentity): number {
  const segments = [...segmentsOf(arena, lane)]
  if (segments.length === 0) return 0
  return Math.max(0, (load(segments.at(-1)!.words, L.SEGMENT_PUSHED) - load(segments[0]!.words, L.SEGMENT_DONE)) | 0)
}

/** Frees the blocks of a seat that nobody can reach: what a dead incarnation had claimed and not published, or not freed. */
export function reclaimBlocks(arena: Arena, owner: number, reached: ReadonlySet<number>): number {
  let freed = 0
  const available = arena.blocksNow()
  for (let block = 0; block < available; block++) {
    if (arena.ownerOf(block) !== owner || reached.has(block)) continue
    arena.free(owner, block, 1)
    freed++
  }
  return freed
}
