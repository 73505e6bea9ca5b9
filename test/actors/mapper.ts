import { Executor, par } from '@troupe/actors'
import { Actor } from '@troupe/runtime'

/** Has work done that never ends. */
export class Mapper extends Actor {
  static readonly module = import.meta.url

  async map(): Promise<void> {
    await par([1, 2], { system: this.context, hereMs: 0, threads: 2 }).map(() => new Promise(() => {}))
  }

  async submit(): Promise<void> {
    await Executor.start(this.context, { threads: 1 }).submit(() => new Promise<void>(() => {}))
  }
}
