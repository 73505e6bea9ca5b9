import { Actor, type ActorRef, type AnyRef, describeExit, type Signal } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** Watches whom it is told to, and keeps what it heard: numbers from `note`, and texts of the notices between them. */
export class Watcher extends Actor {
  static readonly module = import.meta.url
  readonly #heard: unknown[] = []
  readonly #first: AnyRef | undefined
  #failure: string | undefined

  /** `first`: whom it watches from its start on. */
  constructor(first?: AnyRef) {
    super()
    this.#first = first
  }

  override onStart(): void {
    if (this.#first !== undefined) this.context.watch(this.#first)
  }

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

  failOnSignal(text: string): void {
    this.#failure = text
  }

  fail(text: string): never {
    throw new RangeError(text)
  }

  override onSignal(signal: Signal): void {
    if (this.#failure !== undefined) this.fail(this.#failure)
    this.#heard.push(`${signal.path} ${describeExit(signal.reason)}`)
  }
}
