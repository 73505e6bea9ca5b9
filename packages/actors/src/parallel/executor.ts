import { ActorDownError, SystemStoppedError } from '@troupe/runtime'
import { ExecutorRefusedError, TaskCancelledError } from '../errors.ts'
import { Crew, type Home, isGone, type Runner } from './crew.ts'
import { defaultThreads } from './crew-place.ts'
import { type AnyFunction, type Portable, sourceOf } from './portable-function.ts'
import { UnknownFunctionError } from './task-runner.ts'

export interface ExecutorOptions {
  /** For people: part of its isolates' names. Default `executor`. */
  readonly name?: string
  /** Isolates. Default: as many as the process has processors. */
  readonly threads?: number
  /** Tasks that may wait. Default Infinity. */
  readonly queueMax?: number
  /** Whether `task.cancel()` ends the isolate in which the task runs, and starts another. No other task is ever in it then. Default false. */
  readonly killOnCancel?: boolean
}

/** A task's result; `cancel` says that nobody wants it any more. What its `then` gives is a plain promise. */
export interface Task<R> extends Promise<R> {
  /**
   * It rejects with TaskCancelledError. One that has not begun never runs; one that runs goes on unseen, unless `killOnCancel`. False: it is
   * settled already.
   */
  cancel(): boolean
}

interface Job {
  readonly fn: number
  readonly args: readonly unknown[]
  resolve: (value: never) => void
  reject: (error: unknown) => void
  state: 'waiting' | 'sent' | 'settled'
  lane: Lane | undefined
}

/** One isolate, and what is on its way to it. */
interface Lane {
  readonly at: number
  runner: Runner | undefined
  sent: number
  /** So many tasks may be on their way: about `AHEAD_MS` of work, so that it never waits and nothing waits long behind another task. */
  window: number
  msPerTask: number
  lastMs: number
  isStarting: boolean
}

const AHEAD_MS = 1
const WINDOW_MAX = 512
/** Measured from answer to answer, so with this thread's own part in it. */
const TINY_MS = 0.03

/**
 * Runs functions in isolates: `await executor.submit(fn, ...args)`. When an isolate dies, the task that it was in rejects with
 * ActorDownError and the reason; all others stay, and the isolate is restarted.
 *
 * ```ts
 * await using executor = Executor.start(system)
 * const hash = await executor.submit(hashOf, 'text')
 * ```
 */
export class Executor implements AsyncDisposable {
  readonly #crew: Crew
  readonly #options: ExecutorOptions
  readonly #lanes: readonly Lane[]
  readonly #waiting: Job[] = []
  #next = 0
  #open = 0
  #isShut = false
  #onIdle: (() => void) | undefined

