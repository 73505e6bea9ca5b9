import { CircuitOpenError } from '../errors.ts'
import { checkOptions } from '../options.ts'

export interface CircuitOptions {
  /** For people, in errors. */
  readonly name: string
  /** Failures one after the other that open it. Default 5. */
  readonly failures?: number
  /** Milliseconds for which it stays open, before one call may try again. Default 10 000. */
  readonly openMs?: number
  /** Which errors count. Default all. */
  readonly isFailure?: (error: unknown) => boolean
  /** Told of each change. */
  readonly onChange?: (state: CircuitState) => void
  /** Default `performance.now`. */
  readonly nowMs?: () => number
}

const OPTIONS = { name: true, failures: true, openMs: true, isFailure: true, onChange: true, nowMs: true } as const

export type CircuitState = 'closed' | 'open' | 'half-open'

/**
 * Stops calling what fails: after so many failures it is open, and calls reject with CircuitOpenError at once. After `openMs` one call
 * may try; if it succeeds all is as before. It belongs to one isolate: let the actor that talks to the service hold it.
 */
export class CircuitBreaker {
  readonly #options: CircuitOptions
  readonly #nowMs: () => number
  #failures = 0
  #openedMs = 0
  #state: CircuitState = 'closed'

  constructor(options: CircuitOptions) {
    this.#options = checkOptions(options, OPTIONS, 'CircuitBreaker')
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  get state(): CircuitState {
    return this.#state
  }

  async call<T>(work: () => T | Promise<T>): Promise<T> {
    this.#admit()
    try {
      const result = await work()
      this.#succeeded()
      return result
    } catch (error) {
      if (this.#options.isFailure?.(error) ?? true) this.#failed()
      else this.#succeeded()
      throw error
    }
  }

  #admit(): void {
    if (this.#state === 'closed') return
    const leftMs = this.#openedMs + this.#openMs - this.#nowMs()
    // While one tries, the others wait for what becomes of it.
    if (this.#state === 'half-open' || leftMs > 0) throw new CircuitOpenError(this.#options.name, Math.max(0, leftMs))
    this.#become('half-open')
  }

  #succeeded(): void {
    this.#failures = 0
    this.#become('closed')
  }

  #failed(): void {
    this.#failures++
    if (this.#state !== 'half-open' && this.#failures < (this.#options.failures ?? 5)) return
    this.#openedMs = this.#nowMs()
    this.#become('open')
  }

  get #openMs(): number {
    return this.#options.openMs ?? 10_000
  }

  #become(state: CircuitState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onChange?.(state)
  }
}
