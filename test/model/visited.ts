import { ModelError } from './model-error.ts'
import { THREADS_MAX } from './words.ts'

/** More preemptions than this are not told apart. */
export const PREEMPTIONS_MAX = 6
/** What else may happen than a step of a thread, as one more thread. */
export const OTHERS = THREADS_MAX
const BITS = 3
const NEVER = (1 << BITS) - 1
const NOTHING_TRIED = 2 ** (BITS * (OTHERS + 1)) - 1

/** A state in which the search is: what was tried from it before, and is tried now. */
export class Visited {
  readonly isNew: boolean
  tried: number

  constructor(tried: number | undefined) {
    this.isNew = tried === undefined
    this.tried = tried ?? NOTHING_TRIED
  }

  /** False: it was tried before, by a search that had spent no more preemptions after it. */
  shouldTry(what: number, preemptions: number): boolean {
    return ((this.tried >> (what * BITS)) & NEVER) > preemptions
  }

  willTry(what: number, preemptions: number): void {
    this.tried &= ~(NEVER << (what * BITS))
    this.tried |= preemptions << (what * BITS)
  }
}

/**
 * What was tried from each state, by the key of the state. With it goes what the threads are about to do: where two states
 * with one key differ in that, the key says too little, and the search would skip one of them.
 */
export class VisitedStates {
  readonly #states = new Map<number, number>()

  clear(): void {
    this.#states.clear()
  }

  at(key: number, intent: number): Visited {
    const known = this.#states.get(key)
    if (known === undefined) return new Visited(undefined)
    if (Math.floor(known / (NOTHING_TRIED + 1)) !== intent) throw new ModelError('two different states look the same to the model')
    return new Visited(known % (NOTHING_TRIED + 1))
  }

  keep(key: number, intent: number, { tried }: Visited): void {
    this.#states.set(key, intent * (NOTHING_TRIED + 1) + tried)
  }
}
