import { mix } from './hash.ts'
import type { Thread, Wake } from './thread.ts'

interface Waiter {
  readonly index: number
  readonly thread: Thread
  /** Undefined: the wait is synchronous. */
  readonly wake: Wake | undefined
}

/** Who waits for a notification, in the order in which they came. The dead stay in line: a notification may still go to them. */
export class Waiters {
  #waiting: Waiter[] = []

  reset(): void {
    this.#waiting = []
  }

  addSync(thread: Thread, index: number): void {
    this.#waiting.push({ thread, wake: undefined, index })
  }

  /** What is pushed into the list that comes back is called when the thread takes notice of its notification. */
  addAsync(thread: Thread, index: number, expected: number): (() => void)[] {
    const wake: Wake = { expected, onWake: [] }
    this.#waiting.push({ thread, wake, index })
    return wake.onWake
  }

  /** A synchronous wait is over, by a notification or without one. */
  leave(one: Thread): void {
    this.#waiting = this.#waiting.filter(({ thread, wake }) => thread !== one || wake !== undefined)
  }

  notify(index: number, count: number): number {
    const due = this.#waiting.filter((waiter) => waiter.index === index).slice(0, count)
    this.#waiting = this.#waiting.filter((waiter) => !due.includes(waiter))
    for (const { thread, wake } of due) {
      if (thread.isOver) continue
      if (wake === undefined) thread.isNotified = true
      else thread.woken.push(wake)
    }
    return due.length
  }

  mixedInto(hash: number): number {
    let mixed = hash
    for (const { thread, wake, index } of this.#waiting) {
      mixed = mix(mixed, (index << 5) | (thread.id << 1) | (wake === undefined ? 1 : 0))
      if (wake !== undefined) mixed = mix(mixed, wake.expected)
    }
    return mixed
  }
}
