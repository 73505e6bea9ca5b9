import { setTimeout as sleep } from 'node:timers/promises'
import { Actor } from '@troupe/runtime'

/** So many pieces of each item. Requests from all sides reach it one at a time, so it needs no lock. */
export class Stock extends Actor {
  static readonly module = import.meta.url
  readonly #pieces: Map<string, number>

  constructor(pieces: Readonly<Record<string, number>>) {
    super()
    this.#pieces = new Map(Object.entries(pieces))
  }

  /** Whether a piece was left. Between the look and the change there is an await, and still no two get the last one. */
  async reserve(item: string): Promise<boolean> {
    const left = this.#pieces.get(item)
    if (left === undefined) throw new RangeError(`there is no ${item}`)
    await sleep(1)
    if (left > 0) this.#pieces.set(item, left - 1)
    return left > 0
  }

  left(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#pieces)
  }
}
