import { InvalidArgumentError } from './errors.ts'
import type { ExitReason } from './exit-reason.ts'
import type { LogLevel } from './log-level.ts'
import { checkKeys } from './options.ts'
import { shown } from './shown.ts'

/** A message that was accepted or refused and that nobody will handle. */
export interface DeadLetter {
  readonly to: string
  readonly from: string
  readonly method: string
  /** The arguments, when they were small enough to be kept (64 KiB). */
  readonly args: readonly unknown[] | undefined
  readonly bytes: number
  /**
   * `full`, `budget`, `stopped`: refused. `crashed`: begun when its actor died. `ended`: waiting when the address ended.
   * `notAMessage`: the actor has no such method. `invalid`: its schemas refuse the arguments. `unreadable`: the bytes are no message.
   */
  readonly why: 'full' | 'budget' | 'stopped' | 'crashed' | 'ended' | 'notAMessage' | 'invalid' | 'unreadable'
  readonly reason: ExitReason | undefined
  /** For `notAMessage`, `invalid` and `unreadable`: what an ask would have been rejected with. */
  readonly detail?: string
}

/** A line of an actor's log (`this.context.log`). */
export interface LogLine {
  readonly path: string
  readonly incarnation: number
  readonly level: LogLevel
  readonly message: string
  /** What the actor gave with it; empty: nothing. */
  readonly fields: Readonly<Record<string, unknown>>
  /** `Date.now()` in the actor. */
  readonly timeMs: number
}

/** What happens in a system, in the order in which the control side saw it. */
export interface SystemEvents {
  /** `warm`: a spare isolate took it; false: a thread was started for it, which takes some 30 ms longer. */
  started: { readonly path: string; readonly incarnation: number; readonly warm: boolean }
  /** One incarnation ended, or did not start; what its supervisor does about it. */
  exited: {
    readonly path: string
    /** The path of its supervisor. */
    readonly supervisor: string
    readonly incarnation: number
    readonly reason: ExitReason
    readonly willRestart: boolean
    /** How many more the intensity allows now; undefined when its supervisor stopped it, or it was upgraded. */
    readonly restartsLeft: number | undefined
    /** Milliseconds before it is restarted (`backoff`); undefined: none, or it is not restarted. */
    readonly restartInMs: number | undefined
  }
  /** The address ended. */
  terminated: { readonly path: string; readonly reason: ExitReason }
  deadLetter: DeadLetter
  /** A flood of dead letters was cut: so many were not published one by one. */
  deadLettersDropped: { readonly count: number }
  /** There were more restarts than there may be: `path` ends, a supervisor with all its children, or only the child (`per: 'child'`). */
  gaveUp: {
    readonly path: string
    readonly supervisor: string
    /** The path of the child whose restart was one too many, and its last reason. */
    readonly child: string
    readonly reason: ExitReason
    readonly restarts: number
    readonly withinMs: number
  }
  /**
   * A child has been restarted 10 times (then 100, 1 000 …) and never lived for 10 s in between: what `exited` says each time,
   * said once. `reason` is the last one.
   */
  crashLoop: {
    readonly path: string
    readonly supervisor: string
    readonly reason: ExitReason
    readonly restarts: number
    readonly withinMs: number
  }
  /** A thread that was killed does not end (it is stuck in native code), or has ended after all. `count`: those stuck now. */
  threadsLeaked: { readonly path: string; readonly count: number }
  warning: { readonly text: string }
  /**
   * What an actor has written to its console, or to its standard output or error, in the order in which it did. Not to be called
   * with whole lines only. `cutLines`: above 0 it is the marker in the place of so many lines, because it writes faster than
   * they are taken.
   */
  output: {
    readonly path: string
    readonly incarnation: number
    readonly stream: 'stdout' | 'stderr'
    readonly text: string
    readonly cutLines: number
  }
  log: LogLine
}

export type SystemEventName = keyof SystemEvents

/** Complete, or it does not compile. */
const EVENT_NAMES: Readonly<Record<SystemEventName, true>> = {
  started: true,
  exited: true,
  terminated: true,
  deadLetter: true,
  deadLettersDropped: true,
  gaveUp: true,
  crashLoop: true,
  threadsLeaked: true,
  warning: true,
  output: true,
  log: true,
}
type Listener<N extends SystemEventName> = (event: SystemEvents[N]) => void

/** A listener that throws harms neither the others nor the runtime: its error is rethrown on its own turn. */
export class EventStream {
  readonly #listeners = new Map<SystemEventName, Set<Listener<never>>>()

  /**
   * Calls `listener` for each event of that name; returns what ends it. Throws InvalidArgumentError for a name that no event
   * has, or a listener that is no function: one that is never called would hide every crash.
   */
  on<N extends SystemEventName>(name: N, listener: Listener<N>): () => void {
    checkKeys({ [name]: true }, Object.keys(EVENT_NAMES), 'events.on', 'event')
    if (typeof listener !== 'function')
      throw new InvalidArgumentError(`events.on('${name}', …): the listener is ${shown(listener)}, and must be a function.`)
    let set = this.#listeners.get(name)
    if (set === undefined) this.#listeners.set(name, (set = new Set()))
    set.add(listener)
    return () => set.delete(listener)
  }

  hasListeners(name: SystemEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<N extends SystemEventName>(name: N, event: SystemEvents[N]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;(listener as Listener<N>)(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
