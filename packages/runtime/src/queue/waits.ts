import type { Arena } from './arena.ts'
import { load, store } from './atomics.ts'
import * as L from './layout.ts'
import { isSeatOpen } from './segment.ts'
import { type Edge, findCycle, lockGraph, TRIES_MAX, unlockGraph } from './wait-graph.ts'

/** Whom an ask is sent to. */
export interface Target {
  readonly seat: number
  readonly generation: number
}

/**
 * Whom the handler in progress waits for, shown in the actor's seat: an ask from a handler stores one word and loads one,
 * an answer stores one. Asks beyond `SEAT_ASKS_MAX` at once are not shown.
 *
 * Slots are filled from the first on, and closed up when one in the middle is answered, so an actor waits for somebody
 * if and only if its first slot is not 0. An edge only ever moves down, and is stored at its new place before its old one
 * is used again; whoever reads the slots from the last to the first misses none.
 */
export class Waits {
  readonly #arena: Arena
  readonly #seat: number
  readonly #first: number
  readonly #words = new Int32Array(L.SEAT_ASKS_MAX)
  readonly #correlations = new Int32Array(L.SEAT_ASKS_MAX)
  #count = 0

  constructor(arena: Arena, seat: number) {
    this.#arena = arena
    this.#seat = seat
    this.#first = arena.seatWord(seat, L.SEAT_ASKS)
  }

  /**
   * Before an ask is sent: shows it. Returns the seats of the cycle that it would close, from this one round to this one;
   * then nothing is shown, and it must not be sent.
   */
  begin(target: Target, correlation: number, slot = 0): readonly number[] | undefined {
    if (this.#count === L.SEAT_ASKS_MAX) return undefined
    const word = L.waitWord(target.seat, correlation, slot)
    this.#words[this.#count] = word
    this.#correlations[this.#count] = correlation
    store(this.#arena.words, this.#first + this.#count++, word)
    // Whoever waits for nobody closes no cycle.
    if (load(this.#arena.words, this.#arena.seatWord(target.seat, L.SEAT_ASKS)) === 0) return undefined
    // A ref to one that has ended: the ask will be refused for that, whoever has the seat now.
    if (!isSeatOpen(this.#arena, target.seat, target.generation)) return undefined
    const cycle = this.#closedCycle(target.seat, word, correlation)
    return cycle === undefined ? undefined : [...cycle.map(({ from }) => from), this.#seat]
  }

  /** One that was found twice, the second time under the lock; then the ask is not shown any more (wait-graph.ts). */
  #closedCycle(target: number, word: number, correlation: number): readonly Edge[] | undefined {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (findCycle(this.#arena, this.#seat, target, word) === undefined) return undefined
      if (!lockGraph(this.#arena, this.#seat)) continue
      const cycle = findCycle(this.#arena, this.#seat, target, word)
      if (cycle !== undefined) this.end(correlation)
      unlockGraph(this.#arena, this.#seat)
      return cycle
    }
    return undefined
  }

  /** The ask is settled, whatever became of it. For a reply: before that is taken out of its lane (wait-graph.ts). */
  end(correlation: number): void {
    for (let i = 0; i < this.#count; i++) {
      if (this.#correlations[i] !== correlation) continue
      const last = --this.#count
      if (i !== last) {
        this.#correlations[i] = this.#correlations[last]!
        this.#words[i] = this.#words[last]!
        store(this.#arena.words, this.#first + i, this.#words[i]!)
      }
      return store(this.#arena.words, this.#first + last, 0)
    }
  }

  /** The same for one of several handlers. */
  endSlot(slot: number): void {
    for (let i = this.#count - 1; i >= 0; i--) if (L.waitSlot(this.#words[i]!) === slot) this.end(this.#correlations[i]!)
  }

  /** The handler has ended: what it had asked without awaiting it keeps nobody waiting. */
  endAll(): void {
    while (this.#count > 0) store(this.#arena.words, this.#first + --this.#count, 0)
  }
}
