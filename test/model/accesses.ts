import { mix } from './hash.ts'
import { ModelError } from './model-error.ts'
import type { Thread } from './thread.ts'
import { ALL_WORDS, THREADS_MAX } from './words.ts'

/**
 * Who used each word last, and when in the life of that thread; and what an atomic write there has released. With the
 * threads' vector clocks this tells a race: two accesses, one of them plain and one a write, that no atomic operation puts
 * in an order.
 */
export class Accesses {
  readonly #writer = new Int8Array(ALL_WORDS).fill(-1)
  readonly #writeTime = new Int32Array(ALL_WORDS)
  readonly #isPlainWrite = new Uint8Array(ALL_WORDS)
  readonly #readTime = new Int32Array(ALL_WORDS * THREADS_MAX)
  readonly #released = new Int32Array(ALL_WORDS * THREADS_MAX)

  reset(): void {
    this.#writer.fill(-1)
    this.#readTime.fill(0)
    this.#released.fill(0)
  }

  plainRead(thread: Thread, index: number): void {
    if (this.#isAfterLastWrite(thread, index)) this.#readTime[index * THREADS_MAX + thread.id] = thread.clock[thread.id]!
    else race(thread, index, 'reads')
  }

  atomicRead(thread: Thread, index: number): void {
    if (this.#isPlainWrite[index] !== 0 && !this.#isAfterLastWrite(thread, index)) race(thread, index, 'loads')
  }

  /** Before a write. Two atomic writes need no order. */
  checkWrite(thread: Thread, index: number, isPlain: boolean): void {
    if ((isPlain || this.#isPlainWrite[index] !== 0) && !this.#isAfterLastWrite(thread, index)) race(thread, index, 'writes')
    for (let i = 0; i < THREADS_MAX; i++) {
      const time = this.#readTime[index * THREADS_MAX + i]!
      if (time > 0 && !isBefore(i, time, thread)) race(thread, index, 'writes')
    }
  }

  written(thread: Thread, index: number, isPlain: boolean): void {
    this.#writer[index] = thread.id
    this.#writeTime[index] = thread.id < 0 ? 0 : thread.clock[thread.id]!
    this.#isPlainWrite[index] = isPlain ? 1 : 0
  }

  /** Who reads this word with an atomic operation comes after all that the thread has done until now. */
  release(thread: Thread, index: number): void {
    this.#released.set(thread.clock, index * THREADS_MAX)
  }

  /** Who reads this word comes after nothing: it was not written by an atomic operation. */
  releaseNothing(index: number): void {
    this.#released.fill(0, index * THREADS_MAX, (index + 1) * THREADS_MAX)
  }

  acquire(thread: Thread, index: number): void {
    const at = index * THREADS_MAX
    for (let i = 0; i < THREADS_MAX; i++) if (this.#released[at + i]! > thread.clock[i]!) thread.clock[i] = this.#released[at + i]!
  }

  /** A value that differs when somebody else wrote it, or at another time. */
  signed(value: number, index: number): number {
    return mix(mix(value, this.#writer[index]!), this.#writeTime[index]!)
  }

  /** `salt1` and `salt2` keep the two hashes of a state apart. */
  hash(salt1: number, salt2: number): number {
    let hash = 0
    for (let i = 0; i < ALL_WORDS; i++) {
      for (let at = i * THREADS_MAX; at < (i + 1) * THREADS_MAX; at++) {
        if (this.#released[at] === 0 && this.#readTime[at] === 0) continue
        hash ^= mix(mix(at + salt1, this.#released[at]!), this.#readTime[at]!)
      }
      if (this.#writer[i]! >= 0) hash ^= this.signed(i + salt2, i)
    }
    return hash
  }

  #isAfterLastWrite(thread: Thread, index: number): boolean {
    const writer = this.#writer[index]!
    return writer < 0 || isBefore(writer, this.#writeTime[index]!, thread)
  }
}

function isBefore(other: number, time: number, { id, clock }: Thread): boolean {
  return other === id || id < 0 || clock[other]! >= time
}

function race({ name }: Thread, index: number, what: string): never {
  throw new ModelError(`a race: ${name} ${what} word ${index} without an order to another thread's access`)
}
