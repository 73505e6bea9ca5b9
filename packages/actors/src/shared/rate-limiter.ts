import { Actor, InvalidArgumentError } from '@troupe/runtime'
import { checkOptions } from '../options.ts'
import { type Allowance, SlidingWindow, TokenBucket } from './allowance.ts'

/** For each key by itself. */
export type RateLimit =
  /** A bucket of `burst` tokens (default: those of a second) that is filled with `perSecond`. */
  | { readonly perSecond: number; readonly burst?: number }
  /** At most `limit` within any `windowMs`. */
  | { readonly limit: number; readonly windowMs: number }

/** Permits that an isolate may use by itself, within `BLOCK_MS` of asking for them; or when to ask again. */
export interface Block {
  readonly count: number
  readonly retryMs: number
}

/**
 * So long after it was asked for a block of permits can be used. What is used so much later than it was counted is allowed for: the
 * limits inside are those for a time that is longer by this, so the real ones are never exceeded.
 */
export const BLOCK_MS = 20
const SWEEP_MS = 10_000
const OPTIONS = { perSecond: true, burst: true, limit: true, windowMs: true } as const

/**
 * One rate for all isolates together. Isolates take permits in blocks, as large as what they used lately, so that most checks cost no
 * message. After a restart nothing is known of before: it begins with nothing to give, and never gives too much.
 */
export class RateLimiter extends Actor {
  static readonly module = import.meta.url
  readonly #limit: RateLimit
  readonly #keys = new Map<string, Allowance>()
  readonly #bornMs = performance.now()

  constructor(limit: RateLimit) {
    super()
    checkOptions(limit, OPTIONS, 'RateLimiter')
    const needed = 'limit' in limit || 'windowMs' in limit ? { limit: 0, windowMs: 0 } : { perSecond: 0 }
    const numbers = Object.entries({ ...needed, ...limit }).filter(
      ([, value]) => !(typeof value === 'number' && value > 0 && Number.isFinite(value)),
    )
    if (numbers.length > 0) throw new InvalidArgumentError(`RateLimiter: ${numbers.map(([name]) => name).join(', ')} must be above 0.`)
    this.#limit = limit
  }

  override onStart(): void {
    setInterval(() => this.#sweep(), SWEEP_MS)
  }

  /** Up to `wanted` permits: more than one only where the limit allows blocks at all. */
  take(key: string, wanted: number): Block {
    const nowMs = performance.now()
    const allowance = this.#allowanceOf(key, nowMs)
    const count = allowance.take(nowMs, this.#allowsBlocks ? Math.max(1, Math.floor(wanted)) : 1)
    return count > 0 ? { count, retryMs: 0 } : { count, retryMs: allowance.retryMs(nowMs) }
  }

  #allowanceOf(key: string, nowMs: number): Allowance {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const made = this.#make(nowMs)
    this.#keys.set(key, made)
    return made
  }

  #make(nowMs: number): Allowance {
    const limit = this.#limit
    const isFirst = this.context.incarnation === 1
    if ('perSecond' in limit) {
      const { perSecond, burst = perSecond } = limit
      const capacity = this.#allowsBlocks ? burst - (perSecond * BLOCK_MS) / 1_000 : burst
      return new TokenBucket(perSecond, capacity, isFirst ? capacity : ((nowMs - this.#bornMs) * perSecond) / 1_000, nowMs)
    }
    const window = new SlidingWindow(limit.limit, this.#allowsBlocks ? limit.windowMs + BLOCK_MS : limit.windowMs)
    // As if all had been taken at the last moment before this incarnation.
    if (!isFirst) window.take(this.#bornMs, limit.limit)
    return window
  }

  /** A block must be a small part of what is allowed; otherwise each permit is asked for. */
  get #allowsBlocks(): boolean {
    const limit = this.#limit
    if ('windowMs' in limit) return limit.windowMs >= BLOCK_MS * 5 && limit.limit >= 100
    return (limit.burst ?? limit.perSecond) >= ((limit.perSecond * BLOCK_MS) / 1_000) * 4 && (limit.burst ?? limit.perSecond) >= 100
  }

  #sweep(): void {
    const nowMs = performance.now()
    for (const [key, allowance] of this.#keys) if (allowance.isFresh(nowMs)) this.#keys.delete(key)
  }
}
