import type { Address } from '../base/address.ts'
import type { ExitReason } from '../base/exit-reason.ts'

/** One incarnation of an actor; as one who asks, it may be the host. */
export interface Watcher {
  readonly address: Address
  readonly incarnation: number
}

export interface Watch {
  readonly id: number
  readonly watcher: Watcher
  readonly target: Address
  /** Whether the end of each incarnation is told as well. */
  readonly incarnations: boolean
}

const ENDS_KEPT = 4_096

/** Who watches whom. Watches belong to the watcher's incarnation, as monitors belong to a process: its successor asks anew. */
export class WatchList {
  readonly #watches = new Set<Watch>()
  /** Reasons of addresses that have ended lately, for those who ask too late; oldest first. */
  readonly #ends = new Map<string, ExitReason>()
  /** Most reasons are one word, and come from an isolate as a copy each time: of each word one is kept, and not thousands. */
  readonly #words = new Map<string, ExitReason>()

  add(watch: Watch): void {
    this.#watches.add(watch)
  }

  remove(id: number, watcher: Watcher): void {
    for (const watch of this.#watches) if (watch.id === id && isSame(watch.watcher, watcher)) this.#watches.delete(watch)
  }

  dropWatcher(watcher: Watcher): void {
    for (const watch of this.#watches) if (isSame(watch.watcher, watcher)) this.#watches.delete(watch)
  }

  /** Those who want to be told of each incarnation's end. */
  ofIncarnations(target: Address): Watch[] {
    return [...this.#watches].filter((watch) => watch.incarnations && keyOf(watch.target) === keyOf(target))
  }

  /** The address has ended: those to be told, each once. */
  take(target: Address, reason: ExitReason): Watch[] {
    this.#ends.set(keyOf(target), this.#kept(reason))
    if (this.#ends.size > ENDS_KEPT) this.#ends.delete(this.#ends.keys().next().value!)
    const told = [...this.#watches].filter((watch) => keyOf(watch.target) === keyOf(target))
    for (const watch of told) this.#watches.delete(watch)
    return told
  }

  endOf(target: Address): ExitReason {
    return this.#ends.get(keyOf(target)) ?? { kind: 'unknown' }
  }

  #kept(reason: ExitReason): ExitReason {
    if (Object.keys(reason).length > 1) return reason
    const known = this.#words.get(reason.kind) ?? reason
    this.#words.set(known.kind, known)
    return known
  }
}

export function keyOf({ seat, generation }: Address): string {
  return `${seat}:${generation}`
}

export function keyOfIncarnation({ address, incarnation }: Watcher): string {
  return `${keyOf(address)}:${incarnation}`
}

export function isSame(a: Watcher, b: Watcher): boolean {
  return keyOfIncarnation(a) === keyOfIncarnation(b)
}
