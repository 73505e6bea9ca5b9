/** Why an incarnation, or an address, ended. `kind` is OTP's reason under a field-standard name. */
export type ExitReason =
  /** It ended itself with `this.context.stop()`, and the stop handshake was completed. */
  | { readonly kind: 'normal' }
  /** Its parent, or the system, asked it to stop, and the handshake was completed. */
  | { readonly kind: 'shutdown' }
  /** A throw that had nobody to go to: in a tell, a timer, a signal handler, an un-awaited promise. */
  | { readonly kind: 'error'; readonly error: unknown }
  /** `process.exit(code)`, or an event loop that ran dry: never normal, whatever the code. */
  | { readonly kind: 'exit'; readonly code: number }
  /**
   * It used more than its `limits`, or V8 gave it no more heap (`detail` says which). `method`: what was in progress, empty when
   * nothing was. Sizes: the last that were seen; 0: none were.
   */
  | {
      readonly kind: 'outOfMemory'
      readonly detail: string
      readonly method: string
      readonly heapBytes: number
      readonly externalBytes: number
    }
  /**
   * One message kept the event loop from turning for `hangAfterMs`. `method`: whose handler it was; empty when it was none
   * (a timer, a hook) while messages waited. `ageMs`: since when. `frames`: where it was, innermost call first (Node ≥ 24.8).
   */
  | { readonly kind: 'hung'; readonly method: string; readonly ageMs: number; readonly frames: readonly string[] }
  /** Ended from outside: `system.kill(ref)`, or a stop that took longer than its `shutdownMs`. */
  | { readonly kind: 'killed' }
  /** It never became ready. `stage` says how far it came. */
  | { readonly kind: 'startFailed'; readonly stage: StartStage; readonly error: unknown }
  /** Something it was linked to ended, directly or through others: `path` and `reason` are those of the one that began it. */
  | { readonly kind: 'linked'; readonly path: string; readonly reason: ExitReason }
  /** It was killed, for `reason`, and its thread does not end: it is stuck in native code, and counted as leaked. */
  | { readonly kind: 'unkillable'; readonly reason: ExitReason }
  /** It had ended before anybody asked, too long ago for the reason to be kept. */
  | { readonly kind: 'unknown' }

/**
 * What a start failed at: finding its module and what that imports, making one bundle of it, the thread, loading it, the
 * constructor, `onStart`, or the time allowed for all of it.
 */
export type StartStage = 'resolve' | 'bundle' | 'isolate' | 'load' | 'constructor' | 'onStart' | 'timeout'

/**
 * OTP's distinction: `normal` and `shutdown` are clean, and a transient child is not restarted after them. What ended
 * through a link ended for the same reason as whoever began it.
 */
export function isCleanExit(reason: ExitReason): boolean {
  if (reason.kind === 'linked') return isCleanExit(reason.reason)
  return reason.kind === 'normal' || reason.kind === 'shutdown'
}

/** One line for logs, error texts and the tree: `error: TypeError: x is not a function`. */
export function describeExit(reason: ExitReason): string {
  switch (reason.kind) {
    case 'error':
      return `error: ${describeError(reason.error)}`
    case 'exit':
      return `process.exit(${reason.code})`
    case 'outOfMemory':
      return `out of memory${reason.method === '' ? '' : ` in ${reason.method}()`} (${reason.detail})`
    case 'hung':
      return `hung ${reason.method === '' ? 'between messages' : `in ${reason.method}()`} for ${reason.ageMs} ms${reason.frames.length > 0 ? `, at ${reason.frames[0]}` : ''}`
    case 'startFailed':
      return `start failed at ${reason.stage}: ${describeError(reason.error)}`
    case 'linked':
      return `linked to ${reason.path}, which ended: ${describeExit(reason.reason)}`
    case 'unkillable':
      return `unkillable: its thread is stuck in native code (${describeExit(reason.reason)})`
    default:
      return reason.kind
  }
}

/** Whatever was thrown: it may have no prototype, or be a Proxy whose traps throw, and must not keep a crash from being told. */
export function describeError(error: unknown): string {
  try {
    return errorText(error)
  } catch {
    return 'something that cannot be shown'
  }
}

function errorText(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`
  // An error that is still encoded, on the control side, brings its own line.
  const text = typeof error === 'object' && error !== null && 'text' in error ? error.text : undefined
  return typeof text === 'string' ? text : String(error)
}
