import { appendFileSync } from 'node:fs'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Writes what happens in its isolate into a file: whoever is blocked can read it all the same. */
export class Witness extends Actor {
  static readonly module = import.meta.url
  readonly #log: string

  constructor(log: string) {
    super()
    this.#log = log
  }

  #write(text: string): void {
    appendFileSync(this.#log, `${text}\n`)
  }

  hit(n: number): number {
    this.#write(`hit ${n}`)
    return n + 1
  }

  incarnation(): number {
    return this.context.incarnation
  }

  fail(): never {
    throw new RangeError('on purpose')
  }

  /** Plays with a partner, then makes a third one crash and asks it, and so on: nobody else is needed. */
  async play(partner: ActorRef<Witness>, phoenix: ActorRef<Witness>, crashes: number): Promise<void> {
    for (let n = 0, crash = 1; crash <= crashes; crash++) {
      while (n < crash * 100) n = await partner.ask.hit(n)
      phoenix.tell.fail()
      this.#write(`incarnation ${await phoenix.ask.incarnation()} answers`)
    }
    this.#write('end')
  }
}
