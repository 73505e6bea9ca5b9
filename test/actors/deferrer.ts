import { Actor, type ActorRef, type DeferredReply } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

/** Answers later, when it is told to. */
export class Deferrer extends Actor {
  static readonly module = import.meta.url
  readonly #replies = new Map<string, DeferredReply<unknown>>()
  readonly #recorder: ActorRef<Recorder> | undefined

  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  /** The attempts of those that wait are noted. */
  wait(name: string): Promise<unknown> {
    this.#recorder?.tell.note([this.context.attempt, name])
    const reply = this.context.deferReply<unknown>()
    this.#replies.set(name, reply)
    return reply.later
  }

  /** The same by a method that has awaited something before. */
  async waitSoon(name: string): Promise<unknown> {
    await null
    const reply = this.context.deferReply<unknown>()
    this.#replies.set(name, reply)
    return reply.later
  }

  /** The signal of one that waits, as an event. */
  watched(name: string): Promise<unknown> {
    const reply = this.context.deferReply<unknown>()
    this.#replies.set(name, reply)
    reply.signal.addEventListener('abort', () => this.#recorder?.tell.note([name, (reply.signal.reason as Error).name]))
    return reply.later
  }

  throwAfter(): Promise<unknown> {
    const reply = this.context.deferReply<unknown>()
    if (reply.isWanted) throw new RangeError('after it had deferred')
    return reply.later
  }

  /** Asks another one, and answers when that has. */
  async forward(to: ActorRef<Deferrer>): Promise<unknown> {
    const reply = this.context.deferReply<unknown>()
    to.ask({ timeoutMs: Number.POSITIVE_INFINITY })
      .waiting()
      .then(
        (value) => reply.send(value),
        (error: unknown) => reply.fail(error),
      )
    return reply.later
  }

  /** Asks another one so many times, and has not looked for an answer when it is ended. */
  abandon(to: ActorRef<Deferrer>, method: 'wait' | 'watched', count: number): void {
    for (let i = 0; i < count; i++) to.ask({ timeoutMs: Number.POSITIVE_INFINITY })[method](`abandoned ${i}`)
  }

  twice(): Promise<unknown> {
    this.context.deferReply()
    return this.context.deferReply().later
  }

  // biome-ignore lint/correctness/useYield: it is refused before it comes to that.
  async *stream(how: 'deferReply' | 'stash'): AsyncGenerator<never> {
    this.context[how]()
  }

  send(name: string, value: unknown): boolean {
    return this.#replies.get(name)!.send(value)
  }

  sendFunction(name: string): boolean {
    return this.#replies.get(name)!.send(() => 1)
  }

  fail(name: string, text: string): boolean {
    return this.#replies.get(name)!.fail(new RangeError(text))
  }

  waiting(): number {
    return this.#replies.size
  }

  wanted(): string[] {
    return [...this.#replies].filter(([, { isWanted }]) => isWanted).map(([name]) => name)
  }

  die(): never {
    process.exit(7)
  }

  override onStop(): void {
    this.#replies.get('at the end')?.send('the end')
  }
}
