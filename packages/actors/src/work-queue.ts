import { Actor, type AnyRef, type Signal } from '@troupe/runtime'
import { checkKeepable } from './keepable.ts'
import { checkOptions } from './options.ts'

export interface QueueItem<T> {
  /** Chosen by who puts it. Putting an id that waits or is leased already changes nothing, so that a put may be repeated. */
  readonly id: string
  readonly value: T
}

export interface LeasedItem<T> extends QueueItem<T> {
  /** 1 at first; more when earlier leases of this item came back. A worker that dies of an item sees it here. */
  readonly attempt: number
}

export interface WorkQueueOptions {
  /** Items that may wait; leased ones do not count. Default 10 000. */
  readonly capacity?: number
}

export interface TakeOptions {
  /** At most so many items. */
  readonly max: number
  /** After so many milliseconds without `done` an item is handed out again. */
  readonly leaseMs: number
  /** The worker's `this.context.incarnation`. A higher one than before says that the earlier one died: what that held comes back at once. */
  readonly incarnation?: number
}

export interface QueueStats {
  readonly waiting: number
  readonly leased: number
  readonly done: number
  readonly capacity: number
  /** Higher than before: the queue was restarted and has forgotten everything. Put again what is not done. */
  readonly incarnation: number
}

interface Lease<T> {
  readonly item: LeasedItem<T>
  readonly worker: string
  readonly incarnation: number
  readonly endsMs: number
}

/**
 * Hands out work to those who ask for it: a slow worker gets less, and what a dead one had comes back. At least once: an item
 * whose lease ran out may be done twice, so doing it twice must be harmless. The items are in the memory of this actor
 * only; who puts them keeps them until it sees their effect.
 */
export class WorkQueue<T = unknown> extends Actor {
  static readonly module = import.meta.url
  readonly #capacity: number
  readonly #waiting = new Map<string, LeasedItem<T>>()
  readonly #leases = new Map<string, Lease<T>>()
  readonly #workers = new Map<string, number>()
  #done = 0

  constructor(options: WorkQueueOptions = {}) {
    super()
    this.#capacity = checkOptions(options, { capacity: true }, 'WorkQueue').capacity ?? 10_000
  }

  /**
   * Accepts the first so many of `items`, as long as there is room: the rest is for the caller to keep and put again.
   *
   * @throws {NotSendableError} for a value that holds a function or a stream
   */
  put(items: readonly QueueItem<T>[]): { readonly accepted: number; readonly incarnation: number } {
    checkKeepable(items, 'items', `${this.context.path}.put()`)
    let accepted = 0
    for (const { id, value } of items) {
      const known = this.#waiting.has(id) || this.#leases.has(id)
      if (!known && this.#waiting.size >= this.#capacity) break
      if (!known) this.#waiting.set(id, { id, value, attempt: 1 })
      accepted++
    }
    return { accepted, incarnation: this.context.incarnation }
  }

  /** Up to `max` items in the order in which they were put, at once: an empty list when none waits. */
  take(worker: AnyRef, options: TakeOptions): LeasedItem<T>[] {
    const incarnation = options.incarnation ?? 0
    this.#greet(worker, incarnation)
    this.#takeBack((lease) => lease.endsMs <= performance.now())
    const taken = [...this.#waiting.values()].slice(0, Math.max(0, options.max))
    for (const item of taken) {
      this.#waiting.delete(item.id)
      this.#leases.set(item.id, { item, worker: worker.path, incarnation, endsMs: performance.now() + options.leaseMs })
    }
    return taken
  }

  /** These need not be done again, whoever did them. Returns how many the queue knew of. */
  done(ids: readonly string[]): number {
    const known = ids.filter((id) => this.#leases.delete(id) || this.#waiting.delete(id))
    this.#done += known.length
    return known.length
  }

  /** The worker gives back what it holds and cannot do now. It goes to the end of the queue. */
  giveBack(worker: AnyRef, ids: readonly string[]): void {
    const given = new Set(ids)
    this.#takeBack((lease) => lease.worker === worker.path && given.has(lease.item.id))
  }

  stats(): QueueStats {
    this.#takeBack((lease) => lease.endsMs <= performance.now())
    return {
      waiting: this.#waiting.size,
      leased: this.#leases.size,
      done: this.#done,
      capacity: this.#capacity,
      incarnation: this.context.incarnation,
    }
  }

  /** The address of a worker has ended: nobody will finish what it held. */
  override onSignal(signal: Signal): void {
    if (signal.type !== 'terminated') return
    this.#workers.delete(signal.path)
    this.#takeBack((lease) => lease.worker === signal.path)
  }

  #greet(worker: AnyRef, incarnation: number): void {
    const known = this.#workers.get(worker.path)
    if (known === undefined) this.context.watch(worker)
    else if (incarnation > known) this.#takeBack((lease) => lease.worker === worker.path && lease.incarnation < incarnation)
    this.#workers.set(worker.path, Math.max(incarnation, known ?? 0))
  }

  /** What comes back may exceed the capacity: it was accepted once, and is not dropped. */
  #takeBack(ended: (lease: Lease<T>) => boolean): void {
    for (const [id, lease] of this.#leases) {
      if (!ended(lease)) continue
      this.#leases.delete(id)
      this.#waiting.set(id, { ...lease.item, attempt: lease.item.attempt + 1 })
    }
  }
}
