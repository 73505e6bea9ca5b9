// Everybody pings somebody, drawn by lot, waits for the answer, and pings again: many to many.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { Dice } from '../dice.ts'
import { finishLine, many, must, type Program, sum, takenTimes, timed } from '../program.ts'

export class Peer extends Actor {
  static readonly module = import.meta.url
  readonly #dice: Dice
  readonly #id: number
  readonly #done: Queue<number>
  #peers: readonly ActorRef<Peer>[] = []
  #left = 0
  #asked = -1
  #answered = 0

  constructor(id: number, done: Queue<number>) {
    super()
    this.#id = id
    this.#dice = new Dice(id)
    this.#done = done
  }

  meet(peers: readonly ActorRef<Peer>[]): void {
    this.#peers = peers
  }

  begin(pings: number): void {
    this.#left = pings
    this.#next()
  }

  ping(from: number): void {
    this.#answered++
    must(this.#peers[from]!.tell.pong(this.#id))
  }

  pong(from: number): void {
    if (from !== this.#asked) throw new Error(`peer ${from} answers, and ${this.#asked} was asked`)
    this.#next()
  }

  answered(): number {
    return this.#answered
  }

  #next(): void {
    if (this.#left-- === 0) return this.#done.putSync(this.#id)
    this.#asked = this.#dice.roll(this.#peers.length)
    must(this.#peers[this.#asked]!.tell.ping(this.#id))
  }
}

/** How often each was drawn. */
function drawn(peers: number, pings: number): number[] {
  const counts = new Array<number>(peers).fill(0)
  for (let id = 0; id < peers; id++) {
    const dice = new Dice(id)
    for (let i = 0; i < pings; i++) counts[dice.roll(peers)]!++
  }
  return counts
}

export const program: Program<{ peers: number; pings: number }> = {
  name: 'Big',
  paper: '120 actors, 20,000 pings from each',
  sizes: { smoke: { peers: 4, pings: 100 }, quick: { peers: 8, pings: 2_000 }, full: { peers: 24, pings: 5_000 } },
  async run(system, { peers, pings }) {
    const done = finishLine<number>(system)
    const refs = await many(peers, (i) => system.spawn(Peer, { args: [i, done] }))
    await Promise.all(refs.map((ref) => ref.ask.meet(refs)))
    const { ms, value } = await timed(() => {
      for (const ref of refs) must(ref.tell.begin(pings))
      return takenTimes(peers, done)
    })
    const answered = await Promise.all(refs.map((ref) => ref.ask.answered()))
    return { ms, messages: 2 * peers * pings, result: [sum(value), answered], expected: [(peers * (peers - 1)) / 2, drawn(peers, pings)] }
  },
}
