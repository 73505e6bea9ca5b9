import { mix } from './hash.ts'
import { ModelError } from './model-error.ts'
import * as O from './operation.ts'
import { DEAD, KILLED, Processor } from './processor.ts'
import { type Body, Thread } from './thread.ts'
import { STATUS_WORDS } from './words.ts'

/**
 * The machine that the transformed code runs on: threads that go on one at a time, from one atomic operation to the next,
 * and can be killed or woken in between.
 */
export class Machine {
  readonly processor = new Processor()
  threads: Thread[] = []

  reset(): void {
    this.threads = []
    this.processor.reset()
  }

  // ---- threads ----

  add(name: string, body: Body): Thread {
    const thread = new Thread(this.threads.length, name, body)
    this.threads.push(thread)
    return thread
  }

  /** Runs something to its end, without anybody in between. */
  finish(body: Body): unknown {
    this.processor.turnTo(this.processor.setup)
    const { done, value } = body.next()
    if (!done) throw new ModelError('it waits for somebody, and nobody is left')
    return value
  }

  isEnabled(thread: Thread): boolean {
    if (thread.isOver) return false
    if (thread.kind === O.SLEEP) return thread.woken.length > 0
    if (thread.kind === O.BLOCKED) return thread.isNotified
    return thread.kind !== O.UNTIL || this.processor.words.get(thread.index) !== 0
  }

  mayBeInterrupted(thread: Thread): boolean {
    return !thread.isOver && !this.isEnabled(thread) && (thread.kind === O.SLEEP || thread.kind === O.BLOCKED)
  }

  isDead(thread: Thread): boolean {
    return this.processor.words.get(STATUS_WORDS + thread.id) === DEAD
  }

  start(thread: Thread): void {
    this.#go(thread)
  }

  /** Performs the operation before which a thread stands, and goes on to its next one. */
  step(thread: Thread, killAfter = -1): void {
    thread.plainWrites = 0
    thread.killAfter = killAfter
    this.#go(thread)
    if (killAfter >= 0 && !thread.isOver) throw new ModelError('a kill came too late')
  }

  interrupt(thread: Thread): void {
    thread.isInterrupted = thread.isNotified = true
    this.#go(thread)
  }

  kill(thread: Thread): void {
    this.processor.letSee(thread)
    thread.isOver = true
    this.processor.dead |= 1 << thread.id
    thread.woken = []
    thread.tick()
    this.processor.words.put(STATUS_WORDS + thread.id, DEAD)
    this.processor.accesses.release(thread, STATUS_WORDS + thread.id)
    this.processor.trace?.(`${thread.name} is dead`)
  }

  #go(thread: Thread): void {
    this.processor.turnTo(thread)
    try {
      if (thread.body!.next().done) thread.isOver = true
    } catch (error) {
      if (error !== KILLED) throw error
      this.kill(thread)
    }
  }

  /** Whether nobody can come between what this thread does next, as long as it lives: who could waits for its end. */
  isAlone(thread: Thread): boolean {
    const rivals = this.processor.rivals(thread)
    const isRival = ({ id, isOver, kind, index }: Thread): boolean =>
      (rivals & (1 << id)) !== 0 && !isOver && (kind !== O.UNTIL || index !== STATUS_WORDS + thread.id)
    return !this.threads.some(isRival)
  }

  // ---- states ----

  /** What the threads have seen so far, to go on with it after a replay. */
  seen(): Int32Array {
    return Int32Array.from(this.threads.flatMap(({ seen1, seen2 }) => [seen1, seen2]))
  }

  /** The replay is over: what the threads see counts again. */
  recall(seen: Int32Array): void {
    this.processor.isReplaying = false
    for (const thread of this.threads) {
      thread.seen1 = seen[thread.id * 2]!
      thread.seen2 = seen[thread.id * 2 + 1]!
    }
  }

  /** What the threads are about to do. It follows from the state: where two differ in it, one key says too little. */
  intent(): number {
    let hash = 0
    for (const { isOver, kind, index, a, b } of this.threads)
      hash = isOver ? mix(hash, 1) : mix(mix(mix(hash, (index << 4) | kind), a | 0), b | 0)
    return hash >>> 0
  }

  /** Says everything about the present: the words, what the threads have seen and wait for, and, if told, who wrote what. */
  key(extra: number): number {
    let h1 = mix(this.processor.words.hash1, extra)
    let h2 = mix(this.processor.words.hash2, extra ^ 0x1b873593)
    for (const thread of this.threads) {
      h1 = thread.mixedInto(h1, thread.seen1)
      h2 = thread.mixedInto(h2, thread.seen2)
    }
    h1 = this.processor.waiters.mixedInto(h1)
    h2 = this.processor.waiters.mixedInto(h2)
    if (this.processor.tellsWriters) {
      for (const { clock } of this.threads) {
        for (const time of clock) {
          h1 = mix(h1, time)
          h2 = mix(h2, time)
        }
      }
      h1 ^= this.processor.accesses.hash(0, 0)
      h2 ^= this.processor.accesses.hash(0x51ed, 0x9e37)
    }
    return (h1 >>> 0) * 0x20_0000 + (h2 >>> 11)
  }
}
