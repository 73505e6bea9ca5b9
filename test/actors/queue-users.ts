import { Actor, type ActorRef, Queue } from '@troupe/runtime'

export interface Job {
  readonly n: number
  readonly answerTo?: ActorRef<Answers>
}

/** Takes what comes, from its constructor's queue, and remembers it. */
export class Taker extends Actor {
  static readonly module = import.meta.url
  readonly #queue: Queue<Job>
  readonly #taken: number[] = []

  constructor(queue: Queue<Job>) {
    super()
    this.#queue = queue
  }

  take(): Promise<Job> {
    return this.#queue.get()
  }

  takeSync(): number {
    return this.#queue.getSync({ timeoutMs: 10_000 }).n
  }

  async takeAll(): Promise<number[]> {
    for await (const { n, answerTo } of this.#queue) {
      this.#taken.push(n)
      answerTo?.tell.got(n)
    }
    return this.#taken
  }

  tryTake(): number | undefined {
    return this.#queue.tryGet()?.n
  }
}

export class Giver extends Actor {
  static readonly module = import.meta.url

  async give(queue: Queue<Job>, from: number, to: number): Promise<number> {
    for (let n = from; n < to; n++) await queue.put({ n })
    return queue.size
  }

  giveForEver(queue: Queue<Job>): void {
    for (let n = 1; ; n++) queue.putSync({ n })
  }

  /** A queue that an actor has made, in its system's memory. */
  make(capacity: number): Queue<Job> {
    return Queue.create<Job>({ capacity, system: this.context })
  }
}

export class Answers extends Actor {
  static readonly module = import.meta.url
  readonly #got: number[] = []

  got(n: number): void {
    this.#got.push(n)
  }

  all(): number[] {
    return this.#got
  }
}
