import type { ActorRef } from '@troupe/runtime'
import { checkOptions } from '../options.ts'
import { frozen } from './frozen.ts'
import type { SharedMap } from './shared-map.ts'

const EVERY_MS = 50

/**
 * A SharedMap as this isolate knows it: reads are those of a Map and ask nobody, values are frozen. It follows the map every
 * `everyMs` (default 50), so it is behind by that and the way there; `refresh` brings it up to date.
 */
export class MapView<V> implements Disposable {
  readonly #map: ActorRef<SharedMap>
  readonly #values = new Map<string, V>()
  readonly #timer: NodeJS.Timeout
  #version = ''
  #refreshing: Promise<void> | undefined

  constructor(map: ActorRef<SharedMap>, options: { readonly everyMs?: number } = {}) {
    const { everyMs = EVERY_MS } = checkOptions(options, { everyMs: true }, 'MapView')
    this.#map = map
    // A map that is down, or has ended, is left as it was.
    this.#timer = setInterval(() => void this.refresh().catch(() => undefined), everyMs).unref()
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries()
  }

  get size(): number {
    return this.#values.size
  }

  /** Up to date with everything that was done before the call. */
  async refresh(): Promise<void> {
    // One that is under way may have been answered before.
    await this.#refreshing
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  async #refresh(): Promise<void> {
    const { version, isAll, entries } = await this.#map.ask.changesSince(this.#version)
    if (isAll) this.#values.clear()
    for (const [key, ...value] of entries) {
      if (value.length === 0) this.#values.delete(key)
      else this.#values.set(key, frozen(value[0] as V))
    }
    this.#version = version
  }
}
