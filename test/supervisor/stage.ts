import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { Attempt } from '../../packages/runtime/src/supervisor/decision-shapes.ts'
import { Supervisor } from '../../packages/runtime/src/supervisor/supervisor.ts'
import type { ChildHandle, SupervisorPorts, SupervisorReport } from '../../packages/runtime/src/supervisor/supervisor-ports.ts'

/** One start that a supervisor asked for. The test says what becomes of it. */
export class FakeChild implements ChildHandle {
  readonly ended: Promise<ExitReason>
  readonly asked: ExitReason[] = []
  readonly #end: (reason: ExitReason) => void
  readonly ready: () => void
  readonly fail: (reason: unknown) => void
  readonly started: Promise<ChildHandle>
  readonly spec: AnySpec
  readonly attempt: Attempt
  readonly cancelled: AbortSignal
  /** What `stop` answers with; by default it ends as it was asked to. */
  onStop: (reason: ExitReason) => Promise<ExitReason> = (reason) => {
    this.end(reason)
    return this.ended
  }

  constructor(spec: AnySpec, attempt: Attempt, cancelled: AbortSignal) {
    this.spec = spec
    this.attempt = attempt
    this.cancelled = cancelled
    const end = deferred<ExitReason>()
    const started = deferred<ChildHandle>()
    this.ended = end.promise
    this.#end = end.resolve
    this.started = started.promise
    this.ready = () => started.resolve(this)
    this.fail = started.reject
  }

  end(reason: ExitReason): void {
    this.#end(reason)
  }

  stop(reason: ExitReason): Promise<ExitReason> {
    this.asked.push(reason)
    return this.onStop(reason)
  }
}

/** The ports of a supervisor, with everything in the test's hand: time, turns, children. Supervisors inside are real. */
export class Stage implements SupervisorPorts {
  now = 0
  autoReady = true
  readonly posted: (() => void)[] = []
  readonly timers = new Set<{ readonly atMs: number; readonly task: () => void }>()
  readonly reports: SupervisorReport[] = []
  readonly starts: FakeChild[] = []
  readonly nested: { readonly path: string; readonly supervisor: Supervisor; readonly attempt: Attempt }[] = []
  onReport: (report: SupervisorReport) => void = () => undefined
  #path: string

  constructor(path = '/top') {
    this.#path = path
  }

  supervise(spec: SupervisorSpec | DynamicSupervisorSpec): Supervisor {
    return new Supervisor(spec, this.#path, this)
  }

  nowMs(): number {
    return this.now
  }

  post(task: () => void): void {
    this.posted.push(task)
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.now + delayMs, task }
    this.timers.add(timer)
    return () => {
      // Whoever still holds what has run holds one more with each restart.
      if (!this.timers.delete(timer)) throw new Error('a timer is cancelled that has run')
    }
  }

  random(): number {
    return 0.5
  }

  report(event: SupervisorReport): void {
    this.reports.push(event)
    this.onReport(event)
  }

  async startChild(spec: AnySpec, attempt: Attempt, cancelled: AbortSignal): Promise<ChildHandle> {
    if (spec.kind !== 'actor') return this.#startNested(spec, attempt, cancelled)
    const child = new FakeChild(spec, attempt, cancelled)
    this.starts.push(child)
    if (this.autoReady) child.ready()
    return await child.started
  }

  async #startNested(spec: SupervisorSpec | DynamicSupervisorSpec, attempt: Attempt, cancelled: AbortSignal): Promise<ChildHandle> {
    const path = `${this.#path}/${spec.name}`
    const supervisor = new Supervisor(spec, path, this)
    this.nested.push({ path, supervisor, attempt })
    cancelled.addEventListener('abort', () => void supervisor.stop())
    await supervisor.start(attempt)
    return supervisor
  }

  /** The newest start of a name. */
  child(name: string): FakeChild {
    const child = this.starts.findLast(({ spec }) => spec.name === name)
    if (child === undefined) throw new Error(`nobody has started ${name}`)
    return child
  }

  get startedNames(): string[] {
    return this.starts.map(({ spec }) => spec.name)
  }

  /** Time goes by: what is due is done. */
  async pass(ms: number): Promise<void> {
    this.now += ms
    for (const timer of [...this.timers].filter(({ atMs }) => atMs <= this.now)) {
      this.timers.delete(timer)
      timer.task()
    }
    await quiet()
  }

  /** The next turn of the event loop. */
  async turn(): Promise<void> {
    for (const task of this.posted.splice(0)) task()
    await quiet()
  }
}

/** Until every promise that can settle has settled: nothing here waits for time. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 100; i++) await undefined
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
