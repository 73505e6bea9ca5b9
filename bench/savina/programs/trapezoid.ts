// An integral in pieces: each worker adds up its part of the trapezoids.
import { Actor } from '@troupe/runtime'
import { LONG, many, type Program, sum, timed } from '../program.ts'

const FROM = 1
const TO = 5

function f(x: number): number {
  return Math.sin(x) * Math.exp(-x / 4) * Math.sqrt(x)
}

export class Worker extends Actor {
  static readonly module = import.meta.url

  area(from: number, pieces: number, width: number): number {
    let total = 0
    for (let i = 0; i < pieces; i++) total += ((f(from + i * width) + f(from + (i + 1) * width)) / 2) * width
    return total
  }
}

/** By Simpson's rule, which needs few points. */
function simpson(points: number): number {
  const width = (TO - FROM) / points
  let total = f(FROM) + f(TO)
  for (let i = 1; i < points; i++) total += f(FROM + i * width) * (i % 2 === 0 ? 2 : 4)
  return (total * width) / 3
}

export const program: Program<{ workers: number; pieces: number }> = {
  name: 'Trapezoidal Approximation',
  paper: '101 actors, 10,000,000 pieces',
  sizes: {
    smoke: { workers: 2, pieces: 100_000 },
    quick: { workers: 4, pieces: 4_000_000 },
    full: { workers: 16, pieces: 10_000_000 },
  },
  async run(system, { workers, pieces }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const each = pieces / workers
    const width = (TO - FROM) / pieces
    const { ms, value } = await timed(() => Promise.all(refs.map((ref, i) => ref.ask(LONG).area(FROM + i * each * width, each, width))))
    return { ms, messages: 2 * workers, result: sum(value).toFixed(8), expected: simpson(1_000).toFixed(8) }
  },
}
