import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type {
  Attempt,
  ChildCounts,
  ChildStatus,
  DecisionReport,
  RequestResult,
  StopHow,
  SupervisorCommand,
  SupervisorEvent,
} from '../../packages/runtime/src/supervisor/decision-shapes.ts'
import type { Minds } from './minds.ts'

export const NORMAL: ExitReason = { kind: 'normal' }
export const SHUTDOWN: ExitReason = { kind: 'shutdown' }
export const KILLED: ExitReason = { kind: 'killed' }
export const CRASH: ExitReason = { kind: 'error', error: 'crash' }
export const NO_START: ExitReason = { kind: 'startFailed', stage: 'onStart', error: 'no' }

type Told<E = SupervisorEvent> = E extends SupervisorEvent ? Omit<E, 'atMs'> : never
type Run = { readonly name: string; readonly run: number; readonly how?: StopHow; readonly attempt?: Attempt }

/**
 * What stands around a decision: children that start, end and stop as the test says, on a virtual clock. It knows nothing
 * of the decision's state, and checks with every command what must hold always, whatever the strategy (`#check…`).
 */
export class World {
  nowMs = 0
  random = 0.5
  /** `start a`, `stop a`, `kill a`, `cancel a`, `post a`, `ready`, `end`: the commands, in their order. */
  readonly log: string[] = []
  readonly reports: DecisionReport[] = []
  readonly replies = new Map<number, RequestResult>()
  ended: ExitReason | undefined
  ready = false
  /** How many of the next starts of a name fail. */
  readonly failing = new Map<string, number>()
  /** Whether the next start of a name succeeds; by default what `failing` says. */
  startsWith = (name: string): boolean => {
    const left = this.failing.get(name) ?? 0
    if (left > 0) this.failing.set(name, left - 1)
    return left === 0
  }
  /** How a child ends when it is asked to stop. */
  stopsWith: (name: string) => ExitReason = () => SHUTDOWN
  /** Held: the test itself answers starts and stops. */
  holdStarts = false
  holdStops = false
  readonly starting: Run[] = []
  readonly stopping: Run[] = []
  readonly alive: Run[] = []
  readonly retries: (Run & { readonly untilMs: number | undefined })[] = []
  /** What was told of children so far: all of it is history by now. */
  readonly told: Told[] = []
  #requests = 0
  #over = false
  /** What was counted, and promised, under another spec is not seen from outside. */
  #isSpecConstant = true
  onStart: (spec: AnySpec) => void = () => undefined
  readonly #fates = new Map<string, DecisionReport>()
  #grants: { readonly name: string; readonly atMs: number }[] = []
  readonly #decide: (event: SupervisorEvent) => readonly SupervisorCommand[]
  readonly which: () => readonly ChildStatus[]
  readonly count: () => ChildCounts
  spec: SupervisorSpec | DynamicSupervisorSpec

