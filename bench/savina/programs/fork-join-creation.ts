// An actor for each message: it is started, handles it, and ends. What is measured is the start of an isolate.
import { Actor } from '@troupe/runtime'
import { many, type Program, timed } from '../program.ts'

export class Worker extends Actor {
  static readonly module = import.meta.url

  work(n: number): number {
    this.context.stop()
    return n * n
  }
}

export const program: Program<{ workers: number }> = {
  name: 'Fork Join (actor creation)',
  paper: '40,000 actors, 1 message for each',
  sizes: { smoke: { workers: 4 }, quick: { workers: 24 }, full: { workers: 60 } },
  async run(system, { workers }) {
    const { ms, value } = await timed(() =>
      many(workers, async (i) => {
        const worker = await system.spawn(Worker)
        const square = await worker.ask.work(i)
        const { kind } = await system.terminated(worker)
        return [square, kind]
      }),
    )
    return { ms, messages: 2 * workers, result: value, expected: Array.from({ length: workers }, (_, i) => [i * i, 'normal']) }
  },
}
