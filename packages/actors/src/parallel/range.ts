/** The whole numbers from `from` up to and without `to`. It costs nothing to send: `par(range(0, 5_000_000))`. */
export class Range implements Iterable<number> {
  readonly from: number
  readonly to: number

  constructor(from: number, to: number) {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new RangeError(`range(${from}, ${to}): both must be whole numbers`)
    this.from = from
    this.to = Math.max(from, to)
  }

  get length(): number {
    return this.to - this.from
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let n = this.from; n < this.to; n++) yield n
  }
}

/** `range(10)`: 0 to 9; `range(5, 10)`: 5 to 9. */
export function range(from: number, to?: number): Range {
  return to === undefined ? new Range(0, from) : new Range(from, to)
}
