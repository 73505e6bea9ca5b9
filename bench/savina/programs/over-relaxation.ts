// Successive over-relaxation on a grid in strips. Red cells need black neighbours only, so after each half-step strips give their
// edges to the strips beside them.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { finishLine, many, must, type Program, takenTimes, timed } from '../program.ts'

const SEED = 19
const OMEGA = 1.25

type Side = 'above' | 'below'

/** One half-step of rows that have a row above and one below. `firstRow`: where they are in the grid. */
function relax(rows: Float64Array[], firstRow: number, colour: number): void {
  for (let i = 1; i < rows.length - 1; i++) {
    const [above, row, below] = [rows[i - 1]!, rows[i]!, rows[i + 1]!]
    for (let j = 1; j < row.length - 1; j++) {
      if ((firstRow + i + j) % 2 !== colour) continue
      row[j] = (OMEGA / 4) * (above[j]! + below[j]! + row[j - 1]! + row[j + 1]!) + (1 - OMEGA) * row[j]!
    }
  }
}

export class Strip extends Actor {
  static readonly module = import.meta.url
  /** Its own rows, and one on each side that belongs to a neighbour or to the border of the grid. */
  readonly #rows: Float64Array[]
  readonly #firstRow: number
  readonly #steps: number
  readonly #done: Queue<number>
  #neighbours: { readonly side: Side; readonly ref: ActorRef<Strip> }[] = []
  readonly #edges: Readonly<Record<Side, Float64Array[]>> = { above: [], below: [] }
  #step = 0

  constructor(rows: Float64Array[], firstRow: number, halfSteps: number, done: Queue<number>) {
    super()
    this.#rows = rows
    this.#firstRow = firstRow
    this.#steps = halfSteps
    this.#done = done
  }

  meet(above: ActorRef<Strip> | undefined, below: ActorRef<Strip> | undefined): void {
    if (above !== undefined) this.#neighbours.push({ side: 'above', ref: above })
    if (below !== undefined) this.#neighbours.push({ side: 'below', ref: below })
  }

  begin(): void {
    this.#halfStep()
  }

  edge(side: Side, row: Float64Array): void {
    this.#edges[side].push(row)
    this.#advance()
  }

  rows(): Float64Array[] {
    return this.#rows.slice(1, -1)
  }

  #halfStep(): void {
    relax(this.#rows, this.#firstRow, this.#step++ % 2)
    for (const { side, ref } of this.#neighbours) {
      if (side === 'above') must(ref.tell.edge('below', this.#rows[1]!))
      else must(ref.tell.edge('above', this.#rows.at(-2)!))
    }
    this.#advance()
  }

  /** A neighbour may be one half-step ahead, and its edge be there before this one has begun. */
  #advance(): void {
    if (this.#step === 0 || !this.#neighbours.every(({ side }) => this.#edges[side].length > 0)) return
    for (const { side } of this.#neighbours) this.#rows[side === 'above' ? 0 : this.#rows.length - 1] = this.#edges[side].shift()!
    if (this.#step === this.#steps) this.#done.putSync(this.#step)
    else this.#halfStep()
  }
}

function grid(side: number): Float64Array[] {
  const dice = new Dice(SEED)
  return Array.from({ length: side }, () => Float64Array.from({ length: side }, () => dice.fraction()))
}

export const program: Program<{ strips: number; side: number; iterations: number }> = {
  name: 'Successive Over-Relaxation',
  paper: 'an actor for each cell of 20 × 20, 100 iterations',
  sizes: {
    smoke: { strips: 2, side: 10, iterations: 10 },
    quick: { strips: 4, side: 202, iterations: 100 },
    full: { strips: 8, side: 402, iterations: 100 },
  },
  async run(system, { strips, side, iterations }) {
    const done = finishLine<number>(system)
    const all = grid(side)
    const height = (side - 2) / strips
    const refs = await many(strips, (i) =>
      system.spawn(Strip, { args: [all.slice(i * height, (i + 1) * height + 2), i * height, 2 * iterations, done] }),
    )
    await many(strips, (i) => refs[i]!.ask.meet(refs[i - 1], refs[i + 1]))
    const { ms } = await timed(() => {
      for (const ref of refs) must(ref.tell.begin())
      return takenTimes(strips, done)
    })
    for (let step = 0; step < 2 * iterations; step++) relax(all, 0, step % 2)
    const rows = await Promise.all(refs.map((ref) => ref.ask.rows()))
    return { ms, messages: 4 * iterations * (strips - 1) + strips, result: rows.flat(), expected: all.slice(1, -1) }
  },
}
