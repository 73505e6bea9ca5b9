import { ALL_WORDS } from './words.ts'

/**
 * Which threads use each word, and which of them write it: only where another one could interfere does a thread have to
 * stop, so that all orders are tried. Found while searching; what is found counts from the next run on, so that a run can
 * be replayed.
 */
export class Contention {
  readonly #users = new Int32Array(ALL_WORDS)
  readonly #writers = new Int32Array(ALL_WORDS)
  /** Word, thread and whether it writes, in one number. */
  readonly #found = new Set<number>()

  note(index: number, thread: number, isWrite: boolean): void {
    const bit = 1 << thread
    if (((isWrite ? this.#writers : this.#users)[index]! & bit) === 0) this.#found.add((index << 16) | (bit << 1) | (isWrite ? 1 : 0))
  }

  /** The threads, a bit for each, that may do what does not go in any order with this use of a word. */
  rivals(index: number, thread: number, isWrite: boolean): number {
    return (isWrite ? this.#users : this.#writers)[index]! & ~(1 << thread)
  }

  /** False: nothing new was found that matters. */
  learn(): boolean {
    let isNew = false
    for (const one of this.#found) {
      const index = one >> 16
      const bit = (one >> 1) & 0x7fff
      this.#add(index, bit, (one & 1) === 0 ? 0 : bit)
      if (this.#writers[index] !== 0 && this.#users[index] !== bit) isNew = true
    }
    this.#found.clear()
    return isNew
  }

  #add(index: number, users: number, writers: number): void {
    this.#users[index]! |= users
    this.#writers[index]! |= writers
  }

  toString(): string {
    const used = [...this.#users.keys()].filter((word) => this.#writers[word] !== 0)
    return used.map((word) => ((word << 16) | (this.#users[word]! << 8) | this.#writers[word]!).toString(36)).join('.')
  }

  /** Takes over what another search knew. */
  parse(text: string): void {
    for (const one of text.split('.').filter(Boolean)) {
      const all = Number.parseInt(one, 36)
      this.#add(all >> 16, (all >> 8) & 0xff, all & 0xff)
    }
  }
}
