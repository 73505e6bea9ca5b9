// The shortest way through a cube of cells. A master holds what is open and gives the most promising cells to free workers.
import { Actor } from '@troupe/runtime'
import { LONG, many, type Program, timed } from '../program.ts'

/** Cells that a worker takes at a time. */
const BATCH = 32
const COST_MIN = 1
const COST_RANGE = 9

/** A cell, and what the way to it costs. */
type Reached = readonly [cell: number, cost: number]

/** What it costs to enter a cell: a hash of its place, so that nobody needs a map. */
function costOf(cell: number): number {
  return COST_MIN + ((Math.imul(cell + 1, 0x9e3779b1) >>> 16) % COST_RANGE)
}

function neighbours(cell: number, side: number): number[] {
  const place = [cell % side, Math.floor(cell / side) % side, Math.floor(cell / side ** 2)]
  return place.flatMap((at, axis) => [...(at > 0 ? [cell - side ** axis] : []), ...(at < side - 1 ? [cell + side ** axis] : [])])
}

/** Never more than the way costs. */
function atLeast(cell: number, side: number): number {
  const steps = 3 * (side - 1) - (cell % side) - (Math.floor(cell / side) % side) - Math.floor(cell / side ** 2)
  return steps * COST_MIN
}

export class Worker extends Actor {
  static readonly module = import.meta.url

  expand(cells: readonly Reached[], side: number): Reached[] {
    return cells.flatMap(([cell, cost]) => neighbours(cell, side).map((next): Reached => [next, cost + costOf(next)]))
  }
}

/** The open cells, by what a way through them costs at least: costs are small whole numbers. */
class Open {
  readonly #byCost: Reached[][] = []
  readonly #best: Float64Array
  readonly #side: number

  constructor(side: number) {
    this.#side = side
    this.#best = new Float64Array(side ** 3).fill(Number.POSITIVE_INFINITY)
  }

  add([cell, cost]: Reached): void {
    if (cost >= this.#best[cell]!) return
    this.#best[cell] = cost
    const bucket = (this.#byCost[cost + atLeast(cell, this.#side)] ??= [])
    bucket.push([cell, cost])
  }

  /** The best ones, of those that may be on a better way than the best one known. */
  take(n: number): Reached[] {
    const taken: Reached[] = []
    const end = Math.min(this.#byCost.length, this.costTo(this.#best.length - 1))
    for (let i = 0; i < end && taken.length < n; i++)
      for (const bucket = this.#byCost[i] ?? []; bucket.length > 0 && taken.length < n; ) {
        const [cell, cost] = bucket.pop()!
        if (cost === this.#best[cell]) taken.push([cell, cost])
      }
    return taken
  }

  costTo(cell: number): number {
    return this.#best[cell]!
  }
}

/** Bellman and Ford's: over all cells until nothing changes. */
function directly(side: number): number {
  const best = new Float64Array(side ** 3).fill(Number.POSITIVE_INFINITY)
  best[0] = 0
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false
    for (let cell = 0; cell < best.length; cell++)
      for (const next of neighbours(cell, side))
        if (best[cell]! + costOf(next) < best[next]!) {
          best[next] = best[cell]! + costOf(next)
          hasChanged = true
        }
  }
  return best.at(-1)!
}

export const program: Program<{ workers: number; side: number }> = {
  name: 'A-Star Search',
  paper: '21 actors, 30 × 30 × 30 cells',
  sizes: { smoke: { workers: 2, side: 5 }, quick: { workers: 4, side: 20 }, full: { workers: 8, side: 30 } },
  async run(system, { workers, side }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const open = new Open(side)
    let asks = 0
    const { ms } = await timed(async () => {
      open.add([0, 0])
      const busy = new Map<number, Promise<number>>()
      for (;;) {
        for (let i = 0; i < workers; i++) {
          const cells = busy.has(i) ? [] : open.take(BATCH)
          if (cells.length === 0) continue
          asks++
          const expanded = refs[i]!.ask(LONG).expand(cells, side)
          busy.set(
            i,
            expanded.then((reached) => {
              for (const one of reached) open.add(one)
              return i
            }),
          )
        }
        if (busy.size === 0) return
        busy.delete(await Promise.race(busy.values()))
      }
    })
    return { ms, messages: 2 * asks, result: open.costTo(side ** 3 - 1), expected: directly(side) }
  },
}
