import type { Cancel, Clock } from '../base/clock.ts'
import { FULL, NO_MEMORY, type PushResult } from '../queue/lane-producer.ts'

export const FIRST_RETRY_MS = 1
const RETRY_MS_MAX = 16

/** Those of one thread who wait for room in a mailbox (G14), a line for each address. */
export class WaitingLines {
  readonly #clock: Clock
  /** By seat: the last of those who wait for room there. */
  readonly #lines = new Map<number, Promise<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** They are accepted in the order in which they asked (G3). Resolves with what `push` returned last. */
  async pushWhenRoom(seat: number, push: () => PushResult, untilMs: number): Promise<PushResult> {
    const before = this.#lines.get(seat)
    const mine = before === undefined ? this.#retry(push, untilMs) : this.#inLine(before, push, untilMs)
    // Whoever gives up early does not let those behind it past those in front of it.
    const line = Promise.allSettled([before, mine])
    this.#lines.set(seat, line)
    void line.then(() => this.#lines.get(seat) === line && this.#lines.delete(seat))
    return mine
  }

  async #inLine(before: Promise<unknown>, push: () => PushResult, untilMs: number): Promise<PushResult> {
    let cancel: Cancel | undefined
    const isLate = new Promise<boolean>((resolve) => {
      if (untilMs !== Number.POSITIVE_INFINITY) cancel = this.#clock.after(untilMs - this.#clock.nowMs(), () => resolve(true))
    })
    const late = await Promise.race([before.then(() => false), isLate])
    cancel?.()
    return late ? FULL : this.#retry(push, untilMs)
  }

  /** There is no signal from a receiver that made room: the sender looks again, ever less often. */
  async #retry(push: () => PushResult, untilMs: number): Promise<PushResult> {
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(RETRY_MS_MAX, delayMs * 2)) {
      const result = push()
      if (!canRetry(result) || this.#clock.nowMs() >= untilMs) return result
      await new Promise<void>((resolve) => this.#clock.after(Math.min(delayMs, Math.max(0, untilMs - this.#clock.nowMs())), resolve))
    }
  }
}

export function canRetry(result: PushResult): boolean {
  return result === FULL || result === NO_MEMORY
}
