import { InvalidArgumentError } from '../base/errors.ts'
import { didYouMean } from '../base/nearest-name.ts'
import { shown } from '../base/shown.ts'
import type { Call } from './call.ts'
import type { Method } from './method-table.ts'

/** What a class says of how many of its messages may be at work at a time. */
export interface Overlap {
  /** `static concurrency`. Default 1. */
  readonly concurrency?: number
  /** `static reentrant`: names of methods. Default none. */
  readonly reentrant?: readonly string[]
}

/** Which call runs now, where several are at work: it is the same one after each of its awaits. */
export interface CallScope {
  run<T>(call: Call, work: () => T): T
  current(): Call | undefined
}

/** Its asks occupy nothing that anybody could wait for. */
export const NO_SLOT = -1

/** How many messages of an actor are at work, and which of its slots each of them takes. */
export class Slots {
  readonly count: number
  readonly #reentrant: ReadonlySet<Method>
  readonly #isTaken: boolean[]
  #taken = 0

  constructor(count: number, reentrant: ReadonlySet<Method>) {
    this.count = count
    this.#reentrant = reentrant
    this.#isTaken = new Array<boolean>(count).fill(false)
  }

  get areTaken(): boolean {
    return this.#taken === this.count
  }

  isReentrant(method: Method): boolean {
    return this.#reentrant.has(method)
  }

  /** The first that is free. */
  take(): number {
    const slot = this.#isTaken.indexOf(false)
    this.#isTaken[slot] = true
    this.#taken++
    return slot
  }

  free(slot: number): void {
    this.#isTaken[slot] = false
    this.#taken--
  }
}

/** Undefined where one message at a time is at work, also across awaits: nothing is kept for the others then. */
export function slotsOf(
  { concurrency = 1, reentrant = [] }: Overlap,
  methods: ReadonlyMap<string, Method>,
  name: string,
): Slots | undefined {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > CONCURRENCY_MAX)
    throw new InvalidArgumentError(`${name}.concurrency is ${shown(concurrency)}, and must be a whole number from 1 to ${CONCURRENCY_MAX}.`)
  if (!Array.isArray(reentrant))
    throw new InvalidArgumentError(`${name}.reentrant is ${shown(reentrant)}, and must be an array of names of its methods.`)
  for (const method of reentrant) {
    if (methods.has(method)) continue
    throw new InvalidArgumentError(
      `${name}.reentrant names ${shown(method)}, and there is no such method.${didYouMean(String(method), [...methods.keys()])}`,
    )
  }
  if (concurrency === 1 && reentrant.length === 0) return undefined
  return new Slots(concurrency, new Set(reentrant.map((method) => methods.get(method)!)))
}

const CONCURRENCY_MAX = 65_536
