import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { type PendingReply, pendingReply } from './pending-replies.ts'
import type { Serving } from './serving.ts'

/** Deadlines of calls, as they are in records and in this thread. */
export class CallTimes {
  readonly #clock: Clock
  readonly #epochMs: number
  readonly #serving: Serving

  constructor(clock: Clock, epochMs: number, serving: Serving) {
    this.#clock = clock
    this.#epochMs = epochMs
    this.#serving = serving
  }

  /**
   * For deadlines in records: milliseconds since the system's start, at least 1. Rounded down, so that no ask is started
   * after its asker has given it up.
   */
  word(deadlineMs: number): number {
    const ms = Math.floor(deadlineMs - this.#epochMs)
    return ms < 2 ** 31 ? Math.max(1, ms) : 0
  }

  isExpired(word: number): boolean {
    return word !== 0 && this.#clock.nowMs() - this.#epochMs >= word
  }

  /** When the call in progress here is over; Infinity: never, or there is none. */
  untilMs(): number {
    return this.#serving.deadline === 0 ? Number.POSITIVE_INFINITY : this.#serving.deadline + this.#epochMs
  }

  /** An ask that is made now. */
  pendingReply(
    to: Address,
    method: string,
    wantedMs: number | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): PendingReply {
    return pendingReply(to, method, wantedMs, this.#clock.nowMs(), this.untilMs(), resolve, reject)
  }
}