  private constructor(home: Home, options: ExecutorOptions) {
    this.#options = options
    this.#crew = new Crew(home, options.name ?? 'executor', options.killOnCancel === true ? { shutdownMs: 'kill' } : {})
    this.#lanes = Array.from({ length: options.threads ?? defaultThreads() }, (_, at) => ({
      at,
      runner: undefined,
      sent: 0,
      window: 1,
      msPerTask: AHEAD_MS,
      lastMs: 0,
      isStarting: false,
    }))
  }

  /** Its isolates are started when tasks come. `home`: a system, or an actor's `this.context`. */
  static start(home: Home, options: ExecutorOptions = {}): Executor {
    return new Executor(home, options)
  }

  /**
   * Runs a function with arguments; both as in `par`. The task rejects with what the function throws; with ActorDownError when its
   * isolate died meanwhile; TaskCancelledError; ExecutorRefusedError after `shutdown` or above `queueMax`.
   *
   * @throws {NotPortableError} if the function has captured variables
   */
  submit<A extends readonly unknown[], R>(fn: Portable<(...args: A) => R>, ...args: A): Task<Awaited<R>> {
    const job: Job = {
      fn: this.#crew.idOf(sourceOf(fn as Portable<AnyFunction>)),
      args,
      resolve: undefined as never,
      reject: undefined as never,
      state: 'waiting',
      lane: undefined,
    }
    // A promise with a method, and no subclass: those are several times as slow to wait for.
    const task = new Promise<Awaited<R>>((resolve, reject) => {
      job.resolve = resolve as Job['resolve']
      job.reject = reject
    }) as Task<Awaited<R>> & { cancel: Task<R>['cancel'] }
    task.cancel = () => this.#cancel(job)
    if (this.#isShut) this.#refuse(job, 'the executor was shut down.')
    else if (this.#waiting.length - this.#next >= (this.#options.queueMax ?? Number.POSITIVE_INFINITY))
      this.#refuse(job, `${this.#options.queueMax} tasks wait already (queueMax).`)
    else {
      this.#open++
      this.#waiting.push(job)
      this.#pump()
    }
    return task
  }

  #refuse(job: Job, why: string): void {
    job.state = 'settled'
    job.reject(new ExecutorRefusedError(why))
  }

  /** One task for each item; the results in the order of the items. Rejects with the first failure; the other tasks go on. */
  map<T, R>(fn: Portable<(item: T) => R>, items: Iterable<T>): Promise<Awaited<R>[]> {
    return Promise.all(Array.from(items, (item) => this.submit(fn, item)))
  }

  /** Tasks that wait, and tasks that have been sent to an isolate. */
  stats(): { readonly waiting: number; readonly sent: number } {
    const waiting = this.#waiting.length - this.#next
    return { waiting, sent: this.#open - waiting }
  }

  /** Takes no more tasks, finishes those it has (or cancels those that wait: `cancel`), and ends its isolates. */
  async shutdown({ cancel = false } = {}): Promise<void> {
    this.#isShut = true
    if (cancel) for (const job of this.#waiting.slice(this.#next)) this.#cancel(job, 'its executor was shut down')
    while (this.#open > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    await Promise.all(this.#lanes.map(({ at }) => this.#crew.dismiss(at)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  #pump(): void {
    while (this.#next < this.#waiting.length) {
      const lane = this.#freeLane()
      if (lane === undefined) return
      const job = this.#waiting[this.#next++]!
      if (this.#next > 1_024 && this.#next * 2 > this.#waiting.length) this.#waiting.splice(0, this.#next) && (this.#next = 0)
      if (job.state === 'waiting') this.#send(lane, job)
    }
  }

  /**
   * The one with the fewest on their way; of tiny tasks the first that has room: handing them out costs as much as doing them, and a
   * second isolate would only take this thread's processor. One without an isolate gets one, and is looked at again then.
   */
  #freeLane(): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane.runner === undefined) this.#startLane(lane)
      else if (lane.sent < lane.window && lane.msPerTask < TINY_MS) return lane
      else if (lane.sent < lane.window && (best === undefined || lane.sent < best.sent)) best = lane
    }
    return best
  }

  #startLane(lane: Lane): void {
    if (lane.isStarting) return
    lane.isStarting = true
    this.#crew.runner(lane.at).then(
      (runner) => {
        lane.isStarting = false
        lane.runner = runner
        this.#pump()
      },
      (error: unknown) => {
        lane.isStarting = false
        // Others may run. Where nobody does, nobody ever would.
        if (this.#lanes.every((each) => each.runner === undefined && !each.isStarting)) this.#failAll(error)
      },
    )
  }

  #failAll(error: unknown): void {
    for (const job of this.#waiting.splice(0).slice(this.#next)) this.#settle(job, () => job.reject(error))
    this.#next = 0
  }

  #send(lane: Lane, job: Job): void {
    const runner = lane.runner!
    const { told, teach, run } = runner
    job.state = 'sent'
    job.lane = lane
    if (lane.sent++ === 0) lane.lastMs = performance.now()
    const call = told.has(job.fn) ? run(job.fn, job.args) : teach(job.fn).then(() => run(job.fn, job.args))
    call.then(
      (value) => {
        this.#timed(lane)
        this.#settle(job, () => job.resolve(value as never))
      },
      (error: unknown) => this.#failed(lane, runner, job, error),
    )
  }

  /** Between two answers of a busy isolate lies one task. */
  #timed(lane: Lane): void {
    const nowMs = performance.now()
    lane.msPerTask += (nowMs - lane.lastMs - lane.msPerTask) / 8
    lane.lastMs = nowMs
    lane.sent--
    if (this.#options.killOnCancel !== true) lane.window = Math.max(1, Math.min(WINDOW_MAX, Math.round(AHEAD_MS / lane.msPerTask)))
    this.#pump()
  }

  #failed(lane: Lane, runner: Runner, job: Job, error: unknown): void {
    if (error instanceof UnknownFunctionError) {
      // Restarted since: it has to be told again.
      runner.told.delete(job.fn)
      lane.sent--
      return this.#again(job)
    }
    if (isGone(error)) {
      lane.sent--
      void this.#crew.replace(lane.at, runner)
      if (lane.runner === runner) lane.runner = undefined
      return this.#again(job)
    }
    this.#timed(lane)
    this.#settle(job, () => job.reject(error))
    if (error instanceof ActorDownError || error instanceof SystemStoppedError) lane.window = 1
  }

  /** It was not begun. */
  #again(job: Job): void {
    if (job.state === 'settled') return
    job.state = 'waiting'
    job.lane = undefined
    this.#waiting.splice(this.#next, 0, job)
    this.#pump()
  }

  #settle(job: Job, settle: () => void): void {
    if (job.state !== 'settled') {
      job.state = 'settled'
      this.#open--
      settle()
    }
    if (this.#open === 0) this.#onIdle?.()
  }

  #cancel(job: Job, why?: string): boolean {
    const { state, lane } = job
    if (state === 'settled') return false
    if (state === 'sent' && this.#options.killOnCancel === true && lane !== undefined) {
      lane.runner = undefined
      void this.#crew.dismiss(lane.at).finally(() => this.#pump())
    }
    this.#settle(job, () => job.reject(new TaskCancelledError(why)))
    return true
  }
}
