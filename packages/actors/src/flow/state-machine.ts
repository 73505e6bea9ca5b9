import { NoTransitionError } from '../errors.ts'

/** What an event leads to: another state, or the same (undefined). */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine.
type Reaction<S extends string, A> = S | ((argument: A) => S | undefined | void)

export interface StateSpec<S extends string, E extends object> {
  /** Events that count here. Others reject, or wait if they are postponed. */
  readonly on?: { readonly [K in keyof E]?: Reaction<S, E[K]> }
  /** Events that wait until the state has changed, and count then, in their order. */
  readonly postpone?: readonly (keyof E & string)[]
  /** When it is entered, from another state. */
  readonly entry?: () => void
  readonly exit?: () => void
  /** Where it goes by itself after so many milliseconds in it. */
  readonly timeout?: { readonly afterMs: number; readonly to: S }
}

export interface MachineOptions<S extends string, E extends object> {
  readonly initial: S
  readonly states: Readonly<Record<S, StateSpec<S, E>>>
  readonly onChange?: (to: S, from: S) => void
}

const POSTPONED_MAX = 1_000

/**
 * States and events, typed, as OTP's gen_statem has them: entry and exit actions, state time-outs, postponed events. An actor holds
 * one and sends it the events that are its methods; what it reacts with runs within `send`.
 *
 * ```ts
 * type Events = { push: undefined; coin: number }
 * readonly #door = new StateMachine<'locked' | 'open', Events>({
 *   initial: 'locked',
 *   states: {
 *     locked: { on: { coin: 'open' } },
 *     open: { on: { push: 'locked' }, timeout: { afterMs: 5_000, to: 'locked' } },
 *   },
 * })
 * coin(n: number): string { return this.#door.send('coin', n) }
 * ```
 */
export class StateMachine<S extends string, E extends object> {
  readonly #options: MachineOptions<S, E>
  #postponed: { readonly event: keyof E & string; readonly argument: never }[] = []
  #state: S
  #timer: NodeJS.Timeout | undefined

  constructor(options: MachineOptions<S, E>) {
    this.#options = options
    this.#state = options.initial
    this.#entered()
  }

  get state(): S {
    return this.#state
  }

  /** The state after it. @throws {NoTransitionError} if the event means nothing in this state, or too many are postponed */
  send<K extends keyof E & string>(event: K, ...[argument]: E[K] extends undefined ? [] : [argument: E[K]]): S {
    this.#react(event, argument as never)
    return this.#state
  }

  /** No time-out will come any more. For `onStop`. */
  end(): void {
    clearTimeout(this.#timer)
  }

  #react(event: keyof E & string, argument: never): void {
    const { on, postpone } = this.#options.states[this.#state]
    if (postpone?.includes(event) === true) {
      if (this.#postponed.length >= POSTPONED_MAX) throw new NoTransitionError(this.#state, event, 'too many events are postponed')
      this.#postponed.push({ event, argument })
      return
    }
    const reaction = on?.[event] as Reaction<S, never> | undefined
    if (reaction === undefined) throw new NoTransitionError(this.#state, event, 'it means nothing there')
    const to = typeof reaction === 'function' ? reaction(argument) : reaction
    if (to !== undefined) this.#go(to as S)
  }

  #go(to: S): void {
    const from = this.#state
    if (to === from) return
    clearTimeout(this.#timer)
    this.#options.states[from].exit?.()
    this.#state = to
    this.#entered()
    this.#options.onChange?.(to, from)
    const postponed = this.#postponed
    this.#postponed = []
    const errors: unknown[] = []
    for (const { event, argument } of postponed) {
      try {
        this.#react(event, argument)
      } catch (error) {
        // Those behind it count all the same.
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  #entered(): void {
    const { entry, timeout } = this.#options.states[this.#state]
    if (timeout !== undefined) this.#timer = setTimeout(() => this.#go(timeout.to), timeout.afterMs)
    entry?.()
  }
}
