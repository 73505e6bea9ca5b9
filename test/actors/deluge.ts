import { Actor, type ActorRef, type Queue } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

const WINDOW = 512
const TIMER_MS = 5
const NOTE_MS = 0.02

/** What an actor does besides its messages. */
export interface Pulse {
  readonly fired: number
  readonly fetched: number
  readonly noted: number
}

/** Takes what comes, has a timer and fetches again and again. */
export class Lively extends Actor {
  static readonly module = import.meta.url
  #fired = 0
  #fetched = 0
  #noted = 0

  begin(url: string): void {
    setInterval(() => this.#fired++, TIMER_MS)
    void this.#fetchForEver(url)
  }

  /** Takes longer than to tell it: its mailbox is never empty while it is flooded. */
  note(_: unknown): void {
    this.#noted++
    for (const untilMs = performance.now() + NOTE_MS; performance.now() < untilMs; );
  }

  pulse(): Pulse {
    return { fired: this.#fired, fetched: this.#fetched, noted: this.#noted }
  }

  async #fetchForEver(url: string): Promise<never> {
    for (;;) {
      await (await fetch(url)).text()
      this.#fetched++
    }
  }
}

export class Deluge extends Actor {
  static readonly module = import.meta.url

  /** Tells without a pause until the receiver has fired and fetched so often; two windows are on their way. */
  async floodUntil(to: ActorRef<Lively>, fired: number, fetched: number): Promise<Pulse> {
    let before: Promise<Pulse> | undefined
    for (;;) {
      for (let i = 0; i < WINDOW; i++) to.tell.note(i)
      const window = to.ask({ timeoutMs: 60_000 }).pulse()
      const pulse = await before
      if (pulse !== undefined && pulse.fired >= fired && pulse.fetched >= fetched) return window
      before = window
    }
  }

  /** Tells so many, or until there is no room; returns how many were accepted. */
  fill(to: ActorRef<Recorder>, max: number): number {
    for (let n = 0; n < max; n++) if (!to.tell.note(n)) return n
    return max
  }

  /** Asks so often, blocks its thread until something is in the queue, and only then looks at the replies. */
  async askThenBlock(to: ActorRef<Deluge>, asks: number, until: Queue<string>): Promise<number> {
    const replies = Array.from({ length: asks }, (_, n) => to.ask({ timeoutMs: 60_000 }).double(n))
    until.getSync({ timeoutMs: 60_000 })
    return (await Promise.all(replies)).filter((reply, n) => reply === 2 * n).length
  }

  #doubled = 0

  double(n: number): number {
    this.#doubled++
    return 2 * n
  }

  doubled(): number {
    return this.#doubled
  }
}
