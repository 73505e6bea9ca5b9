// A tree of actors: each starts one for each of its two terms, down to a depth; below it, recursion.
import { Actor } from '@troupe/runtime'
import { LONG, type Program, sum, timed } from '../program.ts'

function recursively(n: number): number {
  return n < 2 ? n : recursively(n - 1) + recursively(n - 2)
}

export class Term extends Actor {
  static readonly module = import.meta.url

  async value(n: number, depth: number): Promise<number> {
    if (depth === 0 || n < 2) return recursively(n)
    const terms = [n - 1, n - 2].map(async (m) => {
      const term = await this.context.spawn(Term)
      return await term.ask(LONG).value(m, depth - 1)
    })
    return sum(await Promise.all(terms))
  }
}

function directly(n: number): number {
  let [a, b] = [0, 1]
  for (let i = 0; i < n; i++) [a, b] = [b, a + b]
  return a
}

export const program: Program<{ n: number; depth: number }> = {
  name: 'Recursive Fibonacci Tree',
  paper: 'the 25th number, 242,785 actors',
  sizes: { smoke: { n: 10, depth: 1 }, quick: { n: 25, depth: 3 }, full: { n: 32, depth: 4 } },
  async run(system, { n, depth }) {
    const root = await system.spawn(Term)
    const { ms, value } = await timed(() => root.ask(LONG).value(n, depth))
    return { ms, messages: 2 * (2 ** (depth + 1) - 1), result: value, expected: directly(n) }
  },
}
