import { ActorDownError } from '@troupe/runtime'
import { ParError } from '../errors.ts'
import { type Crew, callTaught, isGone, type Runner } from './crew.ts'
import { type CrewPlace, defaultThreads } from './crew-place.ts'
import { type ItemSource, itemAt, type Rest, type Taken } from './item-source.ts'
import type { AnyFunction, FunctionSource, Portable } from './portable-function.ts'
import { Stretches } from './stretches.ts'
import { type ChunkDone, type ChunkKind, isThenable, type SharedNumbers } from './task-runner.ts'

export interface ParJob {
  readonly kind: ChunkKind
  readonly fn: Portable<AnyFunction>
  readonly source: FunctionSource
  readonly initial?: unknown
  /** For results of shared items: they are written there, and not collected. */
  readonly into?: SharedNumbers | undefined
  /** What came of so many items from that index on: see `ChunkDone.values`. Called once for each item, in no order. */
  readonly collect: (index: number, count: number, values: unknown) => void
}

export interface ParRunOptions {
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined
  readonly hereMs?: number | undefined
}

type WorkHere = (...args: readonly unknown[]) => unknown

/** So much work goes into a chunk: a hundred times what its way there and back costs. */
const CHUNK_MS = 8
/** After so long a chunk is given back, done so far: items may be dearer than they looked. */
const SLICE_MS = 16
/** An isolate has its next chunk when it has done one. */
const CHUNKS_AHEAD = 2
/** Work that is done sooner than this is not worth a start of isolates, or the waking of those that are there. */
const COLD_MS = 40
const WARM_MS = 0.5
/** Chunks become smaller towards the end, so that all end together. */
const PARTS_PER_THREAD = 3
const CHUNK_ITEMS_MAX = 1 << 16

/**
 * One `par`. It begins here, with a stopwatch; what would take long goes to isolates, in chunks that each of them takes when
 * it has done the former one. So a small input costs what a loop costs, and no isolate waits while there are items.
 */
export class ParRun {
  readonly #items: ItemSource
  readonly #job: ParJob
  readonly #place: CrewPlace
  readonly #options: ParRunOptions
  readonly #threads: number
  /** Chunks of which only the first part was done. */
  readonly #returned: Taken[] = []
  #done = 0
  #msPerItem = 0
  #failure: { readonly error: unknown } | undefined
  #underWay = 0
  /** Lines that have nothing to do while others may still give something back. */
  #idle: (() => void)[] = []
  /** Of a `reduce`, as far as it was done here. */
  #total: { value: unknown } | undefined

  constructor(items: ItemSource, job: ParJob, place: CrewPlace, options: ParRunOptions) {
    this.#items = items
    this.#job = job
    this.#place = place
    this.#options = options
    this.#threads = options.threads ?? defaultThreads()
  }

  /** Rejects with ParError at the first item that fails, or with the signal's reason. */
  async run(): Promise<void> {
    const { signal } = this.#options
    signal?.throwIfAborted()
    let onAbort: (() => void) | undefined
    try {
      const work = this.#work()
      if (signal === undefined) return await work
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', (onAbort = () => reject(signal.reason))))
      await Promise.race([aborted, work])
    } catch (error) {
      this.#fail(error)
      throw error
    } finally {
      if (onAbort !== undefined) signal!.removeEventListener('abort', onAbort)
      this.#place.release()
    }
  }

  async #work(): Promise<void> {
    const hereMs = this.#options.hereMs ?? 1
    const isAllHere = typeof this.#job.fn === 'function' && hereMs > 0 && (await this.#workHere(this.#job.fn, hereMs))
    if (this.#total !== undefined) this.#job.collect(0, this.#done, this.#total.value)
    if (!isAllHere) await this.#workThere(await this.#place.crew())
  }

