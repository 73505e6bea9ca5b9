// Creatures meet in pairs at a mall, and each takes the colour that neither has (or both have).
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, sum, takenTimes, timed } from '../program.ts'

export class Creature extends Actor {
  static readonly module = import.meta.url
  readonly #id: number
  readonly #mall: ActorRef<Mall>
  readonly #done: Queue<Met>
  #colour: number
  #count = 0

  constructor(id: number, mall: ActorRef<Mall>, done: Queue<Met>) {
    super()
    this.#id = id
    this.#mall = mall
    this.#done = done
    this.#colour = id % 3
  }

  enter(): void {
    must(this.#mall.tell.arrive(this.#id, this.#colour, this.context.selfAs<Creature>()))
  }

  meet(other: number): void {
    this.#count++
    if (other !== this.#colour) this.#colour = 3 - other - this.#colour
    this.enter()
  }

  leave(): void {
    this.#done.putSync({ id: this.#id, colour: this.#colour, count: this.#count })
  }
}

interface Met {
  readonly id: number
  readonly colour: number
  readonly count: number
}

export class Mall extends Actor {
  static readonly module = import.meta.url
  readonly #meetings: number
  readonly #pairs: (readonly [number, number])[] = []
  #waiting: { id: number; colour: number; creature: ActorRef<Creature> } | undefined

  constructor(meetings: number) {
    super()
    this.#meetings = meetings
  }

  arrive(id: number, colour: number, creature: ActorRef<Creature>): void {
    const first = this.#waiting
    if (this.#pairs.length === this.#meetings) must(creature.tell.leave())
    else if (first === undefined) this.#waiting = { id, colour, creature }
    else {
      this.#waiting = undefined
      this.#pairs.push([first.id, id])
      must(first.creature.tell.meet(colour))
      must(creature.tell.meet(first.colour))
    }
  }

  pairs(): readonly (readonly [number, number])[] {
    return this.#pairs
  }
}

/** Who met whom depends on who came first; what became of them by that does not. */
function replay(creatures: number, pairs: readonly (readonly [number, number])[]): Met[] {
  const all = Array.from({ length: creatures }, (_, id) => ({ id, colour: id % 3, count: 0 }))
  for (const [a, b] of pairs) {
    const [one, two] = [all[a]!, all[b]!]
    one.count++
    two.count++
    const mixed = [0, 1, 2].find((colour) => colour !== one.colour && colour !== two.colour)!
    if (one.colour !== two.colour) one.colour = two.colour = mixed
  }
  return all
}

export const program: Program<{ creatures: number; meetings: number }> = {
  name: 'Chameneos',
  paper: '101 actors, 200,000 meetings',
  sizes: {
    smoke: { creatures: 3, meetings: 100 },
    quick: { creatures: 6, meetings: 10_000 },
    full: { creatures: 16, meetings: 50_000 },
  },
  async run(system, { creatures, meetings }) {
    const done = finishLine<Met>(system)
    const mall = await system.spawn(Mall, { args: [meetings] })
    const refs = await many(creatures, (i) => system.spawn(Creature, { args: [i, mall, done] }))
    const { ms, value } = await timed(() => {
      for (const ref of refs) must(ref.tell.enter())
      return takenTimes(creatures, done)
    })
    const result = value.sort((a, b) => a.id - b.id)
    const expected = replay(creatures, await mall.ask.pairs())
    const total = sum(result.map(({ count }) => count))
    return { ms, messages: 4 * meetings + 3 * creatures, result: [result, total], expected: [expected, 2 * meetings] }
  },
}
