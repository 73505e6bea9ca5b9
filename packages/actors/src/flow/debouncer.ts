import { checkFunction, checkOptions } from '../options.ts'

export interface DebouncerOptions {
  /** Milliseconds without another call of that key after which the last one counts. */
  readonly quietMs: number
  /** Milliseconds after the first call at which it counts in any case. Default Infinity. */
  readonly maxMs?: number
}

interface Pending<T> {
  value: T
  readonly firstMs: number
  timer: NodeJS.Timeout
}

/** For each key, of calls that follow each other quickly only the last one. It belongs to one isolate: to count for several, let an actor hold it. */
export class Debouncer<T> {
  readonly #work: (key: string, value: T) => void
  readonly #quietMs: number
  readonly #maxMs: number
  readonly #pending = new Map<string, Pending<T>>()

  constructor(work: (key: string, value: T) => void, options: DebouncerOptions) {
    const { quietMs, maxMs = Number.POSITIVE_INFINITY } = checkOptions(options, { quietMs: true, maxMs: true }, 'Debouncer')
    this.#work = checkFunction(work, 'Debouncer: the work')
    this.#quietMs = quietMs
    this.#maxMs = maxMs
  }

  call(key: string, value: T): void {
    const nowMs = performance.now()
    const pending = this.#pending.get(key)
    const firstMs = pending?.firstMs ?? nowMs
    clearTimeout(pending?.timer)
    const waitMs = Math.max(0, Math.min(this.#quietMs, firstMs + this.#maxMs - nowMs))
    this.#pending.set(key, { value, firstMs, timer: setTimeout(() => this.#settle(key), waitMs) })
  }

  /** It does not count. False: none was waiting. */
  cancel(key: string): boolean {
    clearTimeout(this.#pending.get(key)?.timer)
    return this.#pending.delete(key)
  }

  /** All that wait count now. For `onStop`. */
  flush(): void {
    for (const key of [...this.#pending.keys()]) this.#settle(key)
  }

  #settle(key: string): void {
    const pending = this.#pending.get(key)
    if (pending === undefined) return
    clearTimeout(pending.timer)
    this.#pending.delete(key)
    this.#work(key, pending.value)
  }
}
