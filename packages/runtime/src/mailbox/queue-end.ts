import type { WaitWord } from '../queue/wait-word.ts'
import { Linger } from './linger.ts'
import { inWait, isAnyDying, type QueuePlatform } from './queue-thread.ts'
import { QueueWaiters } from './queue-waiters.ts'
import { Spinner } from './spinner.ts'

/** A blocked thread looks again this often: the net under lost wake-ups. */
const SLICE_MS = 50

/** The ways in which this thread can wait at one end of a queue. */
export class QueueEnd {
  readonly #word: WaitWord
  readonly #platform: QueuePlatform
  readonly #spinner: Spinner
  readonly #linger: Linger
  /** Those who wait asynchronously. */
  readonly waiters: QueueWaiters

  constructor(word: WaitWord, platform: QueuePlatform) {
    this.#word = word
    this.#platform = platform
    const nowMs = (): number => platform.clock.nowMs()
    this.#linger = new Linger(nowMs)
    this.#spinner = new Spinner(platform.spinMs, nowMs, this.#linger)
    this.waiters = new QueueWaiters(word, platform, isAnyDying)
  }

  /** An attempt that did not have to wait. */
  hit(): void {
    this.#linger.hit()
  }

  /** Tries again, for a moment, as long as that gives `nothing`: that saves a wake-up when the other end is at work. */
  spin(attempt: () => number, nothing: number): number {
    let result = nothing
    this.#spinner.spin(() => (result = attempt()) !== nothing)
    return result
  }

  /** Tries again until that gives something else than `nothing`, or until the time-out. Blocks the thread. */
  block(timeoutMs: number, attempt: () => number, nothing: number): number {
    const { clock } = this.#platform
    const untilMs = clock.nowMs() + timeoutMs
    for (;;) {
      const soon = this.spin(attempt, nothing)
      if (soon !== nothing) return soon
      const epoch = this.#word.announce()
      const result = attempt()
      if (result !== nothing) return result
      const leftMs = untilMs - clock.nowMs()
      if (leftMs <= 0) return result
      inWait(() => this.#word.wait(epoch, Math.min(leftMs, SLICE_MS)))
    }
  }
}
