import { setTimeout as delay } from 'node:timers/promises'
import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

/** Has timers, and notes what runs when. */
export class Metronome extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder>
  #isBusy = false
  #beats = 0

  constructor(recorder: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  after(name: string, delayMs: number): void {
    this.context.timers.after(name, delayMs, () => this.#note(name))
  }

  /** Each beat takes longer than the period. */
  beat(periodMs: number, times: number): void {
    this.context.timers.every('beat', periodMs, async () => {
      this.#note(`beat ${++this.#beats}`)
      if (this.#beats === times) this.context.timers.cancel('beat')
      this.#isBusy = true
      await delay(periodMs * 3)
      this.#isBusy = false
    })
  }

  cancel(name: string): boolean {
    return this.context.timers.cancel(name)
  }

  /** It has fired by then, and its task waits for this message to end. */
  async cancelWhenDue(name: string): Promise<boolean> {
    this.after(name, 1)
    await delay(20)
    return this.context.timers.cancel(name)
  }

  async hold(gate: ActorRef<Gate>): Promise<void> {
    this.#isBusy = true
    await passGate(gate)
    this.#isBusy = false
  }

  fail(delayMs: number): void {
    this.context.timers.after('fail', delayMs, () => {
      throw new RangeError('in a timer')
    })
  }

  idleAfter(idleMs: number | undefined): void {
    this.context.timers.whenIdle(idleMs, () => this.#note(`idle for ${idleMs}`))
  }

  incarnation(): number {
    return this.context.incarnation
  }

  #note(what: string): void {
    this.#recorder.tell.note(this.#isBusy ? `${what}, in the middle of something` : what)
  }
}
