// Customers come to a waiting room with a few chairs, and come again when all are taken; a barber serves one after another.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, sum, takenTimes, timed } from '../program.ts'

const TURNS = 1_000

export class Customer extends Actor {
  static readonly module = import.meta.url
  readonly #room: ActorRef<WaitingRoom>
  readonly #done: Queue<number>
  #left: number
  #turnedAway = 0

  constructor(haircuts: number, room: ActorRef<WaitingRoom>, done: Queue<number>) {
    super()
    this.#left = haircuts
    this.#room = room
    this.#done = done
  }

  enter(): void {
    must(this.#room.tell.enter(this.context.selfAs<Customer>()))
  }

  full(): void {
    this.#turnedAway++
    this.enter()
  }

  isDone(): void {
    if (--this.#left === 0) this.#done.putSync(this.#turnedAway)
    else this.enter()
  }
}

export class Barber extends Actor {
  static readonly module = import.meta.url
  #haircuts = 0

  cut(customer: ActorRef<Customer>, room: ActorRef<WaitingRoom>): void {
    let hair = TURNS
    while (hair > 0) hair -= Math.sqrt(hair) > 0 ? 1 : 0
    this.#haircuts++
    must(customer.tell.isDone())
    must(room.tell.next())
  }

  haircuts(): number {
    return this.#haircuts
  }
}

export class WaitingRoom extends Actor {
  static readonly module = import.meta.url
  readonly #chairs: number
  readonly #barber: ActorRef<Barber>
  readonly #waiting: ActorRef<Customer>[] = []
  #isAsleep = true
  #mostWaiting = 0

  constructor(chairs: number, barber: ActorRef<Barber>) {
    super()
    this.#chairs = chairs
    this.#barber = barber
  }

  enter(customer: ActorRef<Customer>): void {
    if (this.#waiting.length === this.#chairs) return must(customer.tell.full())
    this.#waiting.push(customer)
    this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiting.length)
    if (this.#isAsleep) this.next()
  }

  next(): void {
    const customer = this.#waiting.shift()
    this.#isAsleep = customer === undefined
    if (customer !== undefined) must(this.#barber.tell.cut(customer, this.context.selfAs<WaitingRoom>()))
  }

  state(): { readonly waiting: number; readonly mostWaiting: number } {
    return { waiting: this.#waiting.length, mostWaiting: this.#mostWaiting }
  }
}

export const program: Program<{ customers: number; chairs: number; haircuts: number }> = {
  name: 'Sleeping Barber',
  paper: '5,000 customers, 1 haircut for each, 1,000 chairs',
  sizes: {
    smoke: { customers: 3, chairs: 1, haircuts: 20 },
    quick: { customers: 6, chairs: 3, haircuts: 300 },
    full: { customers: 20, chairs: 10, haircuts: 250 },
  },
  async run(system, { customers, chairs, haircuts }) {
    const done = finishLine<number>(system)
    const barber = await system.spawn(Barber)
    const room = await system.spawn(WaitingRoom, { args: [chairs, barber] })
    const refs = await many(customers, () => system.spawn(Customer, { args: [haircuts, room, done] }))
    const { ms, value } = await timed(() => {
      for (const ref of refs) must(ref.tell.enter())
      return takenTimes(customers, done)
    })
    const { waiting, mostWaiting } = await room.ask.state()
    const served = await barber.ask.haircuts()
    return {
      ms,
      messages: 4 * served + 2 * sum(value) + customers,
      result: [served, waiting, mostWaiting <= chairs],
      expected: [customers * haircuts, 0, true],
    }
  },
}
