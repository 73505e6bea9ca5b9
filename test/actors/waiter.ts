import { Actor, type ActorRef, DeadlockError } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

const FOREVER = { timeoutMs: Number.POSITIVE_INFINITY }

/** Asks others from within its handlers, in either colour. What it waits for comes or is refused: it has no time-out. */
export class Waiter extends Actor {
  static readonly module = import.meta.url
  readonly #first: ActorRef<Waiter> | undefined
  #refusedAtStart: readonly string[] = []

  /** `first`: whom it asks to ask it back, in its onStart. */
  constructor(first?: ActorRef<Waiter>) {
    super()
    this.#first = first
  }

  override async onStart(): Promise<void> {
    const self = this.context.selfAs<Waiter>()
    if (this.#first !== undefined) this.#refusedAtStart = await this.#first.ask(FOREVER).refusal(self)
  }

  refusedAtStart(): readonly string[] {
    return this.#refusedAtStart
  }

  echo(value: unknown): unknown {
    return value
  }

  /** Asks the first of the chain to ask the rest; at its end, 'there'. */
  async through([next, ...rest]: readonly ActorRef<Waiter>[]): Promise<string> {
    return next === undefined ? 'there' : next.ask(FOREVER).through(rest)
  }

  throughSync([next, ...rest]: readonly ActorRef<Waiter>[]): string {
    return next === undefined ? 'there' : next.askSync(FOREVER).throughSync(rest)
  }

  /** The cycle for which an ask was refused. */
  async refusal(to: ActorRef<Waiter>): Promise<readonly string[]> {
    try {
      await to.ask(FOREVER).echo(1)
      return []
    } catch (error) {
      if (error instanceof DeadlockError) return error.cycle
      throw error
    }
  }

  /** Waits for several at once. */
  async all(chains: readonly (readonly ActorRef<Waiter>[])[]): Promise<string[]> {
    const outcomes = await Promise.allSettled(chains.map(([next, ...rest]) => next!.ask(FOREVER).through(rest)))
    return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).name))
  }

  /** From a moment (`process.hrtime`) on, so that others do it at the same one: asks, and says what came of it. */
  async meet(atNs: bigint, to: ActorRef<Waiter>, recorder: ActorRef<Recorder>, sync: boolean): Promise<void> {
    while (process.hrtime.bigint() < atNs);
    recorder.tell.note(await this.#outcome(to, sync))
  }

  /** Replies, and asks the asker in the very next message. */
  work(asker: ActorRef<Waiter>, recorder: ActorRef<Recorder>): void {
    this.context.selfAs<Waiter>().tell.askBack(asker, recorder)
  }

  async askBack(asker: ActorRef<Waiter>, recorder: ActorRef<Recorder>): Promise<void> {
    recorder.tell.note(await this.#outcome(asker, false))
  }

  /** Has `worker` work, `count` times one after the other. */
  async employ(worker: ActorRef<Waiter>, recorder: ActorRef<Recorder>): Promise<void> {
    await worker.ask(FOREVER).work(this.context.selfAs<Waiter>(), recorder)
  }

  /** Asks, and does not wait. */
  leave(to: ActorRef<Waiter>, gate: ActorRef<Gate>): void {
    to.ask(FOREVER)
      .hold(gate)
      .catch(() => undefined)
  }

  async hold(gate: ActorRef<Gate>): Promise<string> {
    await passGate(gate)
    return 'held'
  }

  async holdThen(gate: ActorRef<Gate>, chain: readonly ActorRef<Waiter>[]): Promise<string> {
    await passGate(gate)
    return this.through(chain)
  }

  async holdThrough(to: ActorRef<Waiter>, gate: ActorRef<Gate>): Promise<string> {
    return to.ask(FOREVER).hold(gate)
  }

  async giveUp(to: ActorRef<Waiter>, gate: ActorRef<Gate>, timeoutMs: number): Promise<string> {
    return to
      .ask({ timeoutMs })
      .hold(gate)
      .catch((error: Error) => error.name)
  }

  /** As `giveUp`, and has not ended before `until` is open. */
  async giveUpAndStay(to: ActorRef<Waiter>, gate: ActorRef<Gate>, timeoutMs: number, until: ActorRef<Gate>): Promise<string> {
    const outcome = await this.giveUp(to, gate, timeoutMs)
    await passGate(until)
    return outcome
  }

  async #outcome(to: ActorRef<Waiter>, sync: boolean): Promise<string> {
    try {
      return String(sync ? to.askSync(FOREVER).echo('answered') : await to.ask(FOREVER).echo('answered'))
    } catch (error) {
      return (error as Error).name
    }
  }
}
