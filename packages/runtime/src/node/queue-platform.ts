import { threadId } from 'node:worker_threads'
import type { QueuePlatform } from '../mailbox/queue-thread.ts'
import { nodeClock } from './clock.ts'
import { availableCores } from './machine.ts'

/** As an isolate's own wait: long enough to see what follows a wake-up (D4). */
const SPIN_MS = 0.05

/** What queues need of a thread of Node. */
export function nodeQueuePlatform(): QueuePlatform {
  return {
    clock: nodeClock(),
    thread: threadId,
    spinMs: availableCores() > 1 ? SPIN_MS : 0,
    nextTurn: (task) => void setImmediate(task),
    afterHolding: (delayMs, task) => {
      const timer = setTimeout(task, delayMs)
      return () => clearTimeout(timer)
    },
  }
}
