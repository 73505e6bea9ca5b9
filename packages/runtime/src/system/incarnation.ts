import type { Cancel } from '../base/clock.ts'
import { describeExit, type ExitReason, type StartStage } from '../base/exit-reason.ts'
import type { Isolate } from '../isolate/isolate.ts'

/** One life in one isolate, from its start until its thread has ended. */
export interface Incarnation {
  readonly isolate: Isolate
  readonly ready: Deferred<void>
  /** How far its start has come. */
  stage: StartStage
  readonly ended: Deferred<ExitReason>
  /** What it said itself before it ended, or what was done to it. */
  reason: ExitReason | undefined
  timer: Cancel | undefined
  /** Nothing but its end is still to come. */
  isKilled: boolean
  /** undefined: until it is ready. */
  hangAfterMs: number | undefined
  isReady: boolean
  /** What an upgrade waits for: its state, or why it goes on. */
  handOver: Deferred<Uint8Array | { readonly error: unknown }>
  /** In the host's thread: nobody ends it but itself, and until it has ended its code runs. So it is never taken for stuck. */
  readonly isInline: boolean
  /** Another one follows without its supervisor's doing. */
  isSucceeded: boolean
}

/** From a start by the supervisor until the end that it is told of: more than one incarnation if there are upgrades. */
export interface Tenure {
  readonly ended: Deferred<ExitReason>
  isStopping: boolean
}

export function stuckPredecessor(): ExitReason {
  const error = new Error('the thread of its predecessor is stuck in native code: it is started when that has ended')
  return { kind: 'startFailed', stage: 'isolate', error }
}

/**
 * An isolate that ended before it was ready has failed to start, at the stage that it had come to, whatever it ended of; but not if it was asked to stop. In OTP,
 * too, the exit signal of its parent ends a process that is still in `init`, and `shutdown` is what its start returns.
 */
export function asStartFailure(reason: ExitReason, stage: StartStage): ExitReason {
  if (reason.kind === 'startFailed' || reason.kind === 'shutdown') return reason
  const error = 'error' in reason ? reason.error : new Error(`the isolate ended before it was ready (${describeExit(reason)})`)
  return { kind: 'startFailed', stage, error }
}

/** Resolves when nobody wants a start any more: a bundle may take seconds, and nobody is to wait for it then. */
export function calledOff(cancelled: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (cancelled.aborted) resolve(undefined)
    else cancelled.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((yes) => (resolve = yes))
  return { promise, resolve }
}
