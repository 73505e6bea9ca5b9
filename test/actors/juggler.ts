import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

/** Has two messages at work at a time, and lets others in while `peek` awaits. */
export class Juggler extends Actor {
  static readonly module = import.meta.url
  static readonly concurrency: number = 2
  static readonly reentrant: readonly string[] = ['peek']
  readonly #recorder: ActorRef<Recorder> | undefined

  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  note(what: string): void {
    this.#recorder?.tell.note(what)
  }

  async hold(name: string, gate: ActorRef<Gate>): Promise<string> {
    this.note(`${name} ${this.context.attempt}`)
    await passGate(gate)
    return name
  }

  async peek(gate: ActorRef<Gate>): Promise<string> {
    await passGate(gate)
    return 'peeked'
  }

  /** What the context says before and after an await, while others come and go. */
  async look(gate: ActorRef<Gate>): Promise<readonly [boolean, boolean, boolean, string]> {
    const { deadline, signal } = this.context
    await passGate(gate)
    return [
      Math.abs(this.context.deadline - deadline) < 1_000,
      this.context.signal === signal,
      this.context.cancelled,
      signal.aborted ? 'aborted' : 'wanted',
    ]
  }

  async sleep(gate: ActorRef<Gate>): Promise<void> {
    const { signal } = this.context
    signal.addEventListener('abort', () => this.note((signal.reason as Error).name))
    await passGate(gate)
  }

  async through([next, ...rest]: readonly ActorRef<Juggler>[]): Promise<string> {
    return next === undefined ? 'there' : next.ask(FOREVER).through(rest)
  }

  async holdThrough(gate: ActorRef<Gate>, [next, ...rest]: readonly ActorRef<Juggler>[]): Promise<string> {
    await passGate(gate)
    return next!.ask(FOREVER).through(rest)
  }

  async *count(to: number, gate: ActorRef<Gate>): AsyncGenerator<number> {
    await passGate(gate)
    for (let n = 1; n <= to; n++) yield n
  }

  async failAfter(gate: ActorRef<Gate>): Promise<void> {
    await passGate(gate)
    throw new RangeError('it failed')
  }

  async answerLater(gate: ActorRef<Gate>): Promise<string> {
    await null
    const reply = this.context.deferReply<string>()
    void passGate(gate).then(() => reply.send('later'))
    return reply.later
  }

  spin(): void {
    for (;;);
  }

  echo<T>(value: T): T {
    return value
  }

  override onStop(): void {
    this.note('stopped')
  }
}

/** The same with one slot. */
export class Solo extends Juggler {
  static override readonly module = import.meta.url
  static override readonly concurrency = 1
}

export class Trio extends Juggler {
  static override readonly module = import.meta.url
  static override readonly concurrency = 3
}

export class TooMany extends Juggler {
  static override readonly module = import.meta.url
  static override readonly concurrency = 0
}

export class Misnamed extends Juggler {
  static override readonly module = import.meta.url
  static override readonly reentrant = ['peak']
}

/** Blocks its event loop after an await. */
export class Hanging extends Juggler {
  static override readonly module = import.meta.url
  static readonly hangAfterMs = 500
  async spinSoon(): Promise<void> {
    await null
    this.spin()
  }
}
