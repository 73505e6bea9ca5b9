import type { Address } from '../base/address.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import { ASK_TIMEOUT_MS, checkDuration } from '../base/limits.ts'
import { ASK, STREAM } from '../mailbox/envelope.ts'
import type { Waits } from '../queue/waits.ts'
import { MixedDeadlines } from './mixed-deadlines.ts'
import type { StreamReader } from './stream-reader.ts'

const QUEUES_MAX = 32
const COMPACT_MIN = 1_024
const SLOTS_MIN = 64

/** One ask on its way. */
export interface PendingReply {
  readonly to: Address
  readonly method: string
  /** What is waited for, in texts; default: an answer of that method. */
  text?: string
  readonly timeoutMs: number
  /** Its time is what was left to the call that it was asked for: as good as no two have the same. */
  readonly isInherited: boolean
  /** When it gives up; Infinity: never. */
  readonly deadlineMs: number
  resolve(value: unknown): void
  reject(error: unknown): void
  /** It is a stream: its time is for each item by itself, and kept elsewhere. */
  readonly stream?: StreamReader
  /** Its thread is blocked until it is settled. */
  isBlocking?: boolean
  /** For a stream: takes its call back, if it waits still. */
  callOff?: () => void
  /** For a stream that waits for room: its reader has left, and it is not sent. */
  isCalledOff?: boolean
  /** For a stream: its call is in the mailbox. */
  onSent?: () => void
  /** Called when it is taken out, before it is settled: a listener on the caller's signal must not stay. */
  onTaken?: (() => void) | undefined
  /** 0: it has been taken out, or was never in. Belongs to PendingReplies. */
  correlation: number
}

/** `untilMs`: when the call that this is asked for is over. What is asked for a call has no more time than that call. */
export function pendingReply(
  to: Address,
  method: string,
  wantedMs: number | undefined,
  nowMs: number,
  untilMs: number,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): PendingReply {
  const ownMs = wantedMs === undefined ? ASK_TIMEOUT_MS : checkDuration(wantedMs, 'timeoutMs', { infinity: true })
  const isInherited = untilMs - nowMs < ownMs
  const timeoutMs = isInherited ? untilMs - nowMs : ownMs
  return { to, method, timeoutMs, isInherited, deadlineMs: nowMs + timeoutMs, resolve, reject, correlation: 0 }
}

export function kindOf({ stream }: PendingReply): number {
  return stream === undefined ? ASK : ASK | STREAM
}

/**
 * The asks of one thread that wait for their reply: each is settled exactly once, by whoever comes first and takes it
 * (G8). An ask lies in the slot that its correlation names, so that finding it costs one comparison. Most asks share one
 * time-out, so those of one time-out stand in a queue in the order of their deadlines, and one timer serves the first of
 * each queue: an ask that is answered in time costs no timer.
 */
export class PendingReplies {
  readonly #clock: Clock
  readonly #onTimeout: (pending: PendingReply, correlation: number) => void
  readonly #takeArrived: () => void
  readonly #waits: Waits
  #slots = new Array<PendingReply | undefined>(SLOTS_MIN).fill(undefined)
  #size = 0
  readonly #queues = new Map<number, DeadlineQueue>()
  #lastQueue: DeadlineQueue | undefined
  /** Those that have what was left to another call, in no order. */
  readonly #inherited: MixedDeadlines
  #correlation = 0

