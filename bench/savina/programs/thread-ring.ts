// A token goes round a ring of actors until its hops are used up.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, taken, timed } from '../program.ts'

export class Link extends Actor {
  static readonly module = import.meta.url
  readonly #at: number
  readonly #done: Queue<number>
  #next: ActorRef<Link> | undefined

  constructor(at: number, done: Queue<number>) {
    super()
    this.#at = at
    this.#done = done
  }

  join(next: ActorRef<Link>): void {
    this.#next = next
  }

  token(hopsLeft: number): void {
    if (hopsLeft === 0) this.#done.putSync(this.#at)
    else must(this.#next!.tell.token(hopsLeft - 1))
  }
}

export const program: Program<{ links: number; hops: number }> = {
  name: 'Thread Ring',
  paper: '100 actors, 100,000 hops',
  sizes: { smoke: { links: 3, hops: 100 }, quick: { links: 8, hops: 10_000 }, full: { links: 32, hops: 50_000 } },
  async run(system, { links, hops }) {
    const done = finishLine<number>(system)
    const ring = await many(links, (i) => system.spawn(Link, { args: [i, done] }))
    await Promise.all(ring.map((link, i) => link.ask.join(ring[(i + 1) % links]!)))
    const { ms, value } = await timed(async () => {
      must(ring[0]!.tell.token(hops))
      return await taken(done)
    })
    return { ms, messages: hops + 1, result: value, expected: hops % links }
  },
}
