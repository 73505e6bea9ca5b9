import type { CrewPlace } from './crew-place.ts'
import { defaultThreads } from './default-threads.ts'
import type { ItemSource } from './item-source.ts'
import { type ParJob, type ParRunOptions, ParState } from './par-job.ts'
import { WorkHere } from './work-here.ts'
import { WorkThere } from './work-there.ts'

/** Work that is done sooner than this is not worth a start of isolates, or the waking of those that are there. */
const COLD_MS = 40
const WARM_MS = 0.5

/**
 * One `par`. It begins here, with a stopwatch; what would take long goes to isolates. So a small input costs what a loop costs,
 * and no isolate waits while there are items.
 */
export class ParRun {
  readonly #items: ItemSource
  readonly #job: ParJob
  readonly #place: CrewPlace
  readonly #options: ParRunOptions
  readonly #threads: number
  readonly #state = new ParState()
  /** Not made for what is done here: ten small items would see it. */
  #there: WorkThere | undefined

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
    const { hereMs = 1 } = this.#options
    if (typeof this.#job.fn === 'function' && hereMs > 0 && (await this.#workHere(hereMs))) return
    const crew = await this.#place.crew()
    this.#there = new WorkThere(this.#items, this.#job, this.#state, this.#threads, {
      onProgress: () => this.#progress(),
      onFailure: (error) => this.#fail(error),
    })
    await this.#there.run(crew)
  }

  /** True when all is done. Works on, a turn of the event loop at a time, as long as that is quicker than isolates would be. */
  async #workHere(hereMs: number): Promise<boolean> {
    const here = new WorkHere(this.#items, this.#job, this.#state)
    let isStarting = false
    for (;;) {
      const isAll = await here.slice(hereMs)
      this.#progress()
      const isWarm = this.#place.isWarm(this.#threads)
      if (isAll || (isWarm && this.#leftMs() > WARM_MS)) {
        here.end()
        return isAll
      }
      if (!isWarm && !isStarting && this.#leftMs() > COLD_MS) {
        isStarting = true
        void this.#startCrew()
      }
      await nextTurn()
      if (this.#state.failure !== undefined) throw this.#state.failure.error
    }
  }

  /** What is left would take so long here; Infinity: nobody knows. */
  #leftMs(): number {
    const { length } = this.#items
    return length === undefined ? Number.POSITIVE_INFINITY : (length - this.#state.done) * this.#state.msPerItem
  }

  async #startCrew(): Promise<void> {
    try {
      const crew = await this.#place.crew()
      await Promise.all(Array.from({ length: this.#threads }, (_, at) => crew.runner(at)))
    } catch (error) {
      this.#fail(error)
    }
  }

  #progress(): void {
    this.#options.onProgress?.(this.#state.done, this.#items.length)
  }

  /** Nothing more is handed out. What is under way ends within its slice, or its item. */
  #fail(error: unknown): void {
    this.#state.failure ??= { error }
    this.#items.end()
    this.#there?.wake()
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
