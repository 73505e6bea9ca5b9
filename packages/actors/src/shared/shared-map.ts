import { Actor } from '@troupe/runtime'
import { checkKeepable } from '../keepable.ts'
import { checkKey } from './key.ts'

/** What has changed since a version; `entries` without a value have been deleted. */
export interface MapChanges {
  readonly version: string
  /** Everything, because that version is too old or of another incarnation: what is not in it is not there. */
  readonly isAll: boolean
  readonly entries: readonly (readonly [key: string, value: unknown] | readonly [key: string])[]
}

const CHANGES_KEPT = 1_024

/**
 * A map for all isolates. Read from it with an ask, which copies one value; or through a `MapView`, which follows it and reads in its own
 * isolate. A restart begins with `initial` again.
 */
export class SharedMap extends Actor {
  static readonly module = import.meta.url
  readonly #values: Map<string, unknown>
  /** Keys in the order of their last changes; the first of them was change number `#first`. */
  #changes: string[] = []
  #first = 0
  readonly #era = `${Math.random().toString(36).slice(2)}`

  constructor(initial: Readonly<Record<string, unknown>> = {}) {
    super()
    this.#values = new Map(Object.entries(initial))
  }

  get(key: string): unknown {
    return this.#values.get(key)
  }

  /** @throws {InvalidArgumentError, NotSendableError} for a key that is no text, and a value that holds a function or a stream */
  set(key: string, value: unknown): void {
    checkKey(key, 'SharedMap')
    checkKeepable(value, 'the value', `${this.context.path}: ${key}`)
    this.#values.set(key, value)
    this.#changed(key)
  }

  delete(key: string): boolean {
    const isThere = this.#values.delete(key)
    if (isThere) this.#changed(key)
    return isThere
  }

  /** Sets it only if it is still what the caller has seen, by its JSON; undefined: not there. Says whether it did. */
  replace(key: string, seen: unknown, value: unknown): boolean {
    if (JSON.stringify(this.#values.get(key)) !== JSON.stringify(seen)) return false
    this.set(key, value)
    return true
  }

  entries(): [string, unknown][] {
    return [...this.#values]
  }

  changesSince(version: string): MapChanges {
    const now = `${this.#era}:${this.#first + this.#changes.length}`
    const [era, number] = version.split(':')
    const from = Number(number) - this.#first
    if (era !== this.#era || !(from >= 0)) return { version: now, isAll: true, entries: this.entries() }
    const keys = [...new Set(this.#changes.slice(from))]
    return { version: now, isAll: false, entries: keys.map((key) => (this.#values.has(key) ? [key, this.#values.get(key)] : [key])) }
  }

  #changed(key: string): void {
    this.#changes.push(key)
    if (this.#changes.length < CHANGES_KEPT * 2) return
    this.#first += CHANGES_KEPT
    this.#changes = this.#changes.slice(CHANGES_KEPT)
  }
}
