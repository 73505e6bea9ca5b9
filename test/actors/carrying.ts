import { Actor, type ActorRef, type Callback, traceContext } from '@troupe/runtime'
import { tenant } from './tenant.ts'

type Seen = [tenant: string | undefined, trace: string | undefined]

export class Carrying extends Actor {
  static readonly module = import.meta.url
  readonly #told: Seen[] = []
  #timer: Seen | undefined

  seen(): Seen {
    return [tenant.getStore(), traceContext.getStore()?.traceparent]
  }

  async seenLater(): Promise<Seen> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return this.seen()
  }

  note(): void {
    this.#told.push(this.seen())
  }

  told(): Seen[] {
    return this.#told.splice(0)
  }

  /** A third sees what the first has sent. */
  seenBy(other: ActorRef<Carrying>): Promise<Seen> {
    return other.ask.seen()
  }

  /** It asks when its event loop has slept. */
  async seenByLater(other: ActorRef<Carrying>): Promise<Seen> {
    await new Promise((resolve) => setTimeout(resolve, 2))
    return other.ask.seen()
  }

  seenBySync(other: ActorRef<Carrying>): Seen {
    return other.askSync.seen() as Seen
  }

  async *stream(n: number): AsyncGenerator<string> {
    for (let i = 0; i < n; i++) yield `${i} ${tenant.getStore()}`
  }

  setTimer(): void {
    this.context.timers.after('t', 1, () => {
      this.#timer = this.seen()
    })
  }

  timer(): Seen | undefined {
    return this.#timer
  }

  async callBack(back: Callback<() => string>): Promise<string> {
    return await back()
  }

  count(...args: unknown[]): number {
    return args.length
  }
}
