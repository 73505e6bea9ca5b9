// All ways to place n queens: a master places the first few, and gives each beginning to a free worker.
import { Actor } from '@troupe/runtime'
import { LONG, many, type Program, timed } from '../program.ts'

/** Columns and diagonals that are taken, as bits. */
interface Board {
  readonly columns: number
  readonly left: number
  readonly right: number
}

const EMPTY: Board = { columns: 0, left: 0, right: 0 }

function* placed(size: number, { columns, left, right }: Board): Generator<Board> {
  for (let free = ~(columns | left | right) & (2 ** size - 1); free !== 0; free &= free - 1) {
    const queen = free & -free
    yield { columns: columns | queen, left: (left | queen) << 1, right: (right | queen) >> 1 }
  }
}

function solutions(size: number, rows: number, board: Board): number {
  if (rows === 0) return 1
  let count = 0
  for (const next of placed(size, board)) count += solutions(size, rows - 1, next)
  return count
}

function* beginnings(size: number, rows: number, board: Board = EMPTY): Generator<Board> {
  if (rows === 0) yield board
  else for (const next of placed(size, board)) yield* beginnings(size, rows - 1, next)
}

export class Worker extends Actor {
  static readonly module = import.meta.url

  solve(size: number, rows: number, board: Board): number {
    return solutions(size, rows, board)
  }
}

/** From the literature (OEIS A000170). */
const KNOWN: Readonly<Record<number, number>> = { 6: 4, 8: 92, 9: 352, 10: 724, 11: 2_680, 12: 14_200 }

export const program: Program<{ workers: number; queens: number; placedFirst: number }> = {
  name: 'NQueens first N Solutions',
  paper: '21 actors, 12 queens, 4 placed first',
  sizes: {
    smoke: { workers: 2, queens: 6, placedFirst: 2 },
    quick: { workers: 4, queens: 10, placedFirst: 3 },
    full: { workers: 8, queens: 12, placedFirst: 4 },
  },
  async run(system, { workers, queens, placedFirst }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const boards = beginnings(queens, placedFirst)
    let tasks = 0
    const { ms, value } = await timed(async () => {
      let count = 0
      await many(2 * workers, async (i) => {
        for (let board = boards.next(); !board.done; board = boards.next()) {
          tasks++
          const found = await refs[i % workers]!.ask(LONG).solve(queens, queens - placedFirst, board.value)
          count += found
        }
      })
      return count
    })
    return { ms, messages: 2 * tasks, result: value, expected: KNOWN[queens] }
  },
}
