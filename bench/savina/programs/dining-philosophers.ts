// Philosophers ask an arbitrator for both of their forks. Whose neighbour eats is refused, and asks again.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, taken, timed } from '../program.ts'

export class Philosopher extends Actor {
  static readonly module = import.meta.url
  readonly #seat: number
  readonly #arbitrator: ActorRef<Arbitrator>
  #left: number

  constructor(seat: number, meals: number, arbitrator: ActorRef<Arbitrator>) {
    super()
    this.#seat = seat
    this.#left = meals
    this.#arbitrator = arbitrator
  }

  think(): void {
    must(this.#arbitrator.tell.hungry(this.#seat, this.context.selfAs<Philosopher>()))
  }

  eat(): void {
    must(this.#arbitrator.tell.full(this.#seat))
    if (--this.#left > 0) this.think()
  }
}

export class Arbitrator extends Actor {
  static readonly module = import.meta.url
  readonly #forks: boolean[]
  readonly #meals: number[]
  readonly #done: Queue<number>
  #left: number
  #refusals = 0

  constructor(seats: number, mealsEach: number, done: Queue<number>) {
    super()
    this.#forks = new Array<boolean>(seats).fill(true)
    this.#meals = new Array<number>(seats).fill(0)
    this.#left = seats * mealsEach
    this.#done = done
  }

  hungry(seat: number, philosopher: ActorRef<Philosopher>): void {
    const forks = this.#forks
    const right = (seat + 1) % forks.length
    if (forks[seat] && forks[right]) {
      forks[seat] = forks[right] = false
      must(philosopher.tell.eat())
    } else {
      this.#refusals++
      must(philosopher.tell.think())
    }
  }

  full(seat: number): void {
    const right = (seat + 1) % this.#forks.length
    if (this.#forks[seat] || this.#forks[right]) throw new Error(`philosopher ${seat} ate with a fork that lay on the table`)
    this.#forks[seat] = this.#forks[right] = true
    this.#meals[seat]!++
    if (--this.#left === 0) this.#done.putSync(this.#refusals)
  }

  state(): { readonly meals: readonly number[]; readonly forks: readonly boolean[] } {
    return { meals: this.#meals, forks: this.#forks }
  }
}

export const program: Program<{ philosophers: number; meals: number }> = {
  name: 'Dining Philosophers',
  paper: '21 actors, 10,000 meals for each',
  sizes: {
    smoke: { philosophers: 3, meals: 50 },
    quick: { philosophers: 5, meals: 1_000 },
    full: { philosophers: 20, meals: 2_000 },
  },
  async run(system, { philosophers, meals }) {
    const done = finishLine<number>(system)
    const arbitrator = await system.spawn(Arbitrator, { args: [philosophers, meals, done] })
    const all = await many(philosophers, (seat) => system.spawn(Philosopher, { args: [seat, meals, arbitrator] }))
    const { ms, value: refusals } = await timed(() => {
      for (const philosopher of all) must(philosopher.tell.think())
      return taken(done)
    })
    return {
      ms,
      messages: 3 * philosophers * meals + 2 * refusals + philosophers,
      result: await arbitrator.ask.state(),
      expected: { meals: all.map(() => meals), forks: all.map(() => true) },
    }
  },
}
