import { Actor, type ActorRef, type AnyRef, describeExit, type Signal, type WatchOptions } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** Links and watches as it is told to, and keeps what it heard: numbers from `note`, and texts of the signals between them. */
export class Partner extends Actor {
  static readonly module = import.meta.url
  readonly #heard: unknown[] = []

  /** Resolves with the incarnation that is linked. */
  async linkTo(...refs: readonly AnyRef[]): Promise<number> {
    await Promise.all(refs.map((ref) => this.context.link(ref)))
    return this.context.incarnation
  }

  /** Does not wait until the system knows of the link, and has the other one end right after. */
  linkAndFell(ref: ActorRef<Partner>): void {
    void this.context.link(ref)
    ref.tell.fail('felled')
  }

  watchAndFell(ref: ActorRef<Partner>): void {
    this.context.watch(ref, { incarnations: true })
    ref.tell.fail('felled')
  }

  async unlinkFrom(ref: AnyRef): Promise<void> {
    await this.context.unlink(ref)
  }

  /** Unlinks when the gate is open, without waiting for the system, and takes the next message at once. */
  async unlinkLate(gate: ActorRef<Gate>, ref: AnyRef): Promise<void> {
    await passGate(gate)
    void this.context.unlink(ref)
  }

  async relink(ref: AnyRef): Promise<void> {
    void this.context.unlink(ref)
    await this.context.link(ref)
  }

  trap(on = true): void {
    this.context.trapExits(on)
  }

  watchAll(ref: AnyRef, incarnations: boolean): void {
    this.context.watch(ref, { incarnations })
  }

  watchWith(ref: AnyRef, options: WatchOptions): void {
    this.context.watch(ref, options)
  }

  unwatchAll(ref: AnyRef): void {
    this.context.unwatch(ref)
  }

  async hold(gate: ActorRef<Gate>): Promise<void> {
    await passGate(gate)
  }

  note(what: unknown): void {
    this.#heard.push(what)
  }

  /** Tells 0 … count − 1 in one go, and then perhaps dies of it. */
  flood(to: ActorRef<Partner>, count: number, thenFail = false): number {
    let accepted = 0
    for (let i = 0; i < count; i++) if (to.tell.note(i)) accepted++
    if (thenFail) throw new RangeError('flooded')
    return accepted
  }

  incarnation(): number {
    return this.context.incarnation
  }

  heard(): unknown[] {
    return this.#heard
  }

  fail(text: string): never {
    throw new RangeError(text)
  }

  /** The event loop is blocked: only a kill from outside ends this. */
  spin(gate: ActorRef<Gate>): never {
    gate.tell.arrive()
    for (;;);
  }

  end(): void {
    this.context.stop()
  }

  override onSignal(signal: Signal): void {
    const which = signal.type === 'terminated' ? '' : `#${signal.incarnation}`
    this.#heard.push(`${signal.type} ${signal.path}${which} ${describeExit(signal.reason)}`)
  }
}

/** Traps exits from its first moment on. */
export class TrappingPartner extends Partner {
  static override readonly module = import.meta.url

  constructor() {
    super()
    this.context.trapExits()
  }
}
