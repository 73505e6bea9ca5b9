import { registerError, TroupeError } from '@troupe/runtime'

/** A function that cannot run in another isolate: it has captured variables, or its text is no function there. */
export class NotPortableError extends TroupeError {
  readonly code = 'TROUPE_NOT_PORTABLE'
  /** The names that it uses and that exist nowhere else. */
  readonly captured: readonly string[]
  constructor(name: string, why: string, captured: readonly string[] = []) {
    super(`${name === '' ? 'this function' : `the function ${name}`} cannot run in another isolate: ${why}`)
    this.captured = captured
  }
}

/** An item of a `par` could not be done. `cause` is what the function threw, or why its isolate ended. */
export class ParError extends TroupeError {
  readonly code = 'TROUPE_PAR'
  /** Of the item in the input; of the first of those that were under way, when the isolate itself ended. */
  readonly index: number
  constructor(index: number, cause: unknown, count = 1) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    super(`${count === 1 ? `item ${index}` : `one of the items ${index} to ${index + count - 1}`}: ${what}`, { cause })
    this.index = index
  }
}

/** The task was cancelled by whoever holds it, or its executor was shut down with `cancel`. */
export class TaskCancelledError extends TroupeError {
  readonly code = 'TROUPE_TASK_CANCELLED'
  constructor(why = 'it was cancelled') {
    super(`the task has no result: ${why}. If it had begun, its effects are unknown.`)
  }
}

/** The executor takes no tasks: it was shut down, or as many wait as may. */
export class ExecutorRefusedError extends TroupeError {
  readonly code = 'TROUPE_EXECUTOR_REFUSED'
  constructor(why: string) {
    super(`the task was not accepted: ${why}`)
  }
}

/** No lease, permit or turn was free in time. Nothing was taken. */
export class LeaseTimeoutError extends TroupeError {
  readonly code = 'TROUPE_LEASE_TIMEOUT'
  constructor(pool: string, timeoutMs: number) {
    super(`${pool}: nothing was free for ${timeoutMs} ms. Give back sooner, make the pool larger, or wait longer with { timeoutMs }.`)
  }
}

/** What an isolate waited for was to be loaded by another one, and that has failed. */
export class LoadError extends TroupeError {
  readonly code = 'TROUPE_LOAD'
  constructor(what: string, why: string) {
    super(`${what} could not be loaded: ${why}`)
  }
}

/** The circuit breaker is open: what is behind it has failed too often, and is not called now. */
export class CircuitOpenError extends TroupeError {
  readonly code = 'TROUPE_CIRCUIT_OPEN'
  constructor(name: string, retryMs: number) {
    super(`${name} is not called: it has failed too often. The next try is in ${Math.ceil(retryMs)} ms.`)
  }
}

/** An event that the state does not know. Nothing has changed. */
export class NoTransitionError extends TroupeError {
  readonly code = 'TROUPE_NO_TRANSITION'
  constructor(state: string, event: string, why: string) {
    super(`in the state "${state}" there is no event "${event}": ${why}. Name it in \`on\` or in \`postpone\` of that state.`)
  }
}

for (const each of [
  CircuitOpenError,
  NoTransitionError,
  LoadError,
  LeaseTimeoutError,
  NotPortableError,
  ParError,
  TaskCancelledError,
  ExecutorRefusedError,
])
  registerError(each)