  constructor(minds: Minds, spec: SupervisorSpec | DynamicSupervisorSpec) {
    this.spec = spec
    if (spec.kind === 'supervisor') {
      let state = minds.staticState(spec)
      this.#decide = (event) => {
        const decision = minds.decide(state, event)
        state = decision.state
        return decision.commands
      }
      this.which = () => minds.whichChildren(state)
      this.count = () => minds.countChildren(state)
    } else {
      const state = minds.dynamicState(spec)
      this.#decide = (event) => minds.decideDynamic(state, event).commands
      this.which = () => minds.whichDynamic(state)
      this.count = () => minds.countDynamic(state)
    }
  }

  // ---- what a test does ---------------------------------------------------------------------------------------------

  boot(attempt: Attempt = 'initial'): this {
    this.tell({ is: 'boot', attempt })
    return this
  }

  stop(how: StopHow = 'shutdown'): this {
    this.#over = true
    this.tell({ is: 'stop', how })
    return this
  }

  /** The child ends by itself. */
  exit(name: string, reason: ExitReason = CRASH): this {
    const { run } = take(this.alive, ({ name: it }) => it === name)
    const asked = this.stopping.findIndex((it) => it.run === run)
    if (asked >= 0) this.stopping.splice(asked, 1)
    this.tell({ is: 'exited', name, run, reason })
    return this
  }

  /** Answers a start that is held. */
  started(name: string): void {
    const run = take(this.starting, ({ name: it }) => it === name)
    this.alive.push(run)
    this.tell({ is: 'started', name, run: run.run })
  }

  startFailed(name: string, reason: ExitReason = NO_START): void {
    const { run } = take(this.starting, ({ name: it }) => it === name)
    this.tell({ is: 'startFailed', name, run, reason })
  }

  /** Answers a stop that is held. */
  stopped(name: string, reason: ExitReason = this.stopsWith(name)): void {
    const { run } = take(this.stopping, ({ name: it }) => it === name)
    const at = this.alive.findIndex((it) => it.run === run)
    if (at >= 0) this.alive.splice(at, 1)
    this.tell({ is: 'exited', name, run, reason })
  }

  /** The next turn of the event loop: what was posted until now, or waits until now, comes back. */
  turn(): this {
    const due = this.retries.filter(({ untilMs }) => untilMs === undefined || untilMs <= this.nowMs)
    for (const retry of due) {
      this.retries.splice(this.retries.indexOf(retry), 1)
      this.tell({ is: 'retry', name: retry.name, run: retry.run })
    }
    return this
  }

  /** Turns until nothing is posted any more; time goes by where something waits for it. */
  settle(): this {
    for (let turns = 0; this.retries.length > 0; turns++) {
      if (turns > 1_000) throw new Error('the retries do not end')
      this.nowMs = Math.max(this.nowMs, Math.min(...this.retries.map(({ untilMs }) => untilMs ?? 0)))
      this.turn()
    }
    return this
  }

  startChild(spec: AnySpec): RequestResult | undefined {
    return this.#request((id) => ({ is: 'startChild', id, spec }))
  }

  terminateChild(name: string): RequestResult | undefined {
    return this.#request((id) => ({ is: 'terminateChild', id, name }))
  }

  restartChild(name: string): RequestResult | undefined {
    return this.#request((id) => ({ is: 'restartChild', id, name }))
  }

  changeSpec(spec: SupervisorSpec | DynamicSupervisorSpec): RequestResult | undefined {
    this.spec = spec
    this.#isSpecConstant = false
    return this.#request((id) => ({ is: 'changeSpec', id, spec }))
  }

  deleteChild(name: string): RequestResult | undefined {
    return this.#request((id) => ({ is: 'deleteChild', id, name }))
  }

  // ---- what a test looks at -----------------------------------------------------------------------------------------

  /** `[specs, active, supervisors, workers]`, as the facts write it. */
  get counts(): [number, number, number, number] {
    const { specs, active, supervisors, workers } = this.count()
    return [specs, active, supervisors, workers]
  }

  /** `['b running', 'a restarting']`, newest first. */
  get phases(): string[] {
    return this.which().map(({ name, phase }) => `${name} ${phase}`)
  }

  /** The number of the run that lives under a name: OTP's tests compare pids. */
  run(name: string): number | undefined {
    return this.alive.find((it) => it.name === name)?.run
  }

  /** What was logged since the last look. */
  news(): string[] {
    return this.log.splice(0)
  }

  report<K extends DecisionReport['kind']>(kind: K): (DecisionReport & { kind: K })[] {
    return this.reports.filter((report): report is DecisionReport & { kind: K } => report.kind === kind)
  }

  get requests(): number {
    return this.#requests
  }

  // ---- the machinery ------------------------------------------------------------------------------------------------

  tell(event: Told): void {
    if ('run' in event) this.told.push(event)
    const commands = this.#decide({ ...event, atMs: this.nowMs, random: this.random } as SupervisorEvent)
    for (const command of commands) this.#note(command)
    this.#answer()
    this.#checkIdle()
  }

  /** Nothing is under way and nothing is posted: nobody waits for a restart that will never be. */
  #checkIdle(): void {
    if (this.#over || this.ended !== undefined || this.#inFlight() > 0 || this.retries.length > 0) return
    for (const [name, report] of this.#fates)
      must(!('fate' in report) || report.fate !== 'restarts', `${name} was promised to come back, and nobody is about to start it`)
  }

  #request(of: (id: number) => Told): RequestResult | undefined {
    const id = ++this.#requests
    this.tell(of(id))
    return this.replies.get(id)
  }

  #note(command: SupervisorCommand): void {
    must(this.ended === undefined || command.do === 'reply', `${command.do} after the end`)
    switch (command.do) {
      case 'startChild':
        this.log.push(`start ${command.spec.name}`)
        this.#checkStart(command.spec, command.attempt)
        this.onStart(command.spec)
        this.starting.push({ name: command.spec.name, run: command.run, attempt: command.attempt })
        break
      case 'cancelStart':
        this.log.push(`cancel ${this.starting.find(({ run }) => run === command.run)?.name}`)
        break
      case 'stopChild':
        this.#noteStop(command.run, command.how)
        break
      case 'postRetry':
        this.log.push(`post ${command.name}`)
        this.retries.push({ name: command.name, run: command.run, untilMs: command.untilMs })
        break
      case 'report':
        this.reports.push(command.report)
        this.#checkReport(command.report)
        break
      case 'reply':
        must(!this.replies.has(command.id), 'a request is answered twice')
        this.replies.set(command.id, command.result)
        break
      case 'ready':
        this.log.push('ready')
        this.ready = true
        break
      case 'end':
        this.log.push('end')
        this.#checkEnd()
        this.ended = command.reason
    }
  }

  #noteStop(run: number, how: StopHow): void {
    const child = this.alive.find((it) => it.run === run)
    const asked = this.stopping.findIndex((it) => it.run === run)
    must(child !== undefined, `stop of run ${run}, which is not alive`)
    this.log.push(`${how === 'kill' ? 'kill' : 'stop'} ${child.name}`)
    if (asked < 0) must(how === 'kill' || this.spec.kind !== 'supervisor' || this.#inFlight() === 0, 'two things in flight')
    else must(how === 'kill', 'asked to stop twice')
    if (asked < 0) this.stopping.push({ ...child, how })
    else this.stopping[asked] = { ...child, how }
  }

  #inFlight(): number {
    return this.starting.length + this.stopping.length
  }

  /** Answers what is not held, oldest first, until nothing is left to answer. */
  #answer(): void {
    if (!this.holdStarts && this.starting[0] !== undefined) {
      const { name } = this.starting[0]
      if (this.startsWith(name)) this.started(name)
      else this.startFailed(name)
    } else if (!this.holdStops && this.stopping[0] !== undefined) {
      const { name, how } = this.stopping[0]
      this.stopped(name, how === 'kill' ? KILLED : this.stopsWith(name))
    }
  }

  #checkStart(spec: AnySpec, attempt: Attempt): void {
    const { name } = spec
    must(!this.#over, `${name} is started while the supervisor ends`)
    must(![...this.alive, ...this.starting].some((it) => it.name === name), `${name} is started while it lives`)
    if (this.spec.kind === 'supervisor') must(this.#inFlight() === 0, 'a start while something is in flight')
    const last = this.#fates.get(name)
    const promised = last !== undefined && 'fate' in last && last.fate === 'restarts'
    if (last !== undefined)
      must(promised === (attempt === 'restart'), `${name} is started as ${attempt}, and its last report was ${last.kind}`)
    if (spec.restart === 'temporary' && this.#isSpecConstant) must(!promised, `temporary ${name} is revived`)
    // A name used again is a new child, with a limit of its own.
    if (attempt === 'initial' && this.#isPerChild()) this.#grants = this.#grants.filter((it) => it.name !== name)
    if (attempt === 'restart' && this.#isCounted()) this.#grant(name)
  }

  /** Where each start again is one restart, the limit can be checked from outside. */
  #isCounted(): boolean {
    if (!this.#isSpecConstant) return false
    return this.spec.kind === 'dynamic-supervisor' || this.spec.strategy === 'one-for-one'
  }

  #isPerChild(): boolean {
    return this.spec.kind === 'dynamic-supervisor' && this.spec.per === 'child'
  }

  #grant(name: string): void {
    this.#grants.push({ name, atMs: this.nowMs })
    must(this.#grantsNow(name) <= this.spec.intensity.restarts, `${name}: more restarts than the intensity allows`)
  }

  #grantsNow(name: string): number {
    const own = this.#isPerChild()
    const since = this.nowMs - this.spec.intensity.withinMs
    return this.#grants.filter((it) => it.atMs >= since && (!own || it.name === name)).length
  }

  #checkReport(report: DecisionReport): void {
    if (report.kind === 'gaveUp' || report.kind === 'autoShutdown') {
      this.#over ||= report.kind === 'autoShutdown' || report.whole
      if (report.kind === 'gaveUp' && this.#isCounted())
        must(this.#grantsNow(report.name) === this.spec.intensity.restarts, `gave up ${report.name} too early`)
      return
    }
    this.#fates.set(report.name, report)
  }

  #checkEnd(): void {
    must(this.alive.length === 0 && this.starting.length === 0, 'the supervisor ended before its children')
    for (const [name, report] of this.#fates)
      must(!('fate' in report) || report.fate !== 'restarts', `${name} was promised to come back, and the supervisor has ended`)
  }
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`)
}

function take(from: Run[], is: (run: Run) => boolean): Run {
  const at = from.findIndex(is)
  if (at < 0) throw new Error('the test speaks of a child that is not there')
  return from.splice(at, 1)[0]!
}
