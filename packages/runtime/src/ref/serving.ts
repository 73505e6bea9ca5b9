import type { Address } from '../base/address.ts'
import { DeadlockError } from '../base/errors.ts'
import type { Arena } from '../queue/arena.ts'
import { store } from '../queue/atomics.ts'
import { SEAT_ASKS_MAX, SEAT_SERVED, SEAT_SLOTS, servedWord, waitWord } from '../queue/layout.ts'
import { readPath } from '../queue/seat-text.ts'
import { Waits } from '../queue/waits.ts'

/** A call that takes one of several slots; −1: none, nobody waits for it. */
export interface Slotted {
  readonly slot: number
  readonly envelope: { readonly deadline: number; readonly isStream: boolean } | undefined
}

/** Whether a handler or a hook runs. Until it has ended nobody is served, so what it asks is shown to all (G8). */
export class Serving {
  readonly #arena: Arena
  readonly #seat: number
  readonly waits: Waits
  #isServing = false
  #deadline = 0
  /** Where several handlers may be at work: the one that runs now. */
  #current: (() => Slotted | undefined) | undefined

  constructor(arena: Arena, seat: number) {
    this.#arena = arena
    this.#seat = seat
    this.waits = new Waits(arena, seat)
  }

  /** From here on there are slots: an ask is shown for that of the handler it comes from. */
  showSlots(count: number, current: () => Slotted | undefined): void {
    store(this.#arena.words, this.#arena.seatWord(this.#seat, SEAT_SLOTS), count)
    this.#current = current
  }

  /** Of the call in progress, as its record says it; 0: none. What its handler asks has no more time than that. */
  get deadline(): number {
    if (this.#current === undefined) return this.#deadline
    const envelope = this.#current()?.envelope
    return envelope === undefined || envelope.isStream ? 0 : envelope.deadline
  }

  begin(deadline = 0): void {
    this.#isServing = true
    this.#deadline = deadline
  }

  end(): void {
    this.#isServing = false
    this.#deadline = 0
    if (this.#current === undefined) this.waits.endAll()
  }

  /** Its actor has ended, and code of it goes on: what that asks is not shown, for the row is its successor's. */
  abandon(): void {
    this.#isServing = false
    this.#current = undefined
  }

  /** A slot is at an ask now. */
  beginSlot(slot: number, asker: { readonly seat: number; readonly correlation: number } | undefined): void {
    if (asker !== undefined) this.#show(slot, servedWord(asker.seat, waitWord(0, asker.correlation)))
  }

  /** Nobody waits for what that one does. */
  endSlot(slot: number): void {
    this.#show(slot, 0)
    this.waits.endSlot(slot)
  }

  #show(slot: number, word: number): void {
    if (slot < SEAT_ASKS_MAX) store(this.#arena.words, this.#arena.seatWord(this.#seat, SEAT_SERVED + slot), word)
  }

  /** Returns the correlation of an ask that may be sent. Throws DeadlockError when it could never be answered. */
  shown(correlation: number, to: Address, method: string): number {
    const slot = this.#current === undefined ? Number(this.#isServing) - 1 : (this.#current()?.slot ?? -1)
    const cycle = slot >= 0 && slot < SEAT_ASKS_MAX ? this.waits.begin(to, correlation, slot) : undefined
    if (cycle === undefined) return correlation
    throw new DeadlockError(
      `${to.path}.${method}()`,
      cycle.map((seat) => readPath(this.#arena, seat)),
    )
  }
}
