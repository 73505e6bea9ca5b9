import { Worker } from 'node:worker_threads'
import type { Arena } from '../queue/arena.ts'
import { showMemory } from '../queue/seat.ts'

const EVERY_MS = 3_000
/** A wake-up of an isolate whose code and memory nobody has touched for seconds costs 0.3 ms: 50 of them would take 0.5 % of a core. */
const IDLE_EVERY_MS = 15_000
/** What part of the time its event loop has had something to do. */
const IDLE_BELOW = 0.01

/** When the memory of an isolate is to be looked at next. One whose buffers are limited is looked at as if it were busy. */
export function nextMeasureMs(loopUse: number, isLimited: boolean): number {
  return loopUse < IDLE_BELOW && !isLimited ? IDLE_EVERY_MS : EVERY_MS
}

/**
 * Before Node 24 nobody can see an isolate's memory from outside: it writes it into its seat from time to time, as long as its
 * event loop turns. Later ones need not.
 */
export function measureOneself(arena: Arena, seat: number, isLimited: boolean, nowMs: () => number): void {
  if ('getHeapStatistics' in Worker.prototype) return
  const { getHeapStatistics } = process.getBuiltinModule('node:v8')
  const measure = (): void => {
    const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes, external_memory: externalBytes } = getHeapStatistics()
    showMemory(arena, seat, { heapBytes, heapLimitBytes, externalBytes }, nowMs())
  }
  measure()
  let before = performance.eventLoopUtilization()
  const measureAgain = (): void => {
    measure()
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    setTimeout(measureAgain, nextMeasureMs(utilization, isLimited)).unref()
  }
  setTimeout(measureAgain, EVERY_MS).unref()
}
