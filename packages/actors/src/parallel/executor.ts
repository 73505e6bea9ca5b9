import { ActorDownError, SystemStoppedError } from '@troupe/runtime'
import { ExecutorRefusedError, TaskCancelledError } from '../errors.ts'
import { checkOptions, checkWhole } from '../options.ts'
import { Crew, checkHome, type Home, isGone, type Runner } from './crew.ts'
import { defaultThreads } from './default-threads.ts'
import { Lane } from './lane.ts'
import { type AnyFunction, type Portable, sourceOf } from './portable-function.ts'
import { Job, type Task } from './task.ts'
import { UnknownFunctionError } from './task-runner.ts'

export interface ExecutorOptions {
  /** For people: part of its isolates' names. Default `executor`. */
  readonly name?: string
  /** Isolates. Default: as many as the process may use processors, a container's quota included. */
  readonly threads?: number
  /** Tasks that may wait. Default Infinity. */
  readonly queueMax?: number
  /** Whether `task.cancel()` ends the isolate in which the task runs, and starts another. No other task is ever in it then. Default false. */
  readonly killOnCancel?: boolean
}

const OPTIONS = { name: true, threads: true, queueMax: true, killOnCancel: true } as const

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
  /** Of those who wait for the end of all tasks. */
  readonly #onIdle: (() => void)[] = []

  private constructor(home: Home, options: ExecutorOptions) {
    this.#options = checkOptions(options, OPTIONS, 'Executor.start')
    const threads = checkWhole(options.threads ?? defaultThreads(), 'Executor.start: threads')
    this.#crew = new Crew(
      checkHome(home, 'Executor.start'),
      options.name ?? 'executor',
      options.killOnCancel === true ? { shutdownMs: 'kill' } : {},
    )
    this.#lanes = Array.from({ length: threads }, (_, at) => new Lane(at))
  }

  /**
   * Its isolates are started when tasks come. `home`: a system, or an actor's `this.context`.
   *
   * @throws {InvalidArgumentError} for an option that there is not, or out of its range
   */
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
    const job = new Job(this.#crew.idOf(sourceOf(fn as Portable<AnyFunction>)), args)
    const task = job.task<Awaited<R>>(() => this.#cancel(job))
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
    while (this.#open > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
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
      else if (lane.hasRoom && lane.isTiny) return lane
      else if (lane.hasRoom && (best === undefined || lane.sent < best.sent)) best = lane
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
    lane.send()
    const call = told.has(job.fn) ? run(job.fn, job.args) : teach(job.fn).then(() => run(job.fn, job.args))
    call.then(
      (value) => {
        this.#answered(lane)
        this.#settle(job, () => job.resolve(value as never))
      },
      (error: unknown) => this.#failed(lane, runner, job, error),
    )
  }

  #answered(lane: Lane): void {
    lane.answered(this.#options.killOnCancel === true)
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
    this.#answered(lane)
    this.#settle(job, () => job.reject(error))
    if (error instanceof ActorDownError || error instanceof SystemStoppedError) lane.beginAgain()
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
    if (this.#open === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
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
