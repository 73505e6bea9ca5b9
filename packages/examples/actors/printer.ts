import { setTimeout as sleep } from 'node:timers/promises'
import { Actor, type ActorRef } from '@troupe/runtime'

/** The paper of a printer. An actor of its own, so that it can be filled while the printer waits for it. */
export class Tray extends Actor {
  static readonly module = import.meta.url
  #sheets = 0

  fill(sheets: number): void {
    this.#sheets += sheets
  }

  take(): boolean {
    if (this.#sheets === 0) return false
    this.#sheets--
    return true
  }
}

export class Printer extends Actor {
  static readonly module = import.meta.url
  readonly #tray: ActorRef<Tray>
  #printed = 0

  constructor(tray: ActorRef<Tray>) {
    super()
    this.#tray = tray
  }

  async print(_page: string): Promise<number> {
    while (!(await this.#tray.ask.take())) await sleep(2)
    this.#printed++
    return this.#printed
  }
}
