import { Cache, LeasePool } from '@troupe/actors'
import type { ActorContext } from '@troupe/runtime'

const cell = new Int32Array(new SharedArrayBuffer(4))

function waitUntilGivenUp(context: ActorContext): void {
  while (!context.cancelled) Atomics.wait(cell, 0, 0, 1)
}

/** Grants at once, and says so when who has asked has given up. */
export class LatePool extends LeasePool {
  static override readonly module = import.meta.url
  #isLate = false

  setLate(isLate: boolean): void {
    this.#isLate = isLate
  }

  override borrow(...args: Parameters<LeasePool['borrow']>): ReturnType<LeasePool['borrow']> {
    const turn = super.borrow(...args)
    if (this.#isLate) waitUntilGivenUp(this.context)
    return turn
  }
}

/** Says at once who is to load, and says so when who has asked has given up. */
export class LateCache extends Cache {
  static override readonly module = import.meta.url
  #isLate = false

  setLate(isLate: boolean): void {
    this.#isLate = isLate
  }

  override find(...args: Parameters<Cache['find']>): ReturnType<Cache['find']> {
    const turn = super.find(...args)
    if (this.#isLate) waitUntilGivenUp(this.context)
    return turn
  }
}
