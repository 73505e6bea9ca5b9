import type { Cancel, Clock } from '../base/clock.ts'

const QUEUES_MAX = 32
const COMPACT_MIN = 1_024

/** One ask on its way. */
export interface PendingReply {
  readonly path: string
  readonly method: string
  readonly timeoutMs: number
  /** When it gives up; Infinity: never. */
  readonly deadlineMs: number
  resolve(value: unknown): void
  reject(error: unknown): void
  /** Called when it is taken out, before it is settled: a listener on the caller's signal must not stay. */
  onTaken?: () => void
}

/**
 * The asks of one thread that wait for their reply: each is settled exactly once, by whoever comes first and takes it
 * (G8). Most asks share one time-out, so those of one time-out stand in a queue in the order of their deadlines, and one
 * timer serves the first of each queue: an ask that is answered in time costs no timer.
 */
export class PendingReplies {
  readonly #clock: Clock
  readonly #onTimeout: (pending: PendingReply) => void
  readonly #takeArrived: () => void
  readonly #pending = new Map<number, PendingReply>()
  readonly #queues = new Map<number, DeadlineQueue>()
  #correlation = 0

  /** `takeArrived`: settles what has been answered already. A thread that was blocked sees its timers before its replies. */
  constructor(clock: Clock, onTimeout: (pending: PendingReply) => void, takeArrived: () => void) {
    this.#clock = clock
    this.#onTimeout = onTimeout
    this.#takeArrived = takeArrived
  }

  get size(): number {
    return this.#pending.size
  }

  /** Returns the correlation by which the reply will be known: never 0, and unique among those that wait. */
  add(pending: PendingReply): number {
    do this.#correlation = (this.#correlation + 1) | 0
    while (this.#correlation === 0 || this.#pending.has(this.#correlation))
    this.#pending.set(this.#correlation, pending)
    if (pending.deadlineMs !== Number.POSITIVE_INFINITY) this.#queueFor(pending.timeoutMs).push(this.#correlation, pending.deadlineMs)
    return this.#correlation
  }

  /** Takes an ask out, for settling it; undefined: it was settled before, and what has come is late. */
  take(correlation: number): PendingReply | undefined {
    const pending = this.#pending.get(correlation)
    if (pending === undefined) return undefined
    this.#pending.delete(correlation)
    pending.onTaken?.()
    return pending
  }

  rejectAll(error: (pending: PendingReply) => unknown): void {
    for (const [correlation, pending] of [...this.#pending]) {
      this.take(correlation)
      pending.reject(error(pending))
    }
    for (const queue of this.#queues.values()) queue.clear()
    this.#queues.clear()
  }

  #queueFor(timeoutMs: number): DeadlineQueue {
    let queue = this.#queues.get(timeoutMs)
    if (queue === undefined) {
      // Time-outs that are computed (what is left of a deadline) are all different: their queues must not pile up.
      for (const [key, old] of this.#queues) if (this.#queues.size > QUEUES_MAX && old.isIdle()) this.#queues.delete(key)
      const onDue = (correlation: number): void => {
        const pending = this.take(correlation)
        if (pending !== undefined) this.#onTimeout(pending)
      }
      queue = new DeadlineQueue(this.#clock, this.#pending, onDue, this.#takeArrived)
      this.#queues.set(timeoutMs, queue)
    }
    return queue
  }
}

/** Asks of one time-out, the earliest deadline first; those that are settled meanwhile are passed over. */
class DeadlineQueue {
  readonly #clock: Clock
  readonly #alive: ReadonlyMap<number, PendingReply>
  readonly #onDue: (correlation: number) => void
  readonly #takeArrived: () => void
  #waiting: { readonly correlation: number; readonly deadlineMs: number }[] = []
  #first = 0
  #timer: Cancel | undefined

  constructor(clock: Clock, alive: ReadonlyMap<number, PendingReply>, onDue: (correlation: number) => void, takeArrived: () => void) {
    this.#clock = clock
    this.#alive = alive
    this.#onDue = onDue
    this.#takeArrived = takeArrived
  }

  push(correlation: number, deadlineMs: number): void {
    if (this.#waiting.length > COMPACT_MIN + 2 * this.#alive.size) this.#compact()
    this.#waiting.push({ correlation, deadlineMs })
    // The timer stays when all are answered: the next ask will want it, and firing once for nothing is cheap.
    if (this.#timer === undefined) this.#arm(deadlineMs)
  }

  isIdle(): boolean {
    return this.#timer === undefined
  }

  clear(): void {
    this.#waiting = []
    this.#first = 0
    this.#timer?.()
    this.#timer = undefined
  }

  #arm(deadlineMs: number): void {
    this.#timer = this.#clock.after(Math.max(0, deadlineMs - this.#clock.nowMs()), () => this.#due())
  }

  #due(): void {
    this.#timer = undefined
    this.#takeArrived()
    const nowMs = this.#clock.nowMs()
    for (; this.#first < this.#waiting.length; this.#first++) {
      const next = this.#waiting[this.#first]!
      if (!this.#alive.has(next.correlation)) continue
      if (next.deadlineMs > nowMs) break
      this.#onDue(next.correlation)
    }
    this.#compact()
    const next = this.#waiting[0]
    if (next !== undefined && this.#timer === undefined) this.#arm(next.deadlineMs)
  }

  #compact(): void {
    this.#waiting = this.#waiting.slice(this.#first).filter(({ correlation }) => this.#alive.has(correlation))
    this.#first = 0
  }
}
