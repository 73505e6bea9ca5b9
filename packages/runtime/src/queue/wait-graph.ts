import type { Arena } from './arena.ts'
import { compareExchange, load, store } from './atomics.ts'
import { waitingIn } from './lane-closing.ts'
import * as L from './layout.ts'
import { laneAtCell } from './segment.ts'

/**
 * Who waits for whom, as all actors show it in their seats (waits.ts), and the search for a cycle in it.
 *
 * That none is missed: an ask is shown before its asker looks. All shared words are sequentially consistent, so of those
 * whose asks close a cycle the one that was shown last sees all the others: they are not settled, because in a cycle
 * nobody comes to answer.
 *
 * That none is seen where there is none: an edge may be left over, because the reply has been sent and its asker has not
 * taken it yet. So a cycle is read (1), then it is checked that no edge of it is answered (2), then it is read again (3).
 * Each ask has a word of its own, so an edge that is the same in 1 and 3 is one ask that its asker has been waiting for
 * all the time. The asker takes its word back before it takes the reply out of the lane, so what has been answered before
 * 2 is seen in 2 or is gone in 3. And it is not answered after 2, since whoever should answer waits itself, from 1 to 3.
 *
 * That one of a cycle is refused, and not two: whoever has found one takes the lock and looks again. Only the holder of the
 * lock takes an ask back because of a cycle, so when it has done so the next one does not find this cycle any more.
 */

/** A graph that changes while it is read is read again so often; then the ask is sent, and has its time-out. */
export const TRIES_MAX = 10_000

/** One ask of one actor that waits for another. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly word: number
}

/**
 * The cycle that `self` closes by the ask `word` to `target`, undefined if there is none: first to last, each edge begins
 * where the former ends.
 */
export function findCycle(arena: Arena, self: number, target: number, word: number): readonly Edge[] | undefined {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const path = pathTo(arena, self, target, new Set([target]))
    if (path === undefined) return undefined
    const cycle = [{ from: self, to: target, word }, ...path]
    if (cycle.every((edge) => !isAnswered(arena, edge)) && cycle.every((edge) => isShown(arena, edge))) return cycle
  }
  return undefined
}

/** False: somebody else has the lock. */
export function lockGraph(arena: Arena, self: number): boolean {
  return compareExchange(arena.words, L.HEAD_WAIT_LOCK, 0, self + 1) === 0
}

export function unlockGraph(arena: Arena, self: number): void {
  compareExchange(arena.words, L.HEAD_WAIT_LOCK, self + 1, 0)
}

/** The control side calls this for the dead: they wait for nobody, and hold no lock. */
export function forgetWaits(arena: Arena, seat: number): void {
  for (let i = 0; i < L.SEAT_ASKS_MAX; i++) store(arena.words, arena.seatWord(seat, L.SEAT_ASKS + i), 0)
  unlockGraph(arena, seat)
}

/** Edges that are answered are left out here already: behind them nothing may hide. */
function pathTo(arena: Arena, goal: number, from: number, seen: Set<number>): readonly Edge[] | undefined {
  if (from === goal) return []
  for (const word of shownBy(arena, from)) {
    const edge = { from, to: L.waitTarget(word), word }
    if (seen.has(edge.to) || isAnswered(arena, edge)) continue
    const rest = pathTo(arena, goal, edge.to, seen.add(edge.to))
    if (rest !== undefined) return [edge, ...rest]
  }
  return undefined
}

/** From the last slot to the first (waits.ts). Whoever is about to end waits for nobody. */
function shownBy(arena: Arena, seat: number): readonly number[] {
  if (load(arena.words, arena.seatWord(seat, L.SEAT_DYING)) !== 0) return []
  const shown: number[] = []
  for (let i = L.SEAT_ASKS_MAX - 1; i >= 0; i--) {
    const word = load(arena.words, arena.seatWord(seat, L.SEAT_ASKS + i))
    if (word !== 0 && !shown.includes(word)) shown.push(word)
  }
  return shown
}

function isShown(arena: Arena, { from, word }: Edge): boolean {
  return shownBy(arena, from).includes(word)
}

/** As many replies lie in the lane back as there are asks: so this one is answered as well. */
function isAnswered(arena: Arena, { from, to }: Edge): boolean {
  const lane = laneAtCell(arena, L.REPLIES, from, to)
  const replies = lane === undefined ? 0 : waitingIn(arena, lane)
  return replies > 0 && replies >= shownBy(arena, from).filter((word) => L.waitTarget(word) === to).length
}