  /** True when all is done. Works on, a turn of the event loop at a time, as long as that is quicker than isolates would be. */
  async #workHere(fn: AnyFunction, hereMs: number): Promise<boolean> {
    let crew: Promise<unknown> | undefined
    let isCrewReady = false
    for (;;) {
      if (await this.#slice(fn as WorkHere, hereMs)) return true
      if (isCrewReady) return false
      const leftMs = this.#items.length === undefined ? Number.POSITIVE_INFINITY : (this.#items.length - this.#done) * this.#msPerItem
      const isWarm = this.#place.isWarm(this.#threads)
      if (isWarm && leftMs > WARM_MS) return false
      if (!isWarm && leftMs > COLD_MS && crew === undefined) {
        crew = this.#allRunners()
        crew.then(
          () => (isCrewReady = true),
          (error: unknown) => this.#fail(error),
        )
      }
      await nextTurn()
      if (this.#failure !== undefined) throw this.#failure.error
    }
  }

  async #allRunners(): Promise<void> {
    const crew = await this.#place.crew()
    await Promise.all(Array.from({ length: this.#threads }, (_, i) => crew.runner(i)))
  }

  /** Items here, for so long. True when there are none left. */
  async #slice(fn: WorkHere, ms: number): Promise<boolean> {
    const clock = new Stretches(ms)
    const before = this.#done
    const { rest } = this.#items
    const isOver = rest === undefined ? await this.#sliceOfIterable(fn, clock) : await this.#sliceOfRest(fn, clock, rest)
    this.#options.onProgress?.(this.#done, this.#items.length)
    this.#msPerItem = clock.elapsedMs() / Math.max(1, this.#done - before)
    return isOver
  }

  async #sliceOfRest(fn: WorkHere, clock: Stretches, { items, from, to }: Rest): Promise<boolean> {
    let i = from
    for (let end = from + clock.next(0, to - from); end > i; end = from + clock.next(i - from, to - from)) {
      for (; i < end; i++) {
        const pending = this.#one(fn, i, itemAt(items, i))
        if (pending === undefined) continue
        await pending
        if (this.#failure !== undefined) throw this.#failure.error
      }
    }
    this.#items.skip?.(i - from)
    return i === to
  }

  async #sliceOfIterable(fn: WorkHere, clock: Stretches): Promise<boolean> {
    let count = 0
    for (let end = clock.next(0, 1); end > count; end = clock.next(count, count + 1)) {
      const taken = await this.#items.take(1)
      if (taken === undefined) return true
      await this.#one(fn, taken.index, itemAt(taken.items, 0))
      if (this.#failure !== undefined) throw this.#failure.error
      count++
    }
    return false
  }

  #one(fn: WorkHere, index: number, item: unknown): Promise<void> | undefined {
    const { kind, initial } = this.#job
    // A copy, as in the other isolates: what `fn` adds to it must not be where they begin.
    if (kind === 'reduce') this.#total ??= { value: typeof initial === 'object' ? structuredClone(initial) : initial }
    let value: unknown
    try {
      value = kind === 'reduce' ? fn(this.#total!.value, item, index) : fn(item, index)
    } catch (error) {
      throw new ParError(index, error)
    }
    if (typeof value !== 'object' || !isThenable(value)) return this.#keep(index, value)
    return Promise.resolve(value).then(
      (later) => this.#keep(index, later),
      (error: unknown) => {
        throw new ParError(index, error)
      },
    )
  }

  #keep(index: number, value: unknown): undefined {
    const { kind, collect } = this.#job
    if (kind === 'reduce') this.#total!.value = value
    else if (kind !== 'forEach') collect(index, 1, [kind === 'filter' ? (value ? 1 : 0) : value])
    this.#done++
  }

  async #workThere(crew: Crew): Promise<void> {
    const fn = crew.idOf(this.#job.source)
    const lines = Array.from({ length: this.#threads * CHUNKS_AHEAD }, (_, i) => this.#line(crew, i % this.#threads, fn))
    await Promise.all(lines)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** One chunk after another in one isolate, as long as there are some. */
  async #line(crew: Crew, at: number, fn: number): Promise<void> {
    let runner = await crew.runner(at)
    for (;;) {
      const taken = await this.#take()
      if (taken === undefined) {
        if (this.#underWay === 0 || this.#failure !== undefined) return
        await new Promise<void>((resolve) => this.#idle.push(resolve))
        continue
      }
      this.#underWay++
      try {
        this.#collect(taken, await this.#chunk(runner, fn, taken))
      } catch (error) {
        if (!isGone(error)) return this.#fail(error instanceof ActorDownError ? new ParError(taken.index, error, taken.count) : error)
        // The chunk was not begun.
        this.#returned.push(taken)
        await crew.replace(at, runner)
        runner = await crew.runner(at)
      } finally {
        this.#underWay--
        this.#wake()
      }
    }
  }

  #wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #take(): Taken | undefined | Promise<Taken | undefined> {
    if (this.#failure !== undefined) return undefined
    const max = this.#chunkItems()
    const returned = this.#returned.pop()
    if (returned === undefined) return this.#items.take(max)
    if (returned.count > max) this.#returned.push(part(returned, max, returned.count))
    return part(returned, 0, Math.min(max, returned.count))
  }

  #chunkItems(): number {
    const { length } = this.#items
    const fair = length === undefined ? CHUNK_ITEMS_MAX : Math.ceil((length - this.#done) / (this.#threads * PARTS_PER_THREAD))
    const byTime = this.#msPerItem === 0 ? 1 : Math.floor(CHUNK_MS / this.#msPerItem)
    return Math.max(1, Math.min(fair, byTime, CHUNK_ITEMS_MAX))
  }

  #chunk(runner: Runner, fn: number, { index, items }: Taken): Promise<ChunkDone> {
    const { kind, initial, into } = this.#job
    return callTaught(runner, fn, () => runner.chunk(fn, { kind, index, items, initial, into, sliceMs: SLICE_MS }))
  }

  #collect(taken: Taken, { count, ms, values, failure }: ChunkDone): void {
    if (this.#failure !== undefined) return
    if (failure !== undefined) return this.#fail(new ParError(taken.index + count, failure.error))
    if (count < taken.count) this.#returned.push(part(taken, count, taken.count))
    if (count > 0) {
      const each = ms / count
      this.#msPerItem = this.#msPerItem === 0 ? each : (this.#msPerItem + each) / 2
      if (this.#job.into === undefined) this.#job.collect(taken.index, count, values)
      this.#done += count
      this.#options.onProgress?.(this.#done, this.#items.length)
    }
  }

  /** Nothing more is handed out. What is under way ends within its slice, or its item. */
  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#items.end()
    this.#wake()
  }
}

function part({ index, items }: Taken, from: number, to: number): Taken {
  const part =
    'from' in items
      ? { ...items, from: items.from + from, to: items.from + to }
      : ArrayBuffer.isView(items)
        ? (items as unknown as Uint8Array).subarray(from, to)
        : (items as readonly unknown[]).slice(from, to)
  return { index: index + from, count: to - from, items: part }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
