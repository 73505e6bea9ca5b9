import type { Arena } from './arena.ts'
import { add, exchange, load } from './atomics.ts'
import * as L from './layout.ts'

/** Characters that an actor may have written and its host not yet handled. Beyond that its output is cut, and counted. */
export const SAID_MAX = 256 * 1024

/** The isolate's end of the credit for output: one word counts up what was said, another what was heard, a third what was cut. */
export class SaidCredit {
  readonly #arena: Arena
  readonly #seat: number
  #isCut = false

  constructor(arena: Arena, seat: number) {
    this.#arena = arena
    this.#seat = seat
  }

  /** Whether so much may be said now. If not, `lines` are counted as cut; output that was cut goes on at half of the room. */
  take(chars: number, lines: number): boolean {
    const { words } = this.#arena
    const said = this.#arena.seatWord(this.#seat, L.SEAT_SAID)
    const waiting = Math.max(0, (load(words, said) - load(words, this.#arena.seatWord(this.#seat, L.SEAT_HEARD))) | 0)
    const isRoom = this.#isCut ? waiting <= SAID_MAX / 2 : waiting === 0 || waiting + chars <= SAID_MAX
    this.#isCut = !isRoom
    if (isRoom) add(words, said, chars)
    else add(words, this.#arena.seatWord(this.#seat, L.SEAT_UNSAID), lines)
    return isRoom
  }
}

/** The host has handled so much. */
export function heard(arena: Arena, seat: number, chars: number): void {
  add(arena.words, arena.seatWord(seat, L.SEAT_HEARD), chars)
}

/** Lines that were cut and that nobody has told of yet. Whoever asks tells. */
export function takeUnsaid(arena: Arena, seat: number): number {
  const word = arena.seatWord(seat, L.SEAT_UNSAID)
  return load(arena.words, word) === 0 ? 0 : exchange(arena.words, word, 0)
}
