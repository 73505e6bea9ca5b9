import { Worker } from 'node:worker_threads'
import type { Arena } from '../queue/arena.ts'
import { showMemory } from '../queue/seat.ts'

/** A wake-up of an idle isolate costs some 30 µs: this is one in a hundred thousand. */
const EVERY_MS = 3_000

/**
 * Before Node 24 nobody can see an isolate's memory from outside: it writes it into its seat from time to time, as long as its
 * event loop turns. Later ones need not.
 */
export function measureOneself(arena: Arena, seat: number, nowMs: () => number): void {
  if ('getHeapStatistics' in Worker.prototype) return
  const { getHeapStatistics } = process.getBuiltinModule('node:v8')
  const measure = (): void => {
    const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes, external_memory: externalBytes } = getHeapStatistics()
    showMemory(arena, seat, { heapBytes, heapLimitBytes, externalBytes }, nowMs())
  }
  measure()
  setInterval(measure, EVERY_MS).unref()
}
