import type { Cancel, Clock } from '../base/clock.ts'

/**
 * As it was at the start: test runners replace it by one that stands still, and loops here wait for it to move. Not `performance`: for
 * that Node loads 20 modules in every thread that touches it, 0.8 ms and 0.2 MB.
 */
const { hrtime } = process
/** setTimeout's own limit: beyond it Node fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Monotonic, and the same for all threads of the process. Timers do not keep the process alive: what it waits for does. */
export function nodeClock(): Clock {
  return { nowMs, after }
}

function nowMs(): number {
  const time = hrtime()
  return time[0] * 1_000 + time[1] / 1e6
}

function after(delayMs: number, task: () => void): Cancel {
  let timer: NodeJS.Timeout
  const arm = (leftMs: number): void => {
    timer = leftMs > TIMER_MS_MAX ? setTimeout(() => arm(leftMs - TIMER_MS_MAX), TIMER_MS_MAX) : setTimeout(task, leftMs)
    timer.unref()
  }
  arm(delayMs)
  return () => clearTimeout(timer)
}
