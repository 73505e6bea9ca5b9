/** What may be taken, and when there will be something again. Pure: time is passed in. */
export interface Allowance {
  /** Up to `wanted`; 0: none now, and then `retryMs` says when there may be one. */
  take(nowMs: number, wanted: number): number
  retryMs(nowMs: number): number
  /** Nothing of the past matters any more: as new. */
  isFresh(nowMs: number): boolean
}

/** `burst` at once, and `perSecond` after that. Never more than `burst` + `perSecond` × t within any time t. */
export class TokenBucket implements Allowance {
  readonly #perMs: number
  readonly #capacity: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, capacity: number, tokens: number, nowMs: number) {
    this.#perMs = perSecond / 1_000
    this.#capacity = capacity
    this.#tokens = Math.min(capacity, tokens)
    this.#atMs = nowMs
  }

  take(nowMs: number, wanted: number): number {
    this.#fill(nowMs)
    const taken = Math.min(wanted, Math.floor(this.#tokens))
    this.#tokens -= taken
    return taken
  }

  retryMs(nowMs: number): number {
    this.#fill(nowMs)
    return Math.max(0, (1 - this.#tokens) / this.#perMs)
  }

  isFresh(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#tokens >= this.#capacity
  }

  #fill(nowMs: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs)
    this.#atMs = nowMs
  }
}

/** A hundredth of the window, at least a millisecond: what was taken within one counts as taken at its end. */
const PARTS = 100

/** Never more than `limit` within any `windowMs`. */
export class SlidingWindow implements Allowance {
  readonly #limit: number
  readonly #windowMs: number
  readonly #partMs: number
  /** Ends of parts, and what was taken in them; oldest first. */
  readonly #taken: { readonly untilMs: number; count: number }[] = []
  #sum = 0

  constructor(limit: number, windowMs: number) {
    this.#limit = limit
    this.#windowMs = windowMs
    this.#partMs = Math.max(1, windowMs / PARTS)
  }

  take(nowMs: number, wanted: number): number {
    this.#forget(nowMs)
    const count = Math.max(0, Math.min(wanted, this.#limit - this.#sum))
    if (count === 0) return 0
    const last = this.#taken.at(-1)
    if (last !== undefined && nowMs < last.untilMs) last.count += count
    else this.#taken.push({ untilMs: nowMs + this.#partMs, count })
    this.#sum += count
    return count
  }

  retryMs(nowMs: number): number {
    this.#forget(nowMs)
    return this.#sum < this.#limit ? 0 : this.#taken[0]!.untilMs + this.#windowMs - nowMs
  }

  isFresh(nowMs: number): boolean {
    this.#forget(nowMs)
    return this.#taken.length === 0
  }

  #forget(nowMs: number): void {
    while (this.#taken.length > 0 && this.#taken[0]!.untilMs + this.#windowMs <= nowMs) this.#sum -= this.#taken.shift()!.count
  }
}
