// Each series asks its computer for the next term, r·x·(1−x), as often as it is told to. An actor handles one message at a time, also
// while it waits for an answer: the stash that this program is to show is the mailbox itself.
import { Actor, type ActorRef } from '@troupe/runtime'
import { LONG, many, must, type Program, timed } from '../program.ts'

const START = 0.25

function rateOf(i: number): number {
  return 3.46 + i * 0.0025
}

export class Computer extends Actor {
  static readonly module = import.meta.url
  readonly #rate: number

  constructor(rate: number) {
    super()
    this.#rate = rate
  }

  next(term: number): number {
    return this.#rate * term * (1 - term)
  }
}

export class Series extends Actor {
  static readonly module = import.meta.url
  readonly #computer: ActorRef<Computer>
  #term = START

  constructor(computer: ActorRef<Computer>) {
    super()
    this.#computer = computer
  }

  async advance(): Promise<void> {
    this.#term = await this.#computer.ask.next(this.#term)
  }

  term(): number {
    return this.#term
  }
}

function termOf(rate: number, terms: number): number {
  let x = START
  for (let i = 0; i < terms; i++) x = rate * x * (1 - x)
  return x
}

export const program: Program<{ series: number; terms: number }> = {
  name: 'Logistic Map Series',
  paper: '21 actors, 10 series of 25,000 terms',
  sizes: { smoke: { series: 2, terms: 100 }, quick: { series: 4, terms: 4_000 }, full: { series: 10, terms: 25_000 } },
  async run(system, { series, terms }) {
    const computers = await many(series, (i) => system.spawn(Computer, { args: [rateOf(i)] }))
    const refs = await many(series, (i) => system.spawn(Series, { args: [computers[i]!] }))
    const { ms, value } = await timed(() => {
      for (let i = 0; i < terms; i++) for (const ref of refs) must(ref.tell.advance())
      return Promise.all(refs.map((ref) => ref.ask(LONG).term()))
    })
    return { ms, messages: series * (3 * terms + 2), result: value, expected: refs.map((_, i) => termOf(rateOf(i), terms)) }
  },
}
