// A pipeline with an actor for each bit: zeros pass at once, ones wait until all values are there.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { finishLine, must, type Program, taken, timed } from '../program.ts'

const SEED = 3

/** What takes values: a stage of the pipeline, and its end. */
export abstract class Sink extends Actor {
  abstract value(n: number): void
}

export class Collector extends Sink {
  static readonly module = import.meta.url
  readonly #count: number
  readonly #done: Queue<number>
  readonly #values: number[] = []

  constructor(count: number, done: Queue<number>) {
    super()
    this.#count = count
    this.#done = done
  }

  value(n: number): void {
    this.#values.push(n)
    if (this.#values.length === this.#count) this.#done.putSync(n)
  }

  values(): number[] {
    return this.#values
  }
}

export class Stage extends Sink {
  static readonly module = import.meta.url
  readonly #bit: number
  readonly #next: ActorRef<Sink>
  readonly #ones: number[] = []
  #left: number

  constructor(bit: number, count: number, next: ActorRef<Sink>) {
    super()
    this.#bit = bit
    this.#left = count
    this.#next = next
  }

  value(n: number): void {
    if ((n >>> this.#bit) & 1) this.#ones.push(n)
    else must(this.#next.tell.value(n))
    if (--this.#left === 0) for (const one of this.#ones) must(this.#next.tell.value(one))
  }
}

export const program: Program<{ values: number; bits: number }> = {
  name: 'Radix Sort',
  paper: '100,000 values of 60 bits, 62 actors',
  sizes: { smoke: { values: 200, bits: 4 }, quick: { values: 5_000, bits: 10 }, full: { values: 50_000, bits: 20 } },
  async run(system, { values, bits }) {
    const dice = new Dice(SEED)
    const random = Array.from({ length: values }, () => dice.roll(2 ** bits))
    const done = finishLine<number>(system)
    const end = await system.spawn(Collector, { args: [values, done] })
    let first: ActorRef<Sink> = end
    for (let bit = bits - 1; bit >= 0; bit--) first = await system.spawn(Stage, { args: [bit, values, first] })
    const { ms } = await timed(() => {
      for (const n of random) must(first.tell.value(n))
      return taken(done)
    })
    return { ms, messages: values * (bits + 1), result: await end.ask.values(), expected: random.toSorted((a, b) => a - b) }
  },
}
