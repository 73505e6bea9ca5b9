/**
 * A pause before each restart, for what fails because the world does: a database that is down is not helped by being asked
 * a thousand times. Off by default: OTP restarts at once, and its intensity is what ends a loop. Both can be had together.
 */
export interface Backoff {
  /** Before the first restart after a quiet time. */
  readonly firstMs: number
  /** The longest pause. */
  readonly maxMs: number
  /** Each pause is so many times as long as the one before it. */
  readonly factor: number
  /** 0 to 1: each pause is longer or shorter by up to this part of it, so that those who fail together do not come back together. */
  readonly jitter: number
  /** Who has lived so long begins with `firstMs` again. */
  readonly quietMs: number
}

export interface BackoffOptions {
  /** Milliseconds above 0 before the first restart. */
  readonly firstMs: number
  /** Milliseconds: the longest pause. */
  readonly maxMs: number
  /** Default 2. */
  readonly factor?: number
  /** 0 (none) to 1. Default 0.2. */
  readonly jitter?: number
  /** Milliseconds of life after which it begins with `firstMs` again. Default `maxMs`. */
  readonly quietMs?: number
}

const FACTOR = 2
const JITTER = 0.2

/** What is wrong in it is told with all other faults of the tree (spec-faults.ts). */
export function backoffOf(options: BackoffOptions | undefined): Backoff | undefined {
  if (typeof options !== 'object' || options === null) return options
  return { ...options, factor: options.factor ?? FACTOR, jitter: options.jitter ?? JITTER, quietMs: options.quietMs ?? options.maxMs }
}

/** How often a child has failed in a row, and what it waits for because of that. Part of the state of static and dynamic children. */
export interface Failures {
  /** Restarts without a quiet time between them. */
  readonly inARow: number
  /** When it was last ready. */
  readonly readyAtMs: number
  /** Until when it waits for its restart; undefined: it does not. */
  readonly waitUntilMs: number | undefined
  /** Whether the restart it waits for is in the intensity already. */
  readonly isCounted: boolean
}

export const NO_FAILURES: Failures = { inARow: 0, readyAtMs: 0, waitUntilMs: undefined, isCounted: false }

/** It has ended (`isCounted`), or did not start: the pause before the next try. Without a backoff there is none. */
export function afterFailure(
  backoff: Backoff | undefined,
  before: Failures,
  { atMs, random = 0.5 }: { readonly atMs: number; readonly random?: number },
  isCounted: boolean,
): Failures {
  if (backoff === undefined) return NO_FAILURES
  const wasQuiet = isCounted && atMs - before.readyAtMs >= backoff.quietMs
  const inARow = wasQuiet ? 1 : before.inARow + 1
  return { ...before, inARow, waitUntilMs: atMs + pauseMs(backoff, inARow, random), isCounted }
}

/** For whoever is told that it comes back. */
export function pauseAfter({ waitUntilMs }: Failures, atMs: number): number | undefined {
  return waitUntilMs === undefined ? undefined : Math.ceil(waitUntilMs - atMs)
}

/** Exponential, with jitter; `random` is from 0 to 1. */
export function pauseMs({ firstMs, maxMs, factor, jitter }: Backoff, inARow: number, random: number): number {
  const plainMs = Math.min(maxMs, firstMs * factor ** (inARow - 1))
  return Math.min(maxMs, plainMs * (1 - jitter + 2 * jitter * random))
}
