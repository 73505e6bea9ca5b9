import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

/** Notes which attempt at which message it has begun, and dies of some. */
export class Retrier extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder>

  constructor(recorder: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  override onStop(): void {
    this.#recorder.tell.note([this.context.attempt, 'onStop'])
  }

  take(what: string): number {
    this.#recorder.tell.note([this.context.attempt, what])
    return this.context.attempt
  }

  /** Succeeds at that attempt. */
  dieUntil(attempt: number, what: string): number {
    if (this.take(what) < attempt) process.exit(7)
    return this.context.attempt
  }

  throwUntil(attempt: number, what: string): void {
    if (this.take(what) < attempt) throw new RangeError(what)
  }

  async hold(gate: ActorRef<Gate>, what: string): Promise<number> {
    this.take(what)
    await passGate(gate)
    return this.context.attempt
  }
}
