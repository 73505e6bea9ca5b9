import { InvalidArgumentError } from '@troupe/runtime'
import { checkFunction, checkOptions } from '../options.ts'

export interface BatcherOptions {
  /** Items of a batch at most. Default 100. */
  readonly size?: number
  /** Milliseconds from the first item of a batch until it goes, full or not. Default 10. */
  readonly waitMs?: number
  /** Batches on their way at a time; what comes meanwhile is in the next. Default 1. */
  readonly concurrency?: number
}

const OPTIONS = { size: true, waitMs: true, concurrency: true } as const

/** Results in the order of the items, where there are any. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine.
type Work<T, R> = (items: readonly T[]) => readonly R[] | void | Promise<readonly R[] | void>

interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Collects items, and does many at once: `await batcher.add(row)`. Every item settles: with its own result, by its place in what `work`
 * returns, or with what `work` throws. It belongs to one isolate: to collect from several, let an actor hold it.
 */
export class Batcher<T, R = void> {
  readonly #work: Work<T, R>
  readonly #size: number
  readonly #waitMs: number
  readonly #concurrency: number
  #waiting: Waiting<T, R>[] = []
  #timer: NodeJS.Timeout | undefined
  #running = 0
  /** Of those who flush. */
  readonly #onIdle: (() => void)[] = []

  constructor(work: Work<T, R>, options: BatcherOptions = {}) {
    checkOptions(options, OPTIONS, 'Batcher')
    this.#work = checkFunction(work, 'Batcher: the work')
    this.#size = options.size ?? 100
    this.#waitMs = options.waitMs ?? 10
    this.#concurrency = options.concurrency ?? 1
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#waiting.length >= this.#size) this.#send()
      else this.#timer ??= setTimeout(() => this.#send(), this.#waitMs)
    })
  }

  /** What waits goes now; resolves when all batches are settled. For `onStop`. */
  async flush(): Promise<void> {
    this.#send()
    while (this.#running > 0 || this.#waiting.length > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#waiting.length > 0 && this.#running < this.#concurrency) void this.#run(this.#waiting.splice(0, this.#size))
  }

  async #run(batch: readonly Waiting<T, R>[]): Promise<void> {
    this.#running++
    try {
      const results = await this.#work(batch.map(({ item }) => item))
      checkResults(results, batch.length)
      for (const [i, { resolve }] of batch.entries()) resolve(results?.[i] as R)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running--
      // What came meanwhile has waited long enough.
      this.#send()
      if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
    }
  }
}

/** Results by place: where there are fewer, or more, nobody knows whose they are. */
function checkResults(results: unknown, count: number): void {
  if (results === undefined || (Array.isArray(results) && results.length === count)) return
  const what = Array.isArray(results) ? `${results.length} results` : String(results)
  throw new InvalidArgumentError(`Batcher: for ${count} items the work gave ${what}, and must give one result for each, or undefined.`)
}
