import { parentPort, threadId } from 'node:worker_threads'
import { Actor } from '@troupe/runtime'

/** Says what it sees of its own thread. */
export class Threaded extends Actor {
  static readonly module = import.meta.url

  threadId(): number {
    return threadId
  }

  /** As a library does that believes to be in a worker of its own. */
  post(message: unknown): void {
    parentPort!.postMessage(message)
  }

  /** How many listeners the process object has, by event. */
  listeners(): Record<string, number> {
    return Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]))
  }
}
