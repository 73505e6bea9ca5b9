// The host sends the same number of messages to each of some workers, in turn; each does a little with it.
import { Actor } from '@troupe/runtime'
import { pour, pouredMessages } from '../pour.ts'
import { LONG, many, must, type Program, timed } from '../program.ts'

export class Worker extends Actor {
  static readonly module = import.meta.url
  #count = 0
  #sum = 0

  work(n: number): void {
    const root = Math.sqrt(n)
    this.#sum += Math.round(root * root)
    this.#count++
  }

  state(): readonly [count: number, sum: number] {
    return [this.#count, this.#sum]
  }
}

export const program: Program<{ workers: number; messages: number }> = {
  name: 'Fork Join (throughput)',
  paper: '60 actors, 10,000 messages for each',
  sizes: { smoke: { workers: 3, messages: 500 }, quick: { workers: 8, messages: 10_000 }, full: { workers: 16, messages: 10_000 } },
  async run(system, { workers, messages }) {
    const refs = await many(workers, () => system.spawn(Worker))
    const states = (): Promise<(readonly [number, number])[]> => Promise.all(refs.map((ref) => ref.ask(LONG).state()))
    const sendAll = (i: number): void => {
      for (const ref of refs) must(ref.tell.work(i))
    }
    const { ms, value } = await timed(async () => {
      await pour(messages, sendAll, states)
      return await states()
    })
    const each = [messages, (messages * (messages - 1)) / 2]
    return { ms, messages: workers * (pouredMessages(messages) + 2), result: value, expected: refs.map(() => each) }
  },
}
