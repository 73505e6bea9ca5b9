// An arbiter puts what one smoker lacks on the table, drawn by lot, and goes on as soon as that one has begun to smoke.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { finishLine, many, must, type Program, taken, timed } from '../program.ts'

const SEED = 7
const TURNS_MAX = 1_000

export class Smoker extends Actor {
  static readonly module = import.meta.url
  #cigarettes = 0
  #turns = 0

  smoke(turns: number, arbiter: ActorRef<Arbiter>): void {
    must(arbiter.tell.begun())
    this.#cigarettes++
    for (let i = 0; i < turns; i++) this.#turns++
  }

  state(): readonly [cigarettes: number, turns: number] {
    return [this.#cigarettes, this.#turns]
  }
}

export class Arbiter extends Actor {
  static readonly module = import.meta.url
  readonly #smokers: readonly ActorRef<Smoker>[]
  readonly #done: Queue<number>
  readonly #dice = new Dice(SEED)
  #left = 0

  constructor(smokers: readonly ActorRef<Smoker>[], done: Queue<number>) {
    super()
    this.#smokers = smokers
    this.#done = done
  }

  begin(rounds: number): void {
    this.#left = rounds
    this.#next()
  }

  begun(): void {
    if (--this.#left === 0) this.#done.putSync(0)
    else this.#next()
  }

  #next(): void {
    const smoker = this.#smokers[this.#dice.roll(this.#smokers.length)]!
    must(smoker.tell.smoke(this.#dice.roll(TURNS_MAX), this.context.selfAs<Arbiter>()))
  }
}

function expectedOf(smokers: number, rounds: number): (readonly [number, number])[] {
  const dice = new Dice(SEED)
  const all = Array.from({ length: smokers }, (): [number, number] => [0, 0])
  for (let i = 0; i < rounds; i++) {
    const one = all[dice.roll(smokers)]!
    one[0]++
    one[1] += dice.roll(TURNS_MAX)
  }
  return all
}

export const program: Program<{ smokers: number; rounds: number }> = {
  name: 'Cigarette Smokers',
  paper: '201 actors, 1,000 rounds',
  sizes: { smoke: { smokers: 3, rounds: 50 }, quick: { smokers: 8, rounds: 1_000 }, full: { smokers: 32, rounds: 10_000 } },
  async run(system, { smokers, rounds }) {
    const done = finishLine<number>(system)
    const refs = await many(smokers, () => system.spawn(Smoker))
    const arbiter = await system.spawn(Arbiter, { args: [refs, done] })
    const { ms } = await timed(() => {
      must(arbiter.tell.begin(rounds))
      return taken(done)
    })
    const result = await Promise.all(refs.map((ref) => ref.ask.state()))
    return { ms, messages: 2 * rounds + 1, result, expected: expectedOf(smokers, rounds) }
  },
}
