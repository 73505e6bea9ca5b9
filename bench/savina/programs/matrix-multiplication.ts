// A product of matrices, split into quarters until the blocks are small; a free worker multiplies the next pair of blocks.
import { Actor } from '@troupe/runtime'
import { LONG, many, type Program, timed } from '../program.ts'

export class Worker extends Actor {
  static readonly module = import.meta.url

  multiply(a: Float64Array, b: Float64Array, side: number): Float64Array {
    const c = new Float64Array(side * side)
    for (let i = 0; i < side; i++)
      for (let k = 0; k < side; k++) {
        const factor = a[i * side + k]!
        for (let j = 0; j < side; j++) c[i * side + j]! += factor * b[k * side + j]!
      }
    return c
  }
}

class Matrix {
  readonly side: number
  readonly cells: Float64Array

  constructor(side: number, cell: (row: number, column: number) => number) {
    this.side = side
    this.cells = Float64Array.from({ length: side * side }, (_, i) => cell(Math.floor(i / side), i % side))
  }

  block(row: number, column: number, side: number): Float64Array {
    const block = new Float64Array(side * side)
    for (let i = 0; i < side; i++) block.set(this.cells.subarray((row + i) * this.side + column).subarray(0, side), i * side)
    return block
  }

  add(row: number, column: number, side: number, block: Float64Array): void {
    for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) this.cells[(row + i) * this.side + column + j]! += block[i * side + j]!
  }
}

/** C[row, column] += A[row, middle] · B[middle, column], of that side. */
interface Task {
  readonly row: number
  readonly middle: number
  readonly column: number
  readonly side: number
}

function* leaves(task: Task, sideMax: number): Generator<Task> {
  if (task.side <= sideMax) return yield task
  const side = task.side / 2
  for (let i = 0; i < 8; i++) {
    const [row, middle, column] = [task.row + (i & 1) * side, task.middle + ((i >> 1) & 1) * side, task.column + (i >> 2) * side]
    yield* leaves({ row, middle, column, side }, sideMax)
  }
}

export const program: Program<{ workers: number; side: number; block: number }> = {
  name: 'Recursive Matrix Multiplication',
  paper: '21 actors, 1,024 × 1,024 in blocks of 128 × 128, read in place',
  sizes: {
    smoke: { workers: 2, side: 32, block: 16 },
    quick: { workers: 4, side: 256, block: 64 },
    full: { workers: 8, side: 1_024, block: 128 },
  },
  async run(system, { workers, side, block }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const a = new Matrix(side, (row) => row)
    const b = new Matrix(side, (_, column) => column)
    const c = new Matrix(side, () => 0)
    const tasks = leaves({ row: 0, middle: 0, column: 0, side }, block)
    let count = 0
    const { ms } = await timed(() =>
      many(2 * workers, async (i) => {
        for (let task = tasks.next(); !task.done; task = tasks.next()) {
          const { row, middle, column } = task.value
          count++
          c.add(
            row,
            column,
            block,
            await refs[i % workers]!.ask(LONG).multiply(a.block(row, middle, block), b.block(middle, column, block), block),
          )
        }
      }),
    )
    // Each cell is the sum of side equal products.
    return { ms, messages: 2 * count, result: c.cells, expected: new Matrix(side, (row, column) => side * row * column).cells }
  },
}
