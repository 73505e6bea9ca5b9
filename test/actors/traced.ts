import { Actor, type ActorRef, traceContext } from '@troupe/runtime'
import { type Exported, exported, within } from './telemetry.ts'

/** Makes spans in its isolate. */
export class Traced extends Actor {
  static readonly module = import.meta.url

  /** Through all of them, to the last; each asks when its event loop has slept. */
  async relay(others: readonly ActorRef<Traced>[], n: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const [next, ...rest] = others
    if (next === undefined) return within('work', () => n)
    next.tell.note()
    return (await next.ask.relay(rest, n + 1)) as number
  }

  relaySync(other: ActorRef<Traced>): string | undefined {
    return other.askSync.seen() as string | undefined
  }

  seen(): string | undefined {
    return traceContext.getStore()?.traceparent
  }

  note(): void {}

  async fail(): Promise<never> {
    throw new RangeError('not so')
  }

  failFor(other: ActorRef<Traced>): Promise<never> {
    return other.ask.fail() as Promise<never>
  }

  async *count(n: number): AsyncGenerator<number> {
    for (let i = 0; i < n; i++) yield within(`item ${i}`, () => i)
  }

  spans(): Exported[] {
    return exported()
  }
}

/** Several calls at work in it, which sleep and go on in any order. */
export class TracedAtOnce extends Traced {
  static override readonly module = import.meta.url
  static readonly concurrency = 8
}
