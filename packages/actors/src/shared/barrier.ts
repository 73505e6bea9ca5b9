import { Actor, type DeferredReply, InvalidArgumentError } from '@troupe/runtime'

/**
 * Where `parties` wait for each other, again and again: `await barrier.ask({ timeoutMs }).wait()`. One that dies, aborts, or runs out
 * of time while it waits has not arrived: its place is for somebody else.
 */
export class Barrier extends Actor {
  static readonly module = import.meta.url
  readonly #parties: number
  #arrived: DeferredReply<number>[] = []
  #rounds = 0

  constructor(parties: number) {
    super()
    if (!Number.isSafeInteger(parties) || parties < 1)
      throw new InvalidArgumentError(`Barrier: parties is ${parties}, and must be a whole number above 0.`)
    this.#parties = parties
  }

  /** Until all parties wait; the number of the round. */
  wait(): Promise<number> {
    const reply = this.context.deferReply<number>()
    this.#arrived = [...this.#waiting(), reply]
    if (this.#arrived.length === this.#parties) this.#open()
    return reply.later
  }

  /** How many wait now, and how often it has opened. */
  stats(): { readonly parties: number; readonly waiting: number; readonly rounds: number } {
    return { parties: this.#parties, waiting: this.#waiting().length, rounds: this.#rounds }
  }

  #waiting(): DeferredReply<number>[] {
    return this.#arrived.filter(({ isWanted }) => isWanted)
  }

  #open(): void {
    this.#rounds++
    for (const reply of this.#arrived.splice(0)) reply.send(this.#rounds)
  }
}
