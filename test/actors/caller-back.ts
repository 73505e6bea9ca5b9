import { Actor, type ActorRef, type Callback } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

type Each = Callback<(n: number) => number | Promise<number>>

/** Calls functions back that it was passed. */
export class CallerBack extends Actor {
  static readonly module = import.meta.url
  #kept: Each | undefined

  async each(count: number, { visit }: { readonly visit: Each }): Promise<number> {
    let sum = 0
    for (let n = 1; n <= count; n++) sum += await visit(n)
    return sum
  }

  async all(count: number, visit: Each): Promise<number[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => visit(n)))
  }

  async *mapped(count: number, visit: Each): AsyncGenerator<number> {
    for (let n = 1; n <= count; n++) yield await visit(n)
  }

  plain(n: number): number {
    return n
  }

  keep(visit: Each): void {
    this.#kept = visit
  }

  callKept(): Promise<number> {
    return this.#kept!(1)
  }

  /** Calls once, and says how that ended. */
  async once(visit: Each, recorder: ActorRef<Recorder>): Promise<void> {
    const outcome = await visit(1).catch((error: Error) => error.name)
    recorder.tell.note(outcome)
  }

  /** Passes a function of its own, which never answers, and waits. */
  async pass(to: ActorRef<CallerBack>, recorder: ActorRef<Recorder>): Promise<void> {
    await to.ask({ timeoutMs: Number.POSITIVE_INFINITY }).once(() => {
      recorder.tell.note('called')
      return new Promise<number>(() => undefined)
    }, recorder)
  }

  sumSync(to: ActorRef<CallerBack>, count: number): number {
    return to.askSync.each(count, { visit: (n) => n * 2 })
  }
}
