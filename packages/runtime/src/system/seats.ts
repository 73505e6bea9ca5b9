import type { Address } from '../base/address.ts'
import { ActorLimitError } from '../base/errors.ts'
import type { Arena } from '../queue/arena.ts'
import * as Seat from '../queue/seat.ts'
import { writePath } from '../queue/seat-text.ts'

/** The control side's own seat: it never receives, but it answers asks in the name of those who cannot (system/estate.ts). */
export const CONTROL_SEAT = 0
export const HOST_SEAT = 1
export const HOST_PATH = '(host)'
const FIRST_ACTOR_SEAT = 2

/**
 * Gives out the rows of the arena. A seat whose address has ended is used again only when nobody reads or writes its
 * lanes any more.
 */
export class Seats {
  readonly #arena: Arena
  readonly #used = new Set<number>()

  constructor(arena: Arena) {
    this.#arena = arena
    Seat.openSeat(arena, HOST_SEAT)
    Seat.showIncarnation(arena, HOST_SEAT, 1)
    writePath(arena, HOST_SEAT, HOST_PATH)
  }

  /** Seats that may have lanes, the control side's and the host's included. */
  *used(): Iterable<number> {
    yield CONTROL_SEAT
    yield HOST_SEAT
    yield* this.#used
  }

  open(path: string): Address {
    const [next] = this.next(1)
    if (next === undefined) throw new ActorLimitError(this.#arena.layout.seats - FIRST_ACTOR_SEAT)
    const { seat } = next
    this.#used.add(seat)
    writePath(this.#arena, seat, path)
    return { path, seat, generation: Seat.openSeat(this.#arena, seat) }
  }

  /** The addresses that `open` would give next, as long as nothing is released: fewer where there are not as many. */
  next(count: number): readonly Address[] {
    const found: Address[] = []
    for (let seat = FIRST_ACTOR_SEAT; seat < this.#arena.layout.seats && found.length < count; seat++)
      if (!this.#used.has(seat)) found.push({ path: '', seat, generation: Seat.nextGeneration(this.#arena, seat) })
    return found
  }

  release(seat: number): void {
    this.#used.delete(seat)
  }
}
