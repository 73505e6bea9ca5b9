import { Actor, type AnyRef, type Signal } from '@troupe/runtime'
import { Cron } from 'croner'
import { tellByName } from './called-by-name.ts'

export interface Job {
  /** Unique; adding a job again replaces it. */
  readonly name: string
  /** Five or six fields (seconds first), as croner reads them: `0 3 * * *`, every day at three. Or an ISO date: once. */
  readonly at: string
  /** Default: that of the process. `Europe/Berlin`. */
  readonly timeZone?: string
  /** Whose method is told, with the time of the run in milliseconds since 1970. */
  readonly to: AnyRef
  readonly method: string
  /**
   * Runs that could not be on time, because the process slept, its clock was set, or this actor was not there: `skip` them, or make
   * up for them with `one`, or with `all` of them. Default `one`.
   */
  readonly missed?: 'skip' | 'one' | 'all'
  /** Milliseconds since 1970 of the last run that was done, when somebody has kept it: runs since then have been missed. */
  readonly since?: number
}

export interface JobState {
  readonly name: string
  readonly lastRunMs: number | undefined
  readonly nextRunMs: number | undefined
  readonly runs: number
}

interface Planned {
  readonly job: Job
  readonly cron: Cron
  /** Runs up to this time are dealt with. */
  doneMs: number
  lastRunMs: number | undefined
  runs: number
}

/** Later than this is not on time. */
const LATE_MS = 1_000
/** No longer wait than this: clocks are set, and timers have 31 bits. */
const WAIT_MAX_MS = 60_000
const ALL_MAX = 1_000

/** Tells actors when it is time, by cron's expressions and in any time zone. A restart begins with the jobs of the constructor. */
export class Scheduler extends Actor {
  static readonly module = import.meta.url
  readonly #jobs = new Map<string, Planned>()
  #timer: NodeJS.Timeout | undefined

  constructor(jobs: readonly Job[] = []) {
    super()
    for (const job of jobs) this.add(job)
  }

  /** @throws {TypeError} croner's, when the expression or the time zone is none */
  add(job: Job): JobState {
    const cron = new Cron(job.at, { paused: true, ...(job.timeZone === undefined ? {} : { timezone: job.timeZone }) })
    this.#jobs.set(job.name, { job, cron, doneMs: job.since ?? Date.now(), lastRunMs: undefined, runs: 0 })
    this.context.watch(job.to)
    this.#plan()
    return stateOf(this.#jobs.get(job.name)!)
  }

  /** False: there is no job of that name. */
  remove(name: string): boolean {
    const isThere = this.#jobs.delete(name)
    this.#plan()
    return isThere
  }

  jobs(): JobState[] {
    return [...this.#jobs.values()].map(stateOf)
  }

  /** Nobody is left to be told. */
  override onSignal(signal: Signal): void {
    if (signal.type !== 'terminated') return
    for (const [name, { job }] of this.#jobs) if (job.to.path === signal.path) this.#jobs.delete(name)
    this.#plan()
  }

  #plan(): void {
    clearTimeout(this.#timer)
    const next = Math.min(...[...this.#jobs.values()].map((planned) => nextRunMs(planned) ?? Number.POSITIVE_INFINITY))
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#runDue(), Math.min(WAIT_MAX_MS, Math.max(0, next - Date.now())))
  }

  #runDue(): void {
    for (const planned of this.#jobs.values()) this.#run(planned)
    this.#plan()
  }

  #run(planned: Planned): void {
    const nowMs = Date.now()
    const due = dueRuns(planned, nowMs)
    if (due.length === 0) return
    planned.doneMs = nowMs
    for (const runMs of chosenRuns(due, nowMs, planned.job.missed ?? 'one')) {
      planned.lastRunMs = runMs
      planned.runs++
      tellByName(planned.job.to, planned.job.method, [runMs])
    }
  }
}

function nextRunMs({ cron, doneMs }: Planned): number | undefined {
  return cron.nextRun(new Date(doneMs))?.getTime()
}

/** The latest so many that have come. */
function dueRuns({ cron, doneMs }: Planned, nowMs: number): number[] {
  const due: number[] = []
  for (let next = cron.nextRun(new Date(doneMs)); next !== null && next.getTime() <= nowMs; next = cron.nextRun(next)) {
    due.push(next.getTime())
    if (due.length > ALL_MAX) due.shift()
  }
  return due
}

function chosenRuns(due: readonly number[], nowMs: number, missed: 'skip' | 'one' | 'all'): readonly number[] {
  if (missed === 'all') return due
  const last = due.at(-1)!
  return missed === 'one' || nowMs - last < LATE_MS ? [last] : []
}

function stateOf(planned: Planned): JobState {
  return { name: planned.job.name, lastRunMs: planned.lastRunMs, nextRunMs: nextRunMs(planned), runs: planned.runs }
}