  /**
   * `takeArrived`: settles what has been answered already. A thread that was blocked sees its timers before its replies.
   * `waits`: where those of a handler are shown.
   */
  constructor(clock: Clock, onTimeout: (pending: PendingReply, correlation: number) => void, takeArrived: () => void, waits: Waits) {
    this.#clock = clock
    this.#onTimeout = onTimeout
    this.#takeArrived = takeArrived
    this.#waits = waits
    this.#inherited = new MixedDeadlines(clock, {
      has: (correlation) => this.has(correlation),
      onDue: (correlation) => this.#due(correlation),
      takeArrived,
    })
  }

  get size(): number {
    return this.#size
  }

  /** Returns the correlation by which the reply will be known: never 0, and unique among those that wait. */
  add(pending: PendingReply): number {
    if (this.#size * 2 >= this.#slots.length) this.#growSlots()
    const mask = this.#slots.length - 1
    do this.#correlation = (this.#correlation + 1) | 0
    while (this.#correlation === 0 || this.#slots[this.#correlation & mask] !== undefined)
    pending.correlation = this.#correlation
    this.#slots[this.#correlation & mask] = pending
    this.#size++
    if (pending.stream !== undefined) return this.#correlation
    if (pending.isInherited) this.#inherited.push(pending.correlation, pending.deadlineMs)
    else if (pending.deadlineMs !== Number.POSITIVE_INFINITY)
      this.#queueFor(pending.timeoutMs).push(pending.correlation, pending.deadlineMs)
    return this.#correlation
  }

  /** Whether it waits still. */
  has(correlation: number): boolean {
    return this.#slots[correlation & (this.#slots.length - 1)]?.correlation === correlation
  }

  /** The stream of that number that this seat gives, as long as it is open. */
  streamOf(correlation: number, from: number): StreamReader | undefined {
    const pending = this.#slots[correlation & (this.#slots.length - 1)]
    return pending?.correlation === correlation && pending.to.seat === from ? pending.stream : undefined
  }

  /**
   * Takes an ask out, for settling it; undefined: it was settled before, and what has come is late. `from`: the seat that
   * answers: nobody does for another but the control side (0), whatever number it has guessed.
   */
  take(correlation: number, from = 0): PendingReply | undefined {
    const slot = correlation & (this.#slots.length - 1)
    const pending = this.#slots[slot]
    if (pending === undefined || pending.correlation !== correlation) return undefined
    if (from !== 0 && from !== pending.to.seat) return undefined
    this.#slots[slot] = undefined
    this.#size--
    pending.correlation = 0
    this.#waits.end(correlation)
    pending.onTaken?.()
    return pending
  }

  rejectAll(error: (pending: PendingReply) => unknown): void {
    for (const pending of [...this.#slots]) {
      if (pending === undefined || this.take(pending.correlation) === undefined) continue
      pending.reject(error(pending))
    }
    this.#clearTimers()
  }

  /** Nobody is there any more who waits: nothing is settled. */
  abandon(): void {
    for (const pending of [...this.#slots]) if (pending !== undefined) this.take(pending.correlation)
    this.#clearTimers()
  }

  #clearTimers(): void {
    for (const queue of this.#queues.values()) queue.clear()
    this.#queues.clear()
    this.#inherited.clear()
    this.#lastQueue = undefined
  }

  /** Those that wait are numbers apart, and stay so: in more slots no two can meet. */
  #growSlots(): void {
    const slots = new Array<PendingReply | undefined>(this.#slots.length * 2).fill(undefined)
    for (const pending of this.#slots) if (pending !== undefined) slots[pending.correlation & (slots.length - 1)] = pending
    this.#slots = slots
  }

  #queueFor(timeoutMs: number): DeadlineQueue {
    if (this.#lastQueue?.timeoutMs === timeoutMs) return this.#lastQueue
    let queue = this.#queues.get(timeoutMs)
    if (queue === undefined) {
      // Time-outs that are computed (what is left of a deadline) are all different: their queues must not pile up.
      for (const [key, old] of this.#queues) if (this.#queues.size > QUEUES_MAX && old.isIdle()) this.#queues.delete(key)
      queue = new DeadlineQueue(timeoutMs, this.#clock, this, (correlation) => this.#due(correlation), this.#takeArrived)
      this.#queues.set(timeoutMs, queue)
    }
    this.#lastQueue = queue
    return queue
  }

  #due(correlation: number): void {
    const pending = this.take(correlation)
    if (pending !== undefined) this.#onTimeout(pending, correlation)
  }
}

/**
 * Asks of one time-out, the earliest deadline first; those that are settled meanwhile are passed over. Only numbers are kept:
 * an ask that is settled must not keep its answer alive.
 */
class DeadlineQueue {
  readonly timeoutMs: number
  readonly #clock: Clock
  readonly #asks: PendingReplies
  readonly #onDue: (correlation: number) => void
  readonly #takeArrived: () => void
  #correlations: number[] = []
  #deadlinesMs: number[] = []
  #first = 0
  #compactAt = COMPACT_MIN
  #timer: Cancel | undefined

  constructor(timeoutMs: number, clock: Clock, asks: PendingReplies, onDue: (correlation: number) => void, takeArrived: () => void) {
    this.timeoutMs = timeoutMs
    this.#clock = clock
    this.#asks = asks
    this.#onDue = onDue
    this.#takeArrived = takeArrived
  }

  push(correlation: number, deadlineMs: number): void {
    if (this.#correlations.length >= this.#compactAt) this.#compact()
    this.#correlations.push(correlation)
    this.#deadlinesMs.push(deadlineMs)
    // The timer stays when all are answered: the next ask will want it, and firing once for nothing is cheap.
    if (this.#timer === undefined) this.#arm(deadlineMs)
  }

  isIdle(): boolean {
    return this.#timer === undefined
  }

  clear(): void {
    this.#correlations = []
    this.#deadlinesMs = []
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
    for (; this.#first < this.#correlations.length; this.#first++) {
      const correlation = this.#correlations[this.#first]!
      if (!this.#asks.has(correlation)) continue
      if (this.#deadlinesMs[this.#first]! > nowMs) break
      this.#onDue(correlation)
    }
    this.#compact()
    const nextMs = this.#deadlinesMs[0]
    if (nextMs !== undefined && this.#timer === undefined) this.#arm(nextMs)
  }

  /** So rarely that each ask pays for its own going over, once. */
  #compact(): void {
    const correlations: number[] = []
    const deadlinesMs: number[] = []
    for (let i = this.#first; i < this.#correlations.length; i++) {
      if (!this.#asks.has(this.#correlations[i]!)) continue
      correlations.push(this.#correlations[i]!)
      deadlinesMs.push(this.#deadlinesMs[i]!)
    }
    this.#correlations = correlations
    this.#deadlinesMs = deadlinesMs
    this.#first = 0
    this.#compactAt = Math.max(COMPACT_MIN, correlations.length * 2)
  }
}
