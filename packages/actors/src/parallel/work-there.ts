import { ActorDownError } from '@troupe/runtime'
import { ParError } from '../errors.ts'
import { type Crew, callTaught, isGone, type Runner } from './crew.ts'
import type { ItemSource, Taken } from './item-source.ts'
import type { ParJob, ParState } from './par-job.ts'
import type { ChunkDone } from './task-runner.ts'

/** So much work goes into a chunk: a hundred times what its way there and back costs. */
const CHUNK_MS = 8
/** After so long a chunk is given back, done so far: items may be dearer than they looked. */
const SLICE_MS = 16
/** An isolate has its next chunk when it has done one. */
const CHUNKS_AHEAD = 2
/** Chunks become smaller towards the end, so that all end together. */
const PARTS_PER_THREAD = 3
const CHUNK_ITEMS_MAX = 1 << 16

export interface WorkTherePorts {
  readonly onProgress: () => void
  readonly onFailure: (error: unknown) => void
}

/** The part of a `par` that is done in isolates, in chunks that each of them takes when it has done the former one. */
export class WorkThere {
  readonly #items: ItemSource
  readonly #job: ParJob
  readonly #state: ParState
  readonly #threads: number
  readonly #ports: WorkTherePorts
  /** Chunks of which only the first part was done. */
  readonly #returned: Taken[] = []
  #underWay = 0
  /** Lines that have nothing to do while others may still give something back. */
  #idle: (() => void)[] = []

  constructor(items: ItemSource, job: ParJob, state: ParState, threads: number, ports: WorkTherePorts) {
    this.#items = items
    this.#job = job
    this.#state = state
    this.#threads = threads
    this.#ports = ports
  }

  async run(crew: Crew): Promise<void> {
    const fn = crew.idOf(this.#job.source)
    const lines = Array.from({ length: this.#threads * CHUNKS_AHEAD }, (_, i) => this.#line(crew, i % this.#threads, fn))
    await Promise.all(lines)
    if (this.#state.failure !== undefined) throw this.#state.failure.error
  }

  /** One chunk after another in one isolate, as long as there are some. */
  async #line(crew: Crew, at: number, fn: number): Promise<void> {
    let runner = await crew.runner(at)
    for (;;) {
      const taken = await this.#take()
      if (taken === undefined) {
        if (this.#underWay === 0 || this.#state.failure !== undefined) return
        await new Promise<void>((resolve) => this.#idle.push(resolve))
        continue
      }
      this.#underWay++
      try {
        this.#collect(taken, await this.#chunk(runner, fn, taken))
      } catch (error) {
        if (!isGone(error))
          return this.#ports.onFailure(error instanceof ActorDownError ? new ParError(taken.index, error, taken.count) : error)
        // The chunk was not begun.
        this.#returned.push(taken)
        await crew.replace(at, runner)
        runner = await crew.runner(at)
      } finally {
        this.#underWay--
        this.wake()
      }
    }
  }

  /** Lines that wait look again: there is something, or nothing more will come. */
  wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #take(): Taken | undefined | Promise<Taken | undefined> {
    if (this.#state.failure !== undefined) return undefined
    const max = this.#chunkItems()
    const returned = this.#returned.pop()
    if (returned === undefined) return this.#items.take(max)
    if (returned.count > max) this.#returned.push(part(returned, max, returned.count))
    return part(returned, 0, Math.min(max, returned.count))
  }

  #chunkItems(): number {
    const { length } = this.#items
    const fair = length === undefined ? CHUNK_ITEMS_MAX : Math.ceil((length - this.#state.done) / (this.#threads * PARTS_PER_THREAD))
    const byTime = this.#state.msPerItem === 0 ? 1 : Math.floor(CHUNK_MS / this.#state.msPerItem)
    return Math.max(1, Math.min(fair, byTime, CHUNK_ITEMS_MAX))
  }

  #chunk(runner: Runner, fn: number, { index, items }: Taken): Promise<ChunkDone> {
    const { kind, initial, into } = this.#job
    return callTaught(runner, fn, () => runner.chunk(fn, { kind, index, items, initial, into, sliceMs: SLICE_MS }))
  }

  #collect(taken: Taken, { count, ms, values, failure }: ChunkDone): void {
    if (this.#state.failure !== undefined) return
    if (failure !== undefined) return this.#ports.onFailure(new ParError(taken.index + count, failure.error))
    if (count < taken.count) this.#returned.push(part(taken, count, taken.count))
    if (count > 0) {
      const each = ms / count
      this.#state.msPerItem = this.#state.msPerItem === 0 ? each : (this.#state.msPerItem + each) / 2
      if (this.#job.into === undefined) this.#job.collect(taken.index, count, values)
      this.#state.done += count
      this.#ports.onProgress()
    }
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
