import { Actor, type AnyRef, describeExit, type Signal } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { ActorRef } from '@troupe/runtime'

/** Watches whom it is told to, and keeps what it heard: numbers from `note`, and texts of the notices between them. */
export class Watcher extends Actor {
  static readonly module = import.meta.url
  readonly #heard: unknown[] = []

  watchNow(ref: AnyRef): void {
    this.context.watch(ref)
  }

  unwatchNow(ref: AnyRef): void {
    this.context.unwatch(ref)
  }

  note(what: unknown): void {
    this.#heard.push(what)
  }

  /** Unwatches only when the gate is open: a notice may have come by then. */
  async unwatchLate(gate: ActorRef<Gate>, ref: AnyRef): Promise<void> {
    await passGate(gate)
    this.context.unwatch(ref)
  }

  heard(): unknown[] {
    return this.#heard
  }

  crash(): never {
    throw new RangeError('the watcher has had enough')
  }

  override onSignal(signal: Signal): void {
    this.#heard.push(`${signal.path} ${describeExit(signal.reason)}`)
  }
}
