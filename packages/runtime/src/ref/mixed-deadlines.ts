import type { Cancel, Clock } from '../base/clock.ts'

const COMPACT_MIN = 64

export interface MixedDeadlinePorts {
  /** Whether that ask waits still. */
  has(correlation: number): boolean
  onDue(correlation: number): void
  /** Settles what has been answered already. */
  takeArrived(): void
}

/**
 * Deadlines of asks in no order: those that have what was left to another call, of which no two are alike. One timer, for the
 * earliest; when it fires, all are gone over. There are few of them at a time, because their asker is one handler.
 */
export class MixedDeadlines {
  readonly #clock: Clock
  readonly #ports: MixedDeadlinePorts
  #asks: { readonly correlation: number; readonly deadlineMs: number }[] = []
  #compactAt = COMPACT_MIN
  #armedForMs = Number.POSITIVE_INFINITY
  #timer: Cancel | undefined

  constructor(clock: Clock, ports: MixedDeadlinePorts) {
    this.#clock = clock
    this.#ports = ports
  }

  push(correlation: number, deadlineMs: number): void {
    if (this.#asks.length >= this.#compactAt) this.#compact()
    this.#asks.push({ correlation, deadlineMs })
    if (deadlineMs < this.#armedForMs) this.#arm(deadlineMs)
  }

  clear(): void {
    this.#asks = []
    this.#disarm()
  }

  /** The timer stays when its ask is answered: firing once for nothing is cheaper than a timer for each. */
  #arm(deadlineMs: number): void {
    this.#disarm()
    this.#armedForMs = deadlineMs
    this.#timer = this.#clock.after(Math.max(0, deadlineMs - this.#clock.nowMs()), () => this.#due())
  }

  #disarm(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#armedForMs = Number.POSITIVE_INFINITY
  }

  #due(): void {
    this.#disarm()
    this.#ports.takeArrived()
    const nowMs = this.#clock.nowMs()
    for (const { correlation, deadlineMs } of [...this.#asks])
      if (deadlineMs <= nowMs && this.#ports.has(correlation)) this.#ports.onDue(correlation)
    this.#compact()
    const nextMs = this.#asks.reduce((least, { deadlineMs }) => Math.min(least, deadlineMs), Number.POSITIVE_INFINITY)
    if (nextMs < this.#armedForMs) this.#arm(nextMs)
  }

  #compact(): void {
    this.#asks = this.#asks.filter(({ correlation }) => this.#ports.has(correlation))
    this.#compactAt = Math.max(COMPACT_MIN, this.#asks.length * 2)
  }
}
