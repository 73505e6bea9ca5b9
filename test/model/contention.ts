import { ALL_WORDS } from './words.ts'

/**
 * Which words need all orders: they are used by two threads at least, of which one writes. Found while searching; what
 * is found counts from the next run on, so that a run can be replayed.
 */
export class Contention {
  readonly isContended = new Uint8Array(ALL_WORDS)
  readonly #users = new Int32Array(ALL_WORDS)
  readonly #isWritten = new Uint8Array(ALL_WORDS)
  #found = new Set<number>()

  note(index: number, thread: number, isWrite: boolean): void {
    const users = (this.#users[index]! |= 1 << thread)
    if (isWrite) this.#isWritten[index] = 1
    if (this.isContended[index] !== 0 || this.#isWritten[index] === 0 || (users & (users - 1)) === 0) return
    this.#found.add(index)
  }

  /** False: nothing new was found. */
  learn(): boolean {
    for (const index of this.#found) this.isContended[index] = 1
    const isNew = this.#found.size > 0
    this.#found.clear()
    return isNew
  }

  words(): number[] {
    return [...this.isContended.keys()].filter((word) => this.isContended[word] !== 0)
  }
}
