import type { Cancel } from '../base/clock.ts'
import { AskAbortedError, QueueTimeoutError } from '../base/errors.ts'
import type { WaitWord } from '../queue/wait-word.ts'
import type { QueuePlatform } from './queue-thread.ts'

/** The net under lost wake-ups: how soon those who wait look again, the first time and at most. */
const LOOK_AGAIN_MS = 50
const LOOK_AGAIN_MS_MAX = 1_000

interface Waiter {
  /** Does what it waits for, if that is possible now: true when it is settled, one way or the other. */
  attempt(): boolean
}

export interface Settle<R> {
  resolve(value: R): void
  reject(error: unknown): void
}

export interface Wait {
  /** For error texts. */
  readonly call: string
  /** Infinity: for ever. */
  readonly timeoutMs: number
  readonly state: 'full' | 'empty'
  readonly signal: AbortSignal | undefined
}

/**
 * Those of this thread who wait asynchronously at one end of one queue, in order: only the first attempts. However many they
 * are, and however many give up, there is one wait on shared memory.
 */
export class QueueWaiters {
  readonly #word: WaitWord
  readonly #platform: QueuePlatform
  readonly #isDying: () => boolean
  readonly #waiters = new Set<Waiter>()
  #isArmed = false
  #isPumping = false
  #lookAgain: Cancel | undefined
  #delayMs = LOOK_AGAIN_MS

  constructor(word: WaitWord, platform: QueuePlatform, isDying: () => boolean) {
    this.#word = word
    this.#platform = platform
    this.#isDying = isDying
  }

  get count(): number {
    return this.#waiters.size
  }

  /** Calls `attempt`, when its turn has come, until it returns true: then it has settled the promise. Rejects at the deadline, or on abort. */
  wait<R>({ call, timeoutMs, state, signal }: Wait, attempt: (settle: Settle<R>) => boolean): Promise<R> {
    if (signal?.aborted === true) return Promise.reject(new AskAbortedError(call, signal.reason))
    return new Promise((resolve, reject) => {
      let cancel: Cancel | undefined
      const leave = (): void => {
        cancel?.()
        signal?.removeEventListener('abort', onAbort)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        attempt: () => {
          const isSettled = attemptOrReject(() => attempt({ resolve, reject }), reject)
          if (isSettled) leave()
          return isSettled
        },
      }
      const giveUp = (error: Error): void => {
        leave()
        reject(error)
        // Who is next in line may need less room.
        this.pump()
      }
      const onAbort = (): void => giveUp(new AskAbortedError(call, signal!.reason))
      signal?.addEventListener('abort', onAbort)
      if (timeoutMs !== Number.POSITIVE_INFINITY)
        cancel = this.#platform.clock.after(timeoutMs, () => giveUp(new QueueTimeoutError(call, timeoutMs, state)))
      this.#waiters.add(waiter)
      this.#delayMs = LOOK_AGAIN_MS
      this.pump()
    })
  }

  /** Lets the waiters go on as far as they can, and sees to it that this is called again when more is possible. */
  pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (this.#advance() && !this.#arm());
    } finally {
      this.#isPumping = false
      this.#rest()
    }
  }

  /** Whether somebody is left who cannot go on. */
  #advance(): boolean {
    for (const waiter of this.#waiters) {
      if (!waiter.attempt()) return true
    }
    return false
  }

  /** False: something has changed, so look again. */
  #arm(): boolean {
    const epoch = this.#word.announce()
    const before = this.#waiters.size
    if (!this.#advance() || this.#waiters.size !== before) return false
    if (this.#isArmed || this.#isDying()) return true
    const woken = this.#word.waitAsync(epoch)
    if (woken === undefined) return false
    this.#isArmed = true
    void woken.then(() => {
      this.#isArmed = false
      this.pump()
    })
    return true
  }

  #rest(): void {
    if (this.#waiters.size > 0) this.#lookAgain ??= this.#platform.afterHolding(this.#delayMs, () => this.#look())
    else if (this.#lookAgain !== undefined) {
      this.#lookAgain()
      this.#lookAgain = undefined
    }
  }

  #look(): void {
    this.#lookAgain = undefined
    this.#delayMs = Math.min(LOOK_AGAIN_MS_MAX, this.#delayMs * 2)
    this.pump()
  }
}

function attemptOrReject(attempt: () => boolean, reject: (error: unknown) => void): boolean {
  try {
    return attempt()
  } catch (error) {
    reject(error)
    return true
  }
}
