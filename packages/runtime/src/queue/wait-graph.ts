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

/*
 * An actor with slots (SEAT_SLOTS) shows which ask each of them serves: who waits for an ask that has been begun waits for what
 * that slot waits for. An ask that has not been begun waits for any of them: so it is stuck only if all slots show that they wait,
 * and each for what leads back. A cycle is then all those ways together; the first of them is the one that is told.
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
    const asked = { from: self, to: target, word }
    const search = new Search(arena, asked)
    const path = search.behind(asked)
    if (path === undefined) return undefined
    const cycle = [asked, ...path]
    const edges = [...cycle, ...search.others]
    if (edges.every((edge) => !isAnswered(arena, edge)) && edges.every((edge) => isShown(arena, edge))) return cycle
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

/** One look for ways from actor to actor back to where an ask comes from. */
class Search {
  readonly #arena: Arena
  readonly #goal: number
  readonly #goalSlot: number
  /** By node, an actor or one of its slots: the way back, or none. */
  readonly #found = new Map<number, readonly Edge[] | undefined>()
  /** Nodes that are being looked at. */
  readonly #open = new Set<number>()
  /** Edges without which there would be no cycle, beside those of the path. */
  readonly others: Edge[] = []

  constructor(arena: Arena, { from, word }: Edge) {
    this.#arena = arena
    this.#goal = from
    this.#goalSlot = L.waitSlot(word)
  }

  /** The way from whoever is asked; undefined: none leads back, or the ask can be served. */
  behind(edge: Edge): readonly Edge[] | undefined {
    const { to } = edge
    const slots = load(this.#arena.words, this.#arena.seatWord(to, L.SEAT_SLOTS))
    if (slots <= 1) return to === this.#goal ? [] : this.#node(to, WHOLE, 1)
    return this.#node(to, servedBy(this.#arena, edge), slots)
  }

  /** A slot, or the WHOLE actor, which can serve as long as one of its `slots` can. */
  #node(seat: number, slot: number, slots: number): readonly Edge[] | undefined {
    if (seat === this.#goal && slot === this.#goalSlot) return []
    const key = seat * NODES + slot
    if (this.#found.has(key)) return this.#found.get(key)
    if (this.#open.has(key)) return undefined
    this.#open.add(key)
    const words = shownBy(this.#arena, seat).filter((word) => slot === WHOLE || L.waitSlot(word) === slot)
    const path = slot === WHOLE && slots > 1 ? this.#all(seat, slots, words) : this.#any(seat, words)
    this.#open.delete(key)
    this.#found.set(key, path)
    return path
  }

  /** Edges that are answered are left out here already: behind them nothing may hide. */
  #any(from: number, words: readonly number[]): readonly Edge[] | undefined {
    for (const word of words) {
      const edge = { from, to: L.waitTarget(word), word }
      if (isAnswered(this.#arena, edge)) continue
      const rest = this.behind(edge)
      if (rest !== undefined) return [edge, ...rest]
    }
    return undefined
  }

  /** A slot that waits for one that is being looked at is served by none of the others. */
  #all(seat: number, slots: number, words: readonly number[]): readonly Edge[] | undefined {
    const waiting = [...new Set(words.map((word) => L.waitSlot(word)))]
    if (waiting.length < slots) return undefined
    let first: readonly Edge[] = []
    for (const slot of waiting) {
      if (this.#open.has(seat * NODES + slot)) continue
      const path = this.#node(seat, slot, slots)
      if (path === undefined) return undefined
      if (first.length === 0) first = path
      else this.others.push(...path)
    }
    return first
  }
}

const WHOLE = L.SEAT_ASKS_MAX
/** For each seat: its slots, and itself. */
const NODES = 1 + L.SEAT_ASKS_MAX

/** The slot that is at that ask; WHOLE: it waits for any. */
function servedBy(arena: Arena, { from, to, word }: Edge): number {
  const served = L.servedWord(from, word)
  for (let slot = 0; slot < L.SEAT_ASKS_MAX; slot++) if (load(arena.words, arena.seatWord(to, L.SEAT_SERVED + slot)) === served) return slot
  return WHOLE
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
