import type { Cancel, Clock } from '../base/clock.ts'

/** As it was at the start: test runners replace it by one that stands still, and loops here wait for it to move. */
const now = performance.now.bind(performance)
/** setTimeout's own limit: beyond it Node fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * Monotonic, and the same for all threads of the process: `performance.now()` counts from each thread's own start, so it
 * is shifted once to the process's high-resolution time. Timers do not keep the process alive: what it waits for does.
 */
export function nodeClock(): Clock {
  const shiftMs = shiftBetweenClocks()
  return { nowMs: () => now() + shiftMs, after }
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

/**
 * A thread can lose the processor between two looks, and would be wrong by as long as it was away: of several pairs the one
 * that took least time is right.
 */
function shiftBetweenClocks(): number {
  let shiftMs = 0
  let leastMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8; i++) {
    const beforeMs = now()
    const processMs = Number(process.hrtime.bigint()) / 1e6
    const tookMs = now() - beforeMs
    if (tookMs >= leastMs) continue
    leastMs = tookMs
    shiftMs = processMs - beforeMs - tookMs / 2
  }
  return shiftMs
}
