import { childPath } from '../base/address.ts'
import type { Cancel } from '../base/clock.ts'
import { InvalidSpecError, StartFailedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from './child-spec.ts'
import type {
  Attempt,
  ChildCounts,
  ChildStatus,
  DecisionReport,
  RequestResult,
  StopHow,
  SupervisorCommand,
  SupervisorEvent,
} from './decision-shapes.ts'
import { type Mind, mindOf } from './mind.ts'
import { addedFaults } from './spec-faults.ts'
import type { ChildHandle, SupervisorPorts } from './supervisor-ports.ts'

type Told<E = SupervisorEvent> = E extends SupervisorEvent ? Omit<E, 'atMs'> : never

/**
 * Feeds what happens to the decision (decision.ts, dynamic-decision.ts) and carries out what it answers. It decides nothing
 * itself, holds no timer, and is idle when nothing happens. It is a ChildHandle, so supervisors nest.
 */
export class Supervisor implements ChildHandle {
  readonly path: string
  readonly ended: Promise<ExitReason>
  readonly #ports: SupervisorPorts
  readonly #mind: Mind
  readonly #ready = deferred<void>()
  readonly #end = deferred<ExitReason>()
  /** By run: those whose start is under way, and those that live. */
  readonly #cancels = new Map<number, AbortController>()
  readonly #handles = new Map<number, { readonly name: string; readonly handle: ChildHandle }>()
  readonly #replies = new Map<number, (result: RequestResult) => void>()
  /** Those who wait for their restart (`backoff`). */
  readonly #pauses = new Set<Cancel>()
  #requests = 0
  #events: Told[] = []
  #deciding = false

  /** `path` is that of the supervisor itself; `/` for the root. */
  constructor(spec: SupervisorSpec | DynamicSupervisorSpec, path: string, ports: SupervisorPorts) {
    this.path = path
    this.#ports = ports
    this.#mind = mindOf(spec)
    this.ended = this.#end.promise
    // A start that nobody has asked for yet may fail (stop before start); who asks later is told.
    this.#ready.promise.catch(() => undefined)
  }

  /** What it is now: it can change while it runs. */
  get spec(): SupervisorSpec | DynamicSupervisorSpec {
    return this.#mind.spec()
  }

  /**
   * Starts the children in their order. Resolves when all are ready; rejects with the ExitReason of the first that failed,
   * after what had started was stopped again, or with `shutdown` when the supervisor was stopped meanwhile. `restart`: the
   * children come back after an end of this supervisor (their addresses may live).
   */
  async start(attempt: Attempt = 'initial'): Promise<void> {
    this.#tell({ is: 'boot', attempt })
    await this.#ready.promise
  }

  /** In order and friendly for `shutdown` (the default), all at once for any other reason; also while it starts or restarts. */
  stop(reason: ExitReason = { kind: 'shutdown' }): Promise<ExitReason> {
    const friendly = reason.kind === 'shutdown' && this.spec.shutdownMs !== 'kill'
    this.#tell({ is: 'stop', how: friendly ? 'shutdown' : 'kill' })
    return this.ended
  }

  /** Adds a child. Rejects with InvalidSpecError, before anything is started, if the spec has faults. */
  async startChild(spec: AnySpec): Promise<RequestResult> {
    const faults = this.faultsOf(spec)
    if (faults.length > 0) throw new InvalidSpecError(faults)
    return this.#request((id) => ({ is: 'startChild', id, spec }))
  }

  /** Stops a child for good. Its spec stays, unless it is temporary or the supervisor is dynamic. Idempotent. */
  terminateChild(name: string): Promise<RequestResult> {
    return this.#request((id) => ({ is: 'terminateChild', id, name }))
  }

  /** Starts a child that has ended or was terminated. It gets a new address. */
  restartChild(name: string): Promise<RequestResult> {
    return this.#request((id) => ({ is: 'restartChild', id, name }))
  }

  /** Forgets a child that has ended or was terminated. */
  deleteChild(name: string): Promise<RequestResult> {
    return this.#request((id) => ({ is: 'deleteChild', id, name }))
  }

  /** OTP's `code_change` (spec-change.ts). The spec must be valid: whoever is above has checked it. */
  changeSpec(spec: SupervisorSpec | DynamicSupervisorSpec): Promise<RequestResult> {
    return this.#request((id) => ({ is: 'changeSpec', id, spec }))
  }

  /** A supervisor among its children has changed its spec. */
  adopt(spec: AnySpec): void {
    this.#tell({ is: 'adopt', spec })
  }

  /** Every fault that a spec has as a child of this supervisor. */
  faultsOf(spec: AnySpec): string[] {
    const autoShutdown = this.spec.kind === 'supervisor' ? this.spec.autoShutdown : 'never'
    return addedFaults(spec, {
      path: this.path,
      autoShutdown,
      dynamic: this.spec.kind === 'dynamic-supervisor',
      restarts: this.spec.intensity.restarts,
    })
  }

  /** The spec of a child as it is now; of a temporary one that came at run time, without its arguments. */
  childSpec(name: string): AnySpec | undefined {
    return this.#mind.specOf(name)
  }

  /** Newest first, as OTP. Answers at once, whatever the supervisor is doing. */
  whichChildren(): readonly ChildStatus[] {
    return this.#mind.which()
  }

  countChildren(): ChildCounts {
    return this.#mind.count()
  }

  #request(of: (id: number) => Told): Promise<RequestResult> {
    const id = ++this.#requests
    return new Promise((resolve) => {
      this.#replies.set(id, resolve)
      this.#tell(of(id))
    })
  }

  /** One event at a time: what happens while its commands are carried out is heard after them. */
  #tell(event: Told): void {
    this.#events.push(event)
    if (this.#deciding) return
    this.#deciding = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const now = { atMs: this.#ports.nowMs(), random: this.#ports.random() }
        const commands = this.#mind.decide({ ...next, ...now } as SupervisorEvent)
        for (const command of commands) this.#execute(command)
      }
    } finally {
      this.#deciding = false
    }
  }

  #execute(command: SupervisorCommand): void {
    switch (command.do) {
      case 'startChild':
        return void this.#startChild(command)
      case 'cancelStart':
        return this.#cancels.get(command.run)?.abort(reasonOf(command.how))
      case 'stopChild':
        return void this.#stopChild(command.run, reasonOf(command.how))
      case 'postRetry':
        return this.#postRetry(command)
      case 'report':
        return this.#report(command.report)
      case 'reply':
        return this.#reply(command.id, command.result)
      case 'ready':
        return this.#ready.resolve()
      case 'end':
        this.#ready.reject(command.reason)
        for (const cancel of this.#pauses) cancel()
        return this.#end.resolve(command.reason)
    }
  }

  /** Not before its predecessor has really ended; nobody else waits for that. */
  #postRetry(command: SupervisorCommand & { do: 'postRetry' }): void {
    const free = this.#ports.untilFree?.(command.name)
    if (free === undefined) this.#retryLater(command)
    else void free.then(() => this.#retryLater(command))
  }

  #retryLater({ name, run, untilMs }: SupervisorCommand & { do: 'postRetry' }): void {
    const retry = () => this.#tell({ is: 'retry', name, run })
    if (untilMs === undefined) return this.#ports.post(retry)
    const cancel = this.#ports.after(Math.max(0, untilMs - this.#ports.nowMs()), () => {
      this.#pauses.delete(cancel)
      retry()
    })
    this.#pauses.add(cancel)
  }

  async #startChild({ run, spec, attempt }: SupervisorCommand & { do: 'startChild' }): Promise<void> {
    const { name } = spec
    const cancel = new AbortController()
    this.#cancels.set(run, cancel)
    const outcome = await settled(() => this.#ports.startChild(spec, attempt, cancel.signal))
    this.#cancels.delete(run)
    if ('error' in outcome)
      return this.#tell({ is: 'startFailed', name, run, reason: startFailure(outcome.error, childPath(this.path, name)) })
    this.#handles.set(run, { name, handle: outcome.value })
    this.#tell({ is: 'started', name, run })
    void this.#awaitEnd(run, outcome.value)
  }

  /** Apart from the start: whoever waits here for years must not hold what the child was started with. */
  async #awaitEnd(run: number, { ended }: ChildHandle): Promise<void> {
    this.#ended(run, await settled(() => ended))
  }

  /** Both `ended` and the answer to `stop` tell the end: whichever comes first is believed. */
  async #stopChild(run: number, reason: ExitReason): Promise<void> {
    const child = this.#handles.get(run)
    if (child !== undefined) this.#ended(run, await settled(() => child.handle.stop(reason)))
  }

  #ended(run: number, outcome: Outcome<ExitReason>): void {
    const child = this.#handles.get(run)
    if (child === undefined) return
    this.#handles.delete(run)
    this.#tell({
      is: 'exited',
      name: child.name,
      run,
      reason: 'error' in outcome ? { kind: 'error', error: outcome.error } : outcome.value,
    })
  }

  #reply(id: number, result: RequestResult): void {
    this.#replies.get(id)?.(result)
    this.#replies.delete(id)
  }

  /** A listener's mistake must not keep the commands after it from being carried out: it is thrown on its own turn. */
  #report(report: DecisionReport): void {
    try {
      this.#ports.report({ ...report, path: childPath(this.path, report.name), supervisor: this.path })
    } catch (error) {
      this.#ports.post(() => {
        throw error
      })
    }
  }
}

function reasonOf(how: StopHow): ExitReason {
  return { kind: how === 'kill' ? 'killed' : 'shutdown' }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

/** Also what throws at once instead of rejecting. */
async function settled<T>(action: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await action() }
  } catch (error) {
    return { error }
  }
}

/** The reason with the path of the child that failed, however deep below it was. */
function startFailure(error: unknown, path: string): ExitReason {
  if (!isExitReason(error)) return { kind: 'startFailed', stage: 'isolate', error: new StartFailedError(path, 'isolate', error) }
  if (error.kind !== 'startFailed' || error.error instanceof StartFailedError) return error
  return { ...error, error: new StartFailedError(path, error.stage, error.error) }
}

function isExitReason(value: unknown): value is ExitReason {
  return typeof value === 'object' && value !== null && 'kind' in value && !(value instanceof Error)
}

function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
