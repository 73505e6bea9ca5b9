import { Actor, type ActorRef } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

/** Stashes who comes while it is shut. */
export class Door extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder>
  #isOpen = false

  constructor(recorder: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  enter(name: string): string {
    if (!this.#isOpen) this.context.stash()
    this.#recorder.tell.note([name, this.context.incarnation])
    return `${name} is in`
  }

  async enterSoon(name: string): Promise<string> {
    await null
    return this.enter(name)
  }

  /** What says that it is put back is caught, and something else is thrown. */
  enterBadly(name: string): string {
    try {
      return this.enter(name)
    } catch {
      throw new RangeError(`${name} is out`)
    }
  }

  open(count?: number): number {
    this.#isOpen = true
    return this.context.unstash(count)
  }

  /** As `open`, one by one. */
  openInTurn(): void {
    this.#isOpen = true
    while (this.context.unstash(1) > 0);
  }

  shut(): void {
    this.#isOpen = false
  }

  stashed(): number {
    return this.context.stashed
  }
}
