import type { Cancel, Clock } from '../base/clock.ts'

/** setTimeout's own limit: beyond it Node fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * Monotonic, and the same for all threads of the process: `performance.now()` counts from each thread's own start, so it
 * is shifted once to the process's high-resolution time. Timers do not keep the process alive: what it waits for does.
 */
export function nodeClock(): Clock {
  const shiftMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  return { nowMs: () => performance.now() + shiftMs, after }
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
