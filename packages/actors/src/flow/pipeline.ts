import { ExecutorRefusedError } from '../errors.ts'
import { checkFunction, checkOptions } from '../options.ts'
import type { Home } from '../parallel/crew.ts'
import { Executor } from '../parallel/executor.ts'
import type { AnyFunction, Portable } from '../parallel/portable-function.ts'

export interface StageOptions {
  /** Isolates for this stage, and so many items in it at a time. Default 1. */
  readonly threads?: number
  /** Items that may wait before it. What is behind waits, up to whoever puts. Default 16. */
  readonly queueMax?: number
  /** How often an item that has failed is tried again: a throw, or the death of its isolate. Then it is a dead letter. Default 0. */
  readonly retries?: number
}

export interface PipelineOptions<T, R> {
  /** Results come in the order of the items; otherwise as they are ready. Default true. */
  readonly isOrdered?: boolean
  /** What came out. The pipeline waits for it. */
  readonly onResult: (result: R, item: T) => void | Promise<void>
  /** An item that no result will come of: where it has failed, and why. Default: `end` rejects with the first of them. */
  readonly onDeadLetter?: (item: T, stage: string, error: unknown) => void
}

const STAGE = { threads: true, queueMax: true, retries: true } as const
const OPTIONS = { isOrdered: true, onResult: true, onDeadLetter: true } as const

interface Stage {
  readonly name: string
  readonly fn: Portable<(item: never) => unknown>
  readonly options: StageOptions
}

/** Stages in a row: `pipelineOf((text: string) => JSON.parse(text)).to((row) => row.id, { threads: 2, retries: 1 })`. */
export class PipelineSpec<T, R> {
  readonly stages: readonly Stage[]

  constructor(stages: readonly Stage[]) {
    this.stages = stages
  }

  to<Next>(fn: Portable<(item: R) => Next>, options: StageOptions = {}): PipelineSpec<T, Awaited<Next>> {
    checkOptions(options, STAGE, `stage ${this.stages.length + 1} of a pipeline`)
    return new PipelineSpec([...this.stages, { name: `${this.stages.length + 1}`, fn, options }])
  }

  /** `home`: a system, or an actor's `this.context`. */
  start(home: Home, options: PipelineOptions<T, R>): Pipeline<T, R> {
    return new Pipeline(home, this.stages, options)
  }
}

/** The first stage of a pipeline. */
export function pipelineOf<T, R>(fn: Portable<(item: T) => R>, options: StageOptions = {}): PipelineSpec<T, Awaited<R>> {
  return new PipelineSpec<T, T>([]).to(fn as Portable<(item: T) => R>, options)
}

/** At most so many at a time; those who wait get in, in their order. */
class Room {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

/**
 * Items go through functions in isolates, each stage with its own, and a bounded queue before each. Every item that was accepted ends
 * in a result or a dead letter, whatever dies on the way; with `retries` a stage may see an item more than once.
 */
export class Pipeline<T, R> implements AsyncDisposable {
  readonly #stages: readonly { readonly stage: Stage; readonly executor: Executor; readonly room: Room }[]
  readonly #options: PipelineOptions<T, R>
  #last: Promise<unknown> = Promise.resolve()
  readonly #under = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  constructor(home: Home, stages: readonly Stage[], options: PipelineOptions<T, R>) {
    this.#options = checkOptions(options, OPTIONS, 'pipeline.start')
    checkFunction(options.onResult, 'pipeline.start: onResult')
    this.#stages = stages.map((stage) => {
      const { threads = 1, queueMax = 16 } = stage.options
      return { stage, executor: Executor.start(home, { name: `stage-${stage.name}`, threads }), room: new Room(threads + queueMax) }
    })
  }

  /** Resolves when it is accepted: when there is room before the first stage. Rejects with ExecutorRefusedError after `end`. */
  async put(item: T): Promise<void> {
    if (this.#isEnded) throw new ExecutorRefusedError('the pipeline has ended.')
    await this.#stages[0]!.room.enter()
    const run = this.#run(item, this.#last).finally(() => this.#under.delete(run))
    this.#under.add(run)
    // Whoever is next in order waits for this one, whatever becomes of it.
    if (this.#options.isOrdered ?? true) this.#last = run
  }

  /** Takes no more; resolves when every item has ended, and its isolates have. */
  async end(): Promise<void> {
    this.#isEnded = true
    while (this.#under.size > 0) await Promise.all(this.#under)
    await Promise.all(this.#stages.map(({ executor }) => executor.shutdown()))
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  async #run(item: T, before: Promise<unknown>): Promise<void> {
    let value: unknown = item
    for (const [i, { stage, executor, room }] of this.#stages.entries()) {
      const outcome = await this.#attempts(stage, executor, value)
      // Only with room in the next one does it leave this one: so a slow stage slows those before it.
      if ('value' in outcome && this.#stages[i + 1] !== undefined) await this.#stages[i + 1]!.room.enter()
      if (i < this.#stages.length - 1 || !('value' in outcome)) room.leave()
      if (!('value' in outcome)) {
        this.#dead(item, stage, outcome.error)
        // Those behind it wait for those before it.
        await before
        return
      }
      value = outcome.value
    }
    await before
    try {
      await this.#options.onResult(value as R, item)
    } catch (error) {
      this.#dead(item, { ...this.#stages.at(-1)!.stage, name: 'onResult' }, error)
    } finally {
      this.#stages.at(-1)!.room.leave()
    }
  }

  async #attempts(stage: Stage, executor: Executor, value: unknown): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
    for (let attempt = 0; ; attempt++) {
      try {
        return { value: await executor.submit(stage.fn as Portable<AnyFunction> as Portable<(item: unknown) => unknown>, value) }
      } catch (error) {
        if (attempt >= (stage.options.retries ?? 0)) return { error }
      }
    }
  }

  #dead(item: T, stage: Stage, error: unknown): void {
    if (this.#options.onDeadLetter === undefined) this.#failure ??= { error }
    else this.#options.onDeadLetter(item, stage.name, error)
  }
}
