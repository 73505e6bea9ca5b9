import { add, load, notifyAll, store, waitAsync, waitSync } from './atomics.ts'

/**
 * One condition that any number of threads wait for: an epoch, and a flag that says that somebody does. The story of the
 * race: who waits loads the epoch, sets the flag, and looks once more; who makes the condition true does that first and
 * looks at the flag then. Whoever is second sees the other. The flag is cleared before the epoch moves on: a waiter that
 * sets it in between has an epoch that is about to pass, and does not sleep.
 *
 * A thread that is killed between the condition and the notify wakes nobody: so those who wait look again now and then.
 */
export class WaitWord {
  readonly #words: Int32Array
  readonly #epoch: number
  readonly #flag: number

  constructor(words: Int32Array, at: number) {
    this.#words = words
    this.#epoch = at
    this.#flag = at + 1
  }

  /** From here on a wake-up is owed. Look once more before you wait for what this returns. */
  announce(): number {
    const epoch = load(this.#words, this.#epoch)
    store(this.#words, this.#flag, 1)
    return epoch
  }

  wait(epoch: number, timeoutMs: number): void {
    waitSync(this.#words, this.#epoch, epoch, timeoutMs)
  }

  /** Undefined: the epoch has passed. */
  waitAsync(epoch: number): Promise<unknown> | undefined {
    return waitAsync(this.#words, this.#epoch, epoch)
  }

  wake(): void {
    if (load(this.#words, this.#flag) === 0) return
    store(this.#words, this.#flag, 0)
    this.ring()
  }

  /** Wakes all, whether or not they have said that they wait. */
  ring(): void {
    add(this.#words, this.#epoch, 1)
    notifyAll(this.#words, this.#epoch)
  }
}
