import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'

/** Writes what happens to it into a file, which outlives the system: one line each. */
export class Diarist extends Actor {
  static readonly module = import.meta.url
  readonly #log: string
  #failure: 'throws' | 'hangs' | undefined

  constructor(log: string) {
    super()
    this.#log = log
  }

  write(text: string): void {
    appendFileSync(this.#log, `${this.context.path.slice(this.context.path.lastIndexOf('/') + 1)} ${text}\n`)
  }

  incarnation(): number {
    return this.context.incarnation
  }

  async hold(gate: ActorRef<Gate>): Promise<void> {
    await passGate(gate)
    this.write('has finished')
  }

  hang(): Promise<never> {
    return new Promise(() => undefined)
  }

  fail(): never {
    throw new RangeError('a diary can be too sad')
  }

  /** What its onStop will do. */
  failAtStop(how: 'throws' | 'hangs'): void {
    this.#failure = how
  }

  /** The child writes into the same file. */
  async spawnDiarist(name: string): Promise<ActorRef<Diarist>> {
    return this.context.spawn(Diarist, { name, args: [this.#log] })
  }

  end(): void {
    this.context.stop()
  }

  override onStart(): void {
    this.write('starts')
  }

  override async onStop(): Promise<void> {
    this.write('stops')
    if (this.#failure === 'throws') this.fail()
    if (this.#failure === 'hangs') await this.hang()
    // Long enough for another to come between, if the order were not kept.
    await new Promise((resolve) => setTimeout(resolve, 10))
    this.write('has stopped')
  }
}

export function linesOf(log: string): string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
}
