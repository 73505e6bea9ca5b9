import { assert } from './assert.ts'
import { InvalidArgumentError } from './errors.ts'
import { didYouMean } from './nearest-name.ts'
import { shown } from './shown.ts'

/** Every limit of the runtime, with its unit in its name. What a user can set has its default here. */
export interface SystemLimits {
  /** Actors of the system at one time. Each has its own isolate of 6 to 12 MB. Default 254. */
  readonly actorsMax: number
  /** Bytes that one sender may have waiting in one mailbox. Default 4 MiB. */
  readonly laneBytesMax: number
  /** Messages that one sender may have waiting in one mailbox. Default 65 536. */
  readonly laneMessagesMax: number
  /** Bytes of one message. Default 64 MiB. */
  readonly messageBytesMax: number
  /** Bytes of all mailboxes of the system together. Default 512 MiB. */
  readonly arenaBytesMax: number
  /** Dead letters that `system.deadLetters` keeps. Default 1 000. */
  readonly deadLettersMax: number
}

export const DEFAULT_LIMITS: SystemLimits = {
  actorsMax: 254,
  laneBytesMax: 4 * 1024 * 1024,
  laneMessagesMax: 65_536,
  messageBytesMax: 64 * 1024 * 1024,
  arenaBytesMax: 512 * 1024 * 1024,
  deadLettersMax: 1_000,
}

/** OTP waits 5 s for a reply and for a worker's shutdown. */
export const ASK_TIMEOUT_MS = 5_000
export const SHUTDOWN_MS = 5_000
/** Import, constructor and onStart together. */
export const START_MS = 30_000
/** A message that keeps the event loop from turning for so long has hung: no honest work blocks a service's actor for a minute. */
export const HANG_AFTER_MS = 60_000
/** A thread that has not ended this long after `terminate()` is stuck in native code. */
export const KILL_GRACE_MS = 2_000
/** Idle isolates beyond this would never be used before they are made anew. */
export const SPARES_MAX = 64
export const NAME_LENGTH_MAX = 128
/**
 * The control side looks at every seat this often: the last net under a lost wake-up (D3), and how soon a message is seen that
 * hangs. So a verdict comes within 100 ms after `hangAfterMs`, the kill included.
 */
export const SCAN_MS = 75
/** While everybody sleeps it looks this often only, and from the moment on that somebody is woken as often as before (system/scans.ts). */
export const REST_MS = 1_000

assert(DEFAULT_LIMITS.messageBytesMax < DEFAULT_LIMITS.arenaBytesMax, 'one message must fit into the arena')

export function limitsWith(wanted: Partial<SystemLimits> | undefined): SystemLimits {
  if (wanted !== undefined && typeof wanted !== 'object')
    throw new InvalidArgumentError(`limits is ${shown(wanted)}, and must be an object: { laneMessagesMax: 1_000 }.`)
  const limits = { ...DEFAULT_LIMITS, ...wanted }
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS))
      throw new InvalidArgumentError(
        `limits.${name} is unknown.${didYouMean(name, Object.keys(DEFAULT_LIMITS)) || ` Known: ${Object.keys(DEFAULT_LIMITS).join(', ')}.`}`,
      )
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`limits.${name} must be a whole number above 0, and is ${shown(value)}.`)
  }
  if (limits.actorsMax > 4_094)
    throw new InvalidArgumentError(`limits.actorsMax is ${limits.actorsMax}; a process cannot hold more than 4094 isolates.`)
  return limits
}

/**
 * G15: a duration is a finite number of milliseconds above 0. Infinity is allowed where waiting for ever is meant to be
 * possible; durations past 2^31−1 ms work (clock.ts splits them).
 */
export function checkDuration(value: unknown, name: string, { infinity = false } = {}): number {
  if (typeof value === 'number' && value > 0 && (Number.isFinite(value) || infinity)) return value
  throw new InvalidArgumentError(
    `${name} must be a number of milliseconds above 0${infinity ? ' (Infinity: no limit)' : ''}, and is ${shown(value)}.`,
  )
}
