import type { Address } from '../base/address.ts'
import { DeadlockError } from '../base/errors.ts'
import type { Arena } from '../queue/arena.ts'
import { readPath } from '../queue/seat-text.ts'
import { Waits } from '../queue/waits.ts'

/** Whether a handler or a hook runs. Until it has ended nobody is served, so what it asks is shown to all (G8). */
export class Serving {
  readonly #arena: Arena
  readonly waits: Waits
  #isServing = false
  /** Of the call in progress, as its record says it; 0: none. What its handler asks has no more time than that. */
  deadline = 0

  constructor(arena: Arena, seat: number) {
    this.#arena = arena
    this.waits = new Waits(arena, seat)
  }

  begin(deadline = 0): void {
    this.#isServing = true
    this.deadline = deadline
  }

  end(): void {
    this.#isServing = false
    this.deadline = 0
    this.waits.endAll()
  }

  /** Returns the correlation of an ask that may be sent. Throws DeadlockError when it could never be answered. */
  shown(correlation: number, to: Address, method: string): number {
    const cycle = this.#isServing ? this.waits.begin(to, correlation) : undefined
    if (cycle === undefined) return correlation
    throw new DeadlockError(
      `${to.path}.${method}()`,
      cycle.map((seat) => readPath(this.#arena, seat)),
    )
  }
}
