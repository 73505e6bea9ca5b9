import type { ActorRef } from '@troupe/runtime'
import { LeaseTimeoutError } from '../errors.ts'
import { BLOCK_MS, type Block, type RateLimiter } from './rate-limiter.ts'

interface Local {
  count: number
  /** Until then what is there may be used. */
  untilMs: number
  /** Before that there is nothing to ask for. */
  closedUntilMs: number
  /** Checks since the last block was asked for. */
  used: number
  askedMs: number
  /** The last answer came too late for a block: then permits are asked for one by one. */
  isSlow: boolean
  asking: Promise<void> | undefined
}

const KEYS_MAX = 10_000
const BLOCK_MAX = 4_096

/**
 * One isolate's way to a RateLimiter.
 *
 * ```ts
 * const rates = new Rates(limiter)
 * if (!(await rates.check(client.ip))) return reply.code(429).send()
 * await rates.wait('mail', { timeoutMs: 1_000 })
 * ```
 */
export class Rates {
  readonly #take: (key: string, wanted: number) => Promise<Block>
  readonly #path: string
  readonly #keys = new Map<string, Local>()

  constructor(limiter: ActorRef<RateLimiter>) {
    const { take } = limiter.ask
    this.#take = take
    this.#path = limiter.path
  }

  /** Whether one more is allowed now. Rejects as an ask does, when the limiter cannot answer. */
  async check(key: string): Promise<boolean> {
    const local = this.#localOf(key)
    for (;;) {
      const nowMs = performance.now()
      local.used++
      if (local.count > 0 && nowMs < local.untilMs) {
        local.count--
        return true
      }
      if (nowMs < local.closedUntilMs) return false
      // Whoever else checks meanwhile waits for the same answer.
      local.asking ??= this.#ask(key, local).finally(() => (local.asking = undefined))
      await local.asking
    }
  }

  /** Until one more is allowed. Rejects with LeaseTimeoutError; default 5 000 ms. */
  async wait(key: string, { timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const untilMs = performance.now() + timeoutMs
    while (!(await this.check(key))) {
      const nowMs = performance.now()
      const pauseMs = Math.max(1, this.#localOf(key).closedUntilMs - nowMs)
      if (nowMs + pauseMs > untilMs) throw new LeaseTimeoutError(`${this.#path} (${key})`, timeoutMs)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  async #ask(key: string, local: Local): Promise<void> {
    const askedMs = performance.now()
    const sinceMs = askedMs - local.askedMs
    // Who uses a block up quickly gets a larger one. What is not used in time is lost, so whoever checks now and then asks for one.
    const wanted = local.isSlow || sinceMs > BLOCK_MS ? 1 : Math.min(BLOCK_MAX, local.used * (sinceMs < BLOCK_MS / 2 ? 2 : 1))
    local.used = 0
    local.askedMs = askedMs
    const { count, retryMs } = await this.#take(key, wanted)
    const nowMs = performance.now()
    local.isSlow = nowMs - askedMs > BLOCK_MS
    // From when it was asked, and not from the answer: it was counted in between. A single one is used at once.
    local.untilMs = count === 1 ? nowMs + BLOCK_MS : askedMs + BLOCK_MS
    local.count = count
    local.closedUntilMs = count > 0 ? 0 : nowMs + retryMs
  }

  #localOf(key: string): Local {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    if (this.#keys.size >= KEYS_MAX) this.#keys.clear()
    const made = { count: 0, untilMs: 0, closedUntilMs: 0, used: 0, askedMs: 0, isSlow: false, asking: undefined }
    this.#keys.set(key, made)
    return made
  }
}
