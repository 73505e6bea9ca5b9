import { Actor, type ActorRef } from '@troupe/runtime'
import { type CallTimes, type Driven, drive, type Reading, timeSyncCalls } from '../drive.mjs'

const FETCH_EVERY_MS = 20

/** What a receiver has handled. */
export interface Handled {
  readonly count: number
  readonly sum: number
}

export class Receiver extends Actor {
  static readonly module = import.meta.url
  #count = 0
  #sum = 0

  reading(reading: Reading): void {
    this.#count++
    this.#sum += reading.id
  }

  state(): Handled {
    return { count: this.#count, sum: this.#sum }
  }

  add(n: number): number {
    return n + 1
  }
}

/** A receiver that does more than receive: a timer fires, and one request after another goes out. */
export class Lively extends Receiver {
  static override readonly module = import.meta.url
  #fired = 0
  #fetched = 0

  begin(url: string, everyMs: number): void {
    setInterval(() => this.#fired++, everyMs)
    void this.#fetchForEver(url)
  }

  /** So far. */
  pulse(): { readonly fired: number; readonly fetched: number } {
    return { fired: this.#fired, fetched: this.#fetched }
  }

  async #fetchForEver(url: string): Promise<never> {
    for (;;) {
      await (await fetch(url)).text()
      this.#fetched++
      await new Promise((resolve) => setTimeout(resolve, FETCH_EVERY_MS))
    }
  }
}

export class Sender extends Actor {
  static readonly module = import.meta.url

  /** Tells the receiver readings for `ms`. */
  drive(receiver: ActorRef<Receiver>, ms: number): Promise<Driven> {
    const send = (reading: Reading): void => {
      if (!receiver.tell.reading(reading)) throw new Error('a tell was refused')
    }
    return drive(send, () => receiver.ask.state(), ms)
  }

  /** Asks from synchronous code for `ms`. */
  askSync(receiver: ActorRef<Receiver>, ms: number): CallTimes {
    return timeSyncCalls((n) => receiver.askSync.add(n), ms)
  }

  /** Keeps `inFlight` asks going for `ms`; returns how many were answered. */
  async ping(receiver: ActorRef<Receiver>, inFlight: number, ms: number): Promise<number> {
    const untilMs = performance.now() + ms
    let answered = 0
    const one = async (): Promise<void> => {
      for (; performance.now() < untilMs; answered++) {
        const n = answered
        if ((await receiver.ask.add(n)) !== n + 1) throw new Error('wrong answer')
      }
    }
    await Promise.all(Array.from({ length: inFlight }, one))
    return answered
  }
}
