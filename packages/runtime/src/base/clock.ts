/**
 * G15: all time in the runtime is monotonic and comes through here. The real one is in node/clock.ts, the virtual one in
 * testing/virtual-clock.ts.
 */
export interface Clock {
  /** Milliseconds since an arbitrary moment that is the same for all threads of the process. Never goes back. */
  nowMs(): number
  /** Calls `task` once, at the earliest after `delayMs` (any finite length); returns what cancels it. */
  after(delayMs: number, task: () => void): Cancel
}

export type Cancel = () => void
