// Floyd's algorithm in square blocks: at step k a block needs its part of row k and of column k, from the blocks that have them.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { finishLine, many, must, type Program, takenTimes, timed } from '../program.ts'

const SEED = 17
const WEIGHT_MAX = 100

type Part = 'row' | 'column'

export class Block extends Actor {
  static readonly module = import.meta.url
  readonly #row: number
  readonly #column: number
  readonly #side: number
  readonly #nodes: number
  readonly #cells: Float64Array
  readonly #done: Queue<number>
  /** Those below and above, which need its rows, and those beside it, which need its columns. */
  #fellows: Readonly<Record<Part, readonly ActorRef<Block>[]>> = { row: [], column: [] }
  readonly #parts = { row: new Map<number, Float64Array>(), column: new Map<number, Float64Array>() }
  #k = 0

  constructor(row: number, column: number, side: number, nodes: number, cells: Float64Array, done: Queue<number>) {
    super()
    this.#row = row * side
    this.#column = column * side
    this.#side = side
    this.#nodes = nodes
    this.#cells = cells
    this.#done = done
  }

  meet(row: readonly ActorRef<Block>[], column: readonly ActorRef<Block>[]): void {
    this.#fellows = { row, column }
  }

  begin(): void {
    this.#publish()
    this.#advance()
  }

  part(what: Part, k: number, values: Float64Array): void {
    this.#parts[what].set(k, values)
    this.#advance()
  }

  cells(): Float64Array {
    return this.#cells
  }

  /** Whoever holds row or column k says so before step k changes anything: at that step it stays what it is. */
  #publish(): void {
    const [row, column] = [this.#k - this.#row, this.#k - this.#column]
    if (row >= 0 && row < this.#side) this.#give('row', this.#cells.slice(row * this.#side, (row + 1) * this.#side))
    if (column >= 0 && column < this.#side)
      this.#give(
        'column',
        Float64Array.from({ length: this.#side }, (_, i) => this.#cells[i * this.#side + column]!),
      )
  }

  #give(what: Part, values: Float64Array): void {
    this.#parts[what].set(this.#k, values)
    for (const fellow of this.#fellows[what]) must(fellow.tell.part(what, this.#k, values))
  }

  #advance(): void {
    for (;;) {
      const [row, column] = [this.#parts.row.get(this.#k), this.#parts.column.get(this.#k)]
      if (row === undefined || column === undefined) return
      for (let i = 0; i < this.#side; i++)
        for (let j = 0; j < this.#side; j++) {
          const at = i * this.#side + j
          this.#cells[at] = Math.min(this.#cells[at]!, column[i]! + row[j]!)
        }
      this.#parts.row.delete(this.#k)
      this.#parts.column.delete(this.#k)
      if (++this.#k === this.#nodes) return this.#done.putSync(this.#k)
      this.#publish()
    }
  }
}

function graph(nodes: number): Float64Array {
  const dice = new Dice(SEED)
  return Float64Array.from({ length: nodes * nodes }, (_, i) => (i % (nodes + 1) === 0 ? 0 : 1 + dice.roll(WEIGHT_MAX)))
}

function floyd(nodes: number): Float64Array {
  const paths = graph(nodes)
  for (let k = 0; k < nodes; k++)
    for (let i = 0; i < nodes; i++)
      for (let j = 0; j < nodes; j++) paths[i * nodes + j] = Math.min(paths[i * nodes + j]!, paths[i * nodes + k]! + paths[k * nodes + j]!)
  return paths
}

/** The cells of a block, out of all or back into them. */
function places(block: number, blocks: number, side: number): number[] {
  const nodes = blocks * side
  const [row, column] = [Math.floor(block / blocks) * side, (block % blocks) * side]
  return Array.from({ length: side * side }, (_, i) => (row + Math.floor(i / side)) * nodes + column + (i % side))
}

export const program: Program<{ nodes: number; blocksPerSide: number }> = {
  name: 'All-Pairs Shortest Path',
  paper: '36 actors, 300 nodes in blocks of 50 × 50',
  sizes: {
    smoke: { nodes: 20, blocksPerSide: 2 },
    quick: { nodes: 120, blocksPerSide: 3 },
    full: { nodes: 300, blocksPerSide: 6 },
  },
  async run(system, { nodes, blocksPerSide: n }) {
    const side = nodes / n
    const all = graph(nodes)
    const done = finishLine<number>(system)
    const blocks = await many(n * n, (i) => {
      const cells = Float64Array.from(places(i, n, side), (at) => all[at]!)
      return system.spawn(Block, { args: [Math.floor(i / n), i % n, side, nodes, cells, done] })
    })
    const others = (i: number, isFellow: (j: number) => boolean): ActorRef<Block>[] => blocks.filter((_, j) => j !== i && isFellow(j))
    await many(n * n, (i) =>
      blocks[i]!.ask.meet(
        others(i, (j) => j % n === i % n),
        others(i, (j) => Math.floor(j / n) === Math.floor(i / n)),
      ),
    )
    const { ms } = await timed(() => {
      for (const block of blocks) must(block.tell.begin())
      return takenTimes(n * n, done)
    })
    const result = new Float64Array(nodes * nodes)
    const cells = await Promise.all(blocks.map((block) => block.ask.cells()))
    for (const [i, part] of cells.entries()) for (const [at, place] of places(i, n, side).entries()) result[place] = part[at]!
    return { ms, messages: 2 * nodes * n * (n - 1) + n * n, result, expected: floyd(nodes) }
  },
}
