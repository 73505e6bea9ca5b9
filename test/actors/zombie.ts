import { EventEmitter, once } from 'node:events'
import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

/** What its actors share with the tests, because they are in their thread. */
export const lived: string[] = []

/** What is said to them after their end. */
export const afterwards = new EventEmitter()

/** Goes on when it is ended: nothing can end its code. */
export class Zombie extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder> | undefined
  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
    lived.push(this.context.path)
  }
  async hold(gate: ActorRef<Gate>): Promise<void> {
    const { signal } = this.context
    signal.addEventListener('abort', () => lived.push('aborted'))
    const waiting = this.#recorder!.ask({ timeoutMs: Number.POSITIVE_INFINITY }).noted()
    await waiting
    gate.tell.arrive()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await new Promise((resolve) => setImmediate(resolve))
    lived.push(`told: ${this.#recorder!.tell.note('from the dead')}`)
    this.context.timers.after('late', 1, () => lived.push('timer'))
    await this.#recorder!.ask.noted().then(
      () => lived.push('answered'),
      (error: Error) => lived.push(error.name),
    )
    lived.push('over')
  }
  async logsLate(gate: ActorRef<Gate>, chars: number): Promise<void> {
    const goesOn = once(afterwards, 'goOn')
    gate.tell.arrive()
    await goesOn
    this.context.log.info('x'.repeat(chars))
    lived.push('logged')
  }
  logs(text: string): void {
    this.context.log.info(text)
  }
  async looksLate(gate: ActorRef<Gate>): Promise<void> {
    const goesOn = once(afterwards, 'goOn')
    gate.tell.arrive()
    await goesOn
    lived.push(`cancelled ${this.context.cancelled}, aborted ${this.context.signal.aborted}`)
  }
  spins(): void {
    this.context.timers.every('tick', 1, () => lived.push('tick'))
  }
  blocks(ms: number): void {
    afterwards.emit('blocks')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }
  async openWhen(gate: ActorRef<Gate>): Promise<string> {
    await passGate(gate)
    return 'open'
  }
}

export class ZombieOfTwo extends Zombie {
  static override readonly module = import.meta.url
  static readonly concurrency = 2
}
