// Two actors that send each other a number, one message on its way at a time.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, must, type Program, taken, timed } from '../program.ts'

interface Rounds {
  readonly left: number
  readonly sum: number
}

export class Ping extends Actor {
  static readonly module = import.meta.url
  readonly #pong: ActorRef<Pong>
  readonly #done: Queue<number>
  #rounds: Rounds = { left: 0, sum: 0 }

  constructor(pong: ActorRef<Pong>, done: Queue<number>) {
    super()
    this.#pong = pong
    this.#done = done
  }

  begin(pings: number): void {
    this.#rounds = { left: pings, sum: 0 }
    this.#next()
  }

  pong(n: number): void {
    this.#rounds = { left: this.#rounds.left - 1, sum: this.#rounds.sum + n }
    this.#next()
  }

  #next(): void {
    const { left, sum } = this.#rounds
    if (left === 0) this.#done.putSync(sum)
    else must(this.#pong.tell.ping(this.context.selfAs<Ping>(), left))
  }
}

export class Pong extends Actor {
  static readonly module = import.meta.url

  ping(from: ActorRef<Ping>, n: number): void {
    must(from.tell.pong(2 * n))
  }
}

export const program: Program<{ pings: number }> = {
  name: 'Ping Pong',
  paper: '40,000 pings, 2 actors',
  sizes: { smoke: { pings: 100 }, quick: { pings: 20_000 }, full: { pings: 40_000 } },
  async run(system, { pings }) {
    const done = finishLine<number>(system)
    const pong = await system.spawn(Pong)
    const ping = await system.spawn(Ping, { args: [pong, done] })
    const { ms, value } = await timed(async () => {
      must(ping.tell.begin(pings))
      return await taken(done)
    })
    return { ms, messages: 2 * pings, result: value, expected: pings * (pings + 1) }
  },
}
