import { setTimeout as sleep } from 'node:timers/promises'
import { type Barrier, type Cache, CacheView, MapView, type RateLimiter, Rates, type SharedMap } from '@troupe/actors'
import { Actor, type ActorRef } from '@troupe/runtime'

/** Uses what isolates share. */
export class Sharer extends Actor {
  static readonly module = import.meta.url
  #loads = 0
  #view: CacheView<string> | undefined
  #map: MapView<{ n: number }> | undefined

  /** Loads for so long, if it is the one who has to. */
  async read(cache: ActorRef<Cache>, key: string, loadMs: number): Promise<string> {
    this.#view ??= new CacheView(this.context, cache)
    return await this.#view.get(key, async () => {
      this.#loads++
      await sleep(loadMs)
      if (key === 'bad') throw new RangeError('nothing there')
      return `${key} by ${this.context.path}`
    })
  }

  loads(): number {
    return this.#loads
  }

  async passGate(barrier: ActorRef<Barrier>): Promise<number> {
    return barrier.ask({ timeoutMs: 30_000 }).wait()
  }

  /** As often as it is allowed; says how often. */
  async useUp(limiter: ActorRef<RateLimiter>, ms: number): Promise<number> {
    const rates = new Rates(limiter)
    let allowed = 0
    for (const untilMs = performance.now() + ms; performance.now() < untilMs; ) {
      if (await rates.check('key')) allowed++
      else await sleep(1)
    }
    return allowed
  }

  async follow(map: ActorRef<SharedMap>): Promise<void> {
    this.#map ??= new MapView(map, { everyMs: 5 })
    await this.#map.refresh()
  }

  seen(key: string): { readonly n: number | undefined; readonly isFrozen: boolean } {
    const value = this.#map!.get(key)
    return { n: value?.n, isFrozen: Object.isFrozen(value) }
  }
}
