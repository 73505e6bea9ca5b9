import type { Cancel, Clock } from '../base/clock.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import { checkDuration } from '../base/limits.ts'
import { shown } from '../base/shown.ts'

type Task = () => unknown

/**
 * Timers that end with their actor, by name: one that is set again replaces the former. A task runs between two messages, as
 * `onSignal` does: nothing else runs until its promise is settled, and a throw is a crash.
 */
export class Timers {
  readonly #clock: Clock
  readonly #schedule: () => void
  readonly #bind: (task: Task) => Task
  readonly #cancels = new Map<string, Cancel>()
  /** Tasks whose time has come, in that order, by name: what is cancelled after that does not run. */
  readonly #due = new Map<string, Task>()
  #idleMs: number | undefined
  #idleTask: Task | undefined
  #cancelIdle: Cancel | undefined

  /** `bind`: a task runs in the context in which its timer was set. */
  constructor(clock: Clock, schedule: () => void, bind: (task: Task) => Task = (task) => task) {
    this.#bind = bind
    this.#clock = clock
    this.#schedule = schedule
  }

  /** Runs `task` once, at the earliest after `delayMs` milliseconds (above 0). */
  after(name: string, delayMs: number, task: Task): void {
    checkDuration(delayMs, 'delayMs')
    const bound = this.#bind(checkTask(task, 'after'))
    this.cancel(name)
    this.#arm(name, delayMs, () => {
      this.#cancels.delete(name)
      this.#isDue(name, bound)
    })
  }

  /** Runs `task` every `periodMs` milliseconds (above 0), the first time after one period. What it is late for is left out. */
  every(name: string, periodMs: number, task: Task): void {
    checkDuration(periodMs, 'periodMs')
    const bound = this.#bind(checkTask(task, 'every'))
    this.cancel(name)
    let nextMs = this.#clock.nowMs() + periodMs
    const tick = (): void => {
      const nowMs = this.#clock.nowMs()
      nextMs += Math.max(1, Math.ceil((nowMs - nextMs) / periodMs)) * periodMs
      this.#arm(name, nextMs - nowMs, tick)
      this.#isDue(name, bound)
    }
    this.#arm(name, periodMs, tick)
  }

  /** Whether there was such a timer. From here on its task does not begin. */
  cancel(name: string): boolean {
    const cancel = this.#cancels.get(name)
    cancel?.()
    this.#cancels.delete(name)
    return this.#due.delete(name) || cancel !== undefined
  }

  /**
   * Runs `task` when no message has come for `idleMs` milliseconds (above 0), once for each such time: a receive timeout.
   * There is one of an actor at a time. `idleMs` undefined: no more.
   */
  whenIdle(idleMs: number | undefined, task: Task = () => undefined): void {
    this.#idleMs = idleMs === undefined ? undefined : checkDuration(idleMs, 'idleMs')
    this.#idleTask = this.#bind(checkTask(task, 'whenIdle'))
    this.busy()
    this.#schedule()
  }

  /** Its actor has ended, and its thread has not. Called by the runtime. */
  clear(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancelIdle?.()
    this.#cancels.clear()
    this.#due.clear()
  }

  /** There is nothing to do now. Called by the runtime. */
  idle(): void {
    if (this.#idleMs === undefined || this.#cancelIdle !== undefined) return
    this.#cancelIdle = this.#clock.after(this.#idleMs, () => {
      if (this.#idleTask !== undefined) this.#isDue(RECEIVE_TIMEOUT, this.#idleTask)
    })
  }

  /** A message has come. Called by the runtime. */
  busy(): void {
    if (this.#cancelIdle === undefined) return
    this.#cancelIdle()
    this.#cancelIdle = undefined
    this.#due.delete(RECEIVE_TIMEOUT)
  }

  /** The task to run next. Called by the runtime. */
  takeDue(): Task | undefined {
    if (this.#due.size === 0) return undefined
    const [name, task] = this.#due.entries().next().value as [string, Task]
    this.#due.delete(name)
    return task
  }

  #arm(name: string, delayMs: number, task: () => void): void {
    this.#cancels.set(name, this.#clock.after(Math.max(0, delayMs), task))
  }

  #isDue(name: string, task: Task): void {
    this.#due.set(name, task)
    this.#schedule()
  }
}

/** What is no function would be due, and never run, in silence. */
function checkTask(task: Task, call: string): Task {
  if (typeof task === 'function') return task
  throw new InvalidArgumentError(`timers.${call}(…): the task is ${shown(task)}, and must be a function.`)
}

/** No name of a user's is empty. */
const RECEIVE_TIMEOUT = ''
