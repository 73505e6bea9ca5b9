/** How the resources of an isolate are made, tried and ended. */
export interface Resource<R> {
  create(): R | Promise<R>
  destroy(resource: R): unknown
  /** Whether it is still good, before it is lent again: false, or a throw, and a new one is made. Default: it is. */
  check?(resource: R): unknown
  /** Milliseconds after which an idle one is destroyed. Default 30 000; Infinity: never; 0: none is kept. */
  readonly idleMs?: number
}

interface Idle<R> {
  readonly resource: R
  readonly sinceMs: number
}

const IDLE_MS = 30_000

/** The resources of one isolate that nobody uses now, each in its slot. */
export class IdleResources<R> {
  readonly #resource: Resource<R>
  readonly #onVacated: (slot: number) => void
  readonly #idle = new Map<number, Idle<R>>()
  /** Of slots whose resource is being destroyed: until then another one would be one too many. */
  readonly #ending = new Map<number, Promise<void>>()
  #sweeper: NodeJS.Timeout | undefined

  /** `onVacated`: what was idle in that slot was destroyed. */
  constructor(resource: Resource<R>, onVacated: (slot: number) => void) {
    this.#resource = resource
    this.#onVacated = onVacated
  }

  /** Whether any are kept at all. */
  get isKept(): boolean {
    return this.#resource.idleMs !== 0
  }

  slots(): number[] {
    return [...this.#idle.keys()]
  }

  /** The one of that slot if it is still good; else a new one. At once where nothing has to be waited for. */
  take(slot: number): R | Promise<R> {
    const idle = this.#remove(slot)
    if (idle === undefined) {
      const ending = this.#ending.get(slot)
      return ending === undefined ? this.#resource.create() : ending.then(() => this.#resource.create())
    }
    return this.#resource.check === undefined ? idle.resource : this.#checked(idle)
  }

  async #checked(idle: Idle<R>): Promise<R> {
    try {
      if ((await this.#resource.check!(idle.resource)) !== false) return idle.resource
    } catch {
      // A check that fails says no.
    }
    await this.destroy(idle.resource)
    return await this.#resource.create()
  }

  put(slot: number, resource: R): void {
    this.#idle.set(slot, { resource, sinceMs: performance.now() })
    const idleMs = this.#resource.idleMs ?? IDLE_MS
    // One for all: a timer for each would cost more than a borrow.
    if (Number.isFinite(idleMs)) this.#sweeper ??= setInterval(() => this.#sweep(idleMs), Math.max(1, idleMs / 4)).unref()
  }

  #sweep(idleMs: number): void {
    for (const [slot, { sinceMs }] of this.#idle) if (performance.now() - sinceMs >= idleMs) void this.drop(slot)
    if (this.#idle.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  /** Ends an idle one; its place is free when that is done. */
  async drop(slot: number): Promise<void> {
    const idle = this.#remove(slot)
    if (idle !== undefined) {
      const ending = this.destroy(idle.resource).then(() => void this.#ending.delete(slot))
      this.#ending.set(slot, ending)
    }
    await this.#ending.get(slot)
    this.#onVacated(slot)
  }

  async clear(): Promise<void> {
    await Promise.all(this.slots().map((slot) => this.drop(slot)))
  }

  /** Whatever it throws: it is not lent again. */
  async destroy(resource: R): Promise<void> {
    try {
      await this.#resource.destroy(resource)
    } catch {
      // It was broken, which is why it is destroyed.
    }
  }

  #remove(slot: number): Idle<R> | undefined {
    const idle = this.#idle.get(slot)
    this.#idle.delete(slot)
    return idle
  }
}
