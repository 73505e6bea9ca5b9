import { Actor } from '@troupe/runtime'

/** Numbers under names that all isolates add to. A restart begins with `initial` again. */
export class Counter extends Actor {
  static readonly module = import.meta.url
  readonly #values: Map<string, number>

  constructor(initial: Readonly<Record<string, number>> = {}) {
    super()
    this.#values = new Map(Object.entries(initial))
  }

  /** The sum, this one included. To count only: `counter.tell.add('requests')`. */
  add(name: string, by = 1): number {
    const sum = (this.#values.get(name) ?? 0) + by
    this.#values.set(name, sum)
    return sum
  }

  value(name: string): number {
    return this.#values.get(name) ?? 0
  }

  values(): Record<string, number> {
    return Object.fromEntries(this.#values)
  }
}
