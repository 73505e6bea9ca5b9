// One actor floods another, which counts.
import { Actor, type ActorRef } from '@troupe/runtime'
import { pour, pouredMessages } from '../pour.ts'
import { LONG, must, type Program, timed } from '../program.ts'

export class Counter extends Actor {
  static readonly module = import.meta.url
  #count = 0
  #sum = 0

  add(n: number): void {
    this.#count++
    this.#sum += n
  }

  state(): readonly [count: number, sum: number] {
    return [this.#count, this.#sum]
  }
}

export class Producer extends Actor {
  static readonly module = import.meta.url

  async produce(counter: ActorRef<Counter>, n: number): Promise<void> {
    await pour(
      n,
      (i) => must(counter.tell.add(i)),
      () => counter.ask(LONG).state(),
    )
  }
}

export const program: Program<{ messages: number }> = {
  name: 'Counting Actor',
  paper: '1,000,000 messages, 2 actors',
  sizes: { smoke: { messages: 5_000 }, quick: { messages: 300_000 }, full: { messages: 1_000_000 } },
  async run(system, { messages }) {
    const counter = await system.spawn(Counter)
    const producer = await system.spawn(Producer)
    const { ms, value } = await timed(async () => {
      await producer.ask(LONG).produce(counter, messages)
      return await counter.ask.state()
    })
    return { ms, messages: pouredMessages(messages), result: value, expected: [messages, (messages * (messages - 1)) / 2] }
  },
}
