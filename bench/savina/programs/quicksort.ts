// Each actor splits its values at a pivot and starts one actor for the smaller and one for the larger ones, down to a depth.
import { Actor } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { LONG, type Program, timed } from '../program.ts'

const SEED = 13

export class Sorter extends Actor {
  static readonly module = import.meta.url

  async sort(values: Float64Array, depth: number): Promise<Float64Array> {
    if (depth === 0) return values.sort()
    const pivot = values[values.length >> 1]!
    const parts = [values.filter((value) => value < pivot), values.filter((value) => value > pivot)]
    const [smaller, larger] = await Promise.all(
      parts.map(async (part) => {
        const sorter = await this.context.spawn(Sorter)
        return await sorter.ask(LONG).sort(part, depth - 1)
      }),
    )
    const sorted = new Float64Array(values.length).fill(pivot)
    sorted.set(smaller!)
    sorted.set(larger!, values.length - larger!.length)
    return sorted
  }
}

export const program: Program<{ values: number; depth: number }> = {
  name: 'Quicksort',
  paper: '1,000,000 values, an actor for each 2,048',
  sizes: { smoke: { values: 1_000, depth: 1 }, quick: { values: 200_000, depth: 2 }, full: { values: 1_000_000, depth: 4 } },
  async run(system, { values, depth }) {
    const dice = new Dice(SEED)
    const random = Float64Array.from({ length: values }, () => dice.fraction())
    const sorter = await system.spawn(Sorter)
    const { ms, value } = await timed(() => sorter.ask(LONG).sort(random, depth))
    return { ms, messages: 2 * (2 ** (depth + 1) - 1), result: value, expected: random.toSorted() }
  },
}
