// Producers and consumers meet at a buffer: it asks a producer for the next item only when there is room.
import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import { finishLine, many, must, type Program, sum, taken, timed } from '../program.ts'

const CAPACITY = 50
/** A little work for each item, so that there is something to wait for. */
const TURNS = 50

function costly(n: number): number {
  let value = n
  for (let i = 0; i < TURNS; i++) value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 8
  return value
}

export class Producer extends Actor {
  static readonly module = import.meta.url

  produce(item: number, buffer: ActorRef<Buffer>): void {
    must(buffer.tell.put(costly(item), this.context.selfAs<Producer>()))
  }
}

export class Consumer extends Actor {
  static readonly module = import.meta.url
  #count = 0
  #sum = 0

  consume(item: number, buffer: ActorRef<Buffer>): void {
    this.#count++
    this.#sum += costly(item)
    must(buffer.tell.ready(this.context.selfAs<Consumer>()))
  }

  state(): readonly [count: number, sum: number] {
    return [this.#count, this.#sum]
  }
}

export class Buffer extends Actor {
  static readonly module = import.meta.url
  readonly #items: number
  readonly #done: Queue<number>
  readonly #waiting: number[] = []
  readonly #producers: ActorRef<Producer>[] = []
  readonly #consumers: ActorRef<Consumer>[] = []
  #ordered = 0
  #consumed = 0
  #fullest = 0

  constructor(items: number, done: Queue<number>) {
    super()
    this.#items = items
    this.#done = done
  }

  /** A producer that has nothing to do. */
  offer(producer: ActorRef<Producer>): void {
    this.#producers.push(producer)
    this.#match()
  }

  put(item: number, producer: ActorRef<Producer>): void {
    this.#waiting.push(item)
    this.#fullest = Math.max(this.#fullest, this.#waiting.length)
    this.offer(producer)
  }

  join(consumer: ActorRef<Consumer>): void {
    this.#consumers.push(consumer)
    this.#match()
  }

  ready(consumer: ActorRef<Consumer>): void {
    if (++this.#consumed === this.#items) this.#done.putSync(this.#fullest)
    this.join(consumer)
  }

  #match(): void {
    const self = this.context.selfAs<Buffer>()
    while (this.#waiting.length > 0 && this.#consumers.length > 0) must(this.#consumers.shift()!.tell.consume(this.#waiting.shift()!, self))
    // What is ordered and not yet here has its place already.
    const hasRoom = (): boolean => this.#ordered - this.#consumed < CAPACITY
    while (this.#ordered < this.#items && hasRoom() && this.#producers.length > 0)
      must(this.#producers.shift()!.tell.produce(this.#ordered++, self))
  }
}

export const program: Program<{ producers: number; consumers: number; items: number }> = {
  name: 'Producer-Consumer with Bounded Buffer',
  paper: '81 actors, 40,000 items, a buffer of 50',
  sizes: {
    smoke: { producers: 2, consumers: 2, items: 200 },
    quick: { producers: 4, consumers: 4, items: 10_000 },
    full: { producers: 12, consumers: 12, items: 40_000 },
  },
  async run(system, { producers, consumers, items }) {
    const done = finishLine<number>(system)
    const buffer = await system.spawn(Buffer, { args: [items, done] })
    const sources = await many(producers, () => system.spawn(Producer))
    const sinks = await many(consumers, () => system.spawn(Consumer))
    const { ms, value: fullest } = await timed(() => {
      for (const sink of sinks) must(buffer.tell.join(sink))
      for (const source of sources) must(buffer.tell.offer(source))
      return taken(done)
    })
    const states = await Promise.all(sinks.map((sink) => sink.ask.state()))
    const expected = sum(Array.from({ length: items }, (_, i) => costly(costly(i))))
    return {
      ms,
      messages: 4 * items + producers + consumers,
      result: [sum(states.map(([count]) => count)), sum(states.map(([, total]) => total)), fullest <= CAPACITY],
      expected: [items, expected, true],
    }
  },
}
