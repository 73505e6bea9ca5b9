import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Actor, type ActorRef } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

/** Works until its caller does not wait any more, and notes how it has learned of that. */
export class Laborer extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder>

  constructor(recorder: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  /** A loop that never gives way. Without `answers` it has no end: an answer could be quicker than its caller's own time-out. */
  spin(name: string, answers = true): string | Promise<never> {
    this.#recorder.tell.note(`${name} begun`)
    while (!this.context.cancelled);
    this.#recorder.tell.note(`${name} cancelled`)
    return answers ? name : new Promise(() => undefined)
  }

  async sleep(name: string, answers = true): Promise<string> {
    const { signal } = this.context
    this.#recorder.tell.note(`${name} begun`)
    if (!signal.aborted) await once(signal, 'abort')
    this.#recorder.tell.note(`${name} ${(signal.reason as Error).name}`)
    return answers ? name : new Promise(() => undefined)
  }

  /** Asks that of another, which has no more time than this call. */
  async delegate(to: ActorRef<Laborer>, method: 'spin' | 'sleep', name: string): Promise<string> {
    return to
      .ask(FOREVER)
      [method](name, false)
      .catch((error: Error) => {
        this.#recorder.tell.note(`${error.name}: ${error.message}`)
        throw error
      })
  }

  delegateSync(to: ActorRef<Laborer>, name: string): unknown {
    return to.askSync(FOREVER).spin(name, false)
  }

  /** Asks what can be answered only when its own time is over, and goes on after it: what it asks then is refused at once. */
  async overrun(to: ActorRef<Laborer>): Promise<void> {
    await delay(this.context.deadline - performance.now() + 1)
    await to.ask.sleep('overrun').catch((error: Error) => this.#recorder.tell.note(error.name))
    // An answer could be quicker than its caller's own time-out.
    await new Promise(() => undefined)
  }

  /** Milliseconds that are left, whether it is cancelled, whether its signal is the same each time. */
  look(): readonly [number, boolean, boolean] {
    const { deadline, cancelled, signal } = this.context
    return [deadline - performance.now(), cancelled, signal === this.context.signal]
  }

  /** Nanoseconds for a look at `cancelled`. */
  looks(count: number): number {
    const startedNs = process.hrtime.bigint()
    let cancelled = 0
    for (let i = 0; i < count; i++) if (this.context.cancelled) cancelled++
    return Number(process.hrtime.bigint() - startedNs) / count + cancelled
  }
}
