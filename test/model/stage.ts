import { type Choice, choiceOf, textOf } from './choice.ts'
import type { Outcome, Scenario } from './kit.ts'
import { type Loaded, load } from './load.ts'
import { Machine } from './machine.ts'

/** A schedule in which something went wrong. The token gives the same schedule again. */
export class Failure extends Error {
  readonly token: string

  constructor(scenario: string, token: string, cause: unknown) {
    super(`${cause instanceof Error ? cause.message : String(cause)}\n  replay: TROUPE_MODEL_REPLAY='${scenario}/${token}'`, { cause })
    this.token = token
  }
}

/** One scenario on the machine: begins it anew, performs one choice after the other, and checks what has come of it. */
export class Stage {
  readonly machine = new Machine()
  readonly scenario: Scenario
  /** The threads that may be killed, a bit for each. */
  readonly victims: number
  readonly #loaded: Loaded
  #world: unknown

  constructor(code: string, name: string) {
    this.#loaded = load(code, this.machine)
    const found = this.#loaded.scenarios.find((scenario) => scenario.name === name)
    if (found === undefined) throw new Error(`there is no scenario '${name}'`)
    this.scenario = found
    this.machine.processor.tellsWriters = found.tellWriters === true
    this.victims = found.threads.reduce((bits, { isVictim }, i) => (isVictim === true ? bits | (1 << i) : bits), 0)
  }

  begin(): void {
    const { threads, setup } = this.scenario
    this.machine.reset()
    this.#world = this.machine.finish(this.#loaded.run(() => setup()))
    const started = threads.map((thread) => this.machine.add(thread.name, this.#loaded.body(thread, this.#world)))
    for (const thread of started) {
      thread.isVictim = (this.victims & (1 << thread.id)) !== 0
      this.machine.start(thread)
    }
  }

  perform({ what, thread, writes }: Choice): void {
    const one = this.machine.threads[thread]!
    if (what === 'step') this.machine.step(one)
    else if (what === 'kill') this.machine.kill(one)
    else if (what === 'killAfter') this.machine.step(one, writes)
    else this.machine.interrupt(one)
  }

  /** The threads that can go on, a bit for each. */
  enabled(): number {
    let enabled = 0
    for (const thread of this.machine.threads) if (this.machine.isEnabled(thread)) enabled |= 1 << thread.id
    return enabled
  }

  /** Of a state from which nobody goes on. It may run the code under test, and change what the state is. */
  check(): void {
    const { threads } = this.machine
    const outcome: Outcome = {
      logs: Object.fromEntries(threads.map(({ name, log }) => [name, log])),
      waiting: threads.filter(({ isOver }) => !isOver).map(({ name }) => name),
      killed: threads.filter((thread) => this.machine.isDead(thread)).map(({ name }) => name),
    }
    this.machine.finish(this.#loaded.run(() => this.scenario.check(this.#world, outcome)))
  }

  /** Throws a Failure with what was done until then. */
  attempt(done: readonly Choice[], run: () => void): void {
    try {
      run()
    } catch (error) {
      const token = `${this.machine.processor.contention}~${done.map(textOf).join('.')}`
      throw new Failure(this.scenario.name, token, error)
    }
  }

  /** Runs one schedule and tells each operation. */
  replay(token: string, trace: (text: string) => void): void {
    // Conflicts decide where threads stop: a token is of a search that knew them all.
    const [known, path] = token.split('~') as [string, string]
    this.machine.processor.contention.parse(known)
    this.machine.processor.trace = trace
    this.begin()
    for (const text of path.split('.').filter(Boolean)) this.perform(choiceOf(text))
    if (this.enabled() === 0) this.check()
  }
}
