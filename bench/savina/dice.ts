/** The same numbers for the same seed, in an actor and where its result is checked. A linear congruential generator (Numerical Recipes). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  }

  /** From 0 to below 1. */
  fraction(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return this.#state / 2 ** 32
  }

  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number {
    return Math.floor(this.fraction() * sides)
  }
}
