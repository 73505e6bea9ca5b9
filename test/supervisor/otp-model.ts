import { type ExitReason, isCleanExit } from '../../packages/runtime/src/base/exit-reason.ts'
import type { AnySpec, SupervisorSpec } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { RequestResult } from '../../packages/runtime/src/supervisor/decision-shapes.ts'
import { NO_START } from './world.ts'

type Pid = number | undefined | 'restarting'
interface Row {
  spec: AnySpec
  pid: Pid
  /** Which failed start a posted retry belongs to. */
  failure: number
}

/**
 * A second supervisor, written the way OTP's is: sequential, blocking, loops over a list. It shares no code and no thought
 * with the decision (no plan, no inbox), and is only right as long as nothing happens while it works. The simulation drives
 * both through the same story and compares every start, stop and answer.
 */
export class OtpModel {
  readonly log: string[] = []
  ended = false
  rows: Row[]
  /** Casts to itself: `try_again_restart`. */
  casts: { readonly name: string; readonly failure: number }[] = []
  #spec: SupervisorSpec
  readonly #starts: (name: string) => boolean
  #restarts: number[] = []
  #pids = 0

  /** `starts` says whether the next start of a name succeeds. */
  constructor(spec: SupervisorSpec, starts: (name: string) => boolean) {
    this.#spec = spec
    this.#starts = starts
    this.rows = spec.children.map((child) => ({ spec: child, pid: undefined, failure: 0 }))
  }

  boot(): void {
    for (const row of this.rows) if (!this.#start(row)) return this.#end()
    this.log.push('ready')
  }

  exit(name: string, reason: ExitReason, nowMs: number): void {
    const row = this.#row(name)!
    const { restart, significant } = row.spec
    if (restart === 'permanent' || (restart === 'transient' && !isCleanExit(reason))) return this.#restart(row, nowMs)
    row.pid = undefined
    if (restart === 'temporary') this.rows = this.rows.filter((it) => it !== row)
    const active = this.rows.some((it) => it.spec.significant && it.pid !== undefined)
    const mode = this.#spec.autoShutdown
    if (significant && (mode === 'any-significant' || (mode === 'all-significant' && !active))) this.#end()
  }

  turn(nowMs: number): void {
    for (const { name, failure } of this.casts.splice(0)) {
      const row = this.#row(name)
      if (!this.ended && row?.pid === 'restarting' && row.failure === failure) this.#restart(row, nowMs)
    }
  }

  stop(): void {
    if (!this.ended) this.#end()
  }

  startChild(spec: AnySpec): RequestResult {
    const found = this.#row(spec.name)
    if (this.ended) return { ok: false, why: 'supervisorStopped' }
    if (found !== undefined) return { ok: false, why: typeof found.pid === 'number' ? 'alreadyStarted' : 'alreadyPresent' }
    const row: Row = { spec, pid: undefined, failure: 0 }
    this.rows.push(row)
    if (this.#start(row)) return { ok: true }
    this.rows.pop()
    return { ok: false, why: 'startFailed', reason: NO_START }
  }

  terminateChild(name: string): RequestResult {
    const row = this.#row(name)
    if (this.ended) return { ok: false, why: 'supervisorStopped' }
    if (row === undefined) return { ok: false, why: 'notFound' }
    this.#terminate([row])
    return { ok: true }
  }

  restartChild(name: string): RequestResult {
    const refusal = this.#refusal(name)
    if (refusal !== undefined) return refusal
    return this.#start(this.#row(name)!) ? { ok: true } : { ok: false, why: 'startFailed', reason: NO_START }
  }

  deleteChild(name: string): RequestResult {
    const refusal = this.#refusal(name)
    if (refusal !== undefined) return refusal
    this.rows = this.rows.filter((row) => row.spec.name !== name)
    return { ok: true }
  }

  /** `code_change`: what is in both keeps its pid, what is new has none, what is missing goes to the end. */
  changeSpec(spec: SupervisorSpec): RequestResult {
    if (this.ended) return { ok: false, why: 'supervisorStopped' }
    const listed = spec.children.map((child): Row => {
      const old = this.#row(child.name)
      return old === undefined ? { spec: child, pid: undefined, failure: 0 } : Object.assign(old, { spec: child })
    })
    this.rows = [...listed, ...this.rows.filter((row) => !listed.includes(row))]
    this.#spec = spec
    return { ok: true }
  }

  get phases(): string[] {
    return this.rows
      .map(({ spec, pid }) => `${spec.name} ${pid === undefined ? 'stopped' : pid === 'restarting' ? pid : 'running'}`)
      .reverse()
  }

  #refusal(name: string): RequestResult | undefined {
    const row = this.#row(name)
    if (this.ended) return { ok: false, why: 'supervisorStopped' }
    if (row === undefined) return { ok: false, why: 'notFound' }
    if (row.pid === undefined) return undefined
    return { ok: false, why: row.pid === 'restarting' ? 'restarting' : 'running' }
  }

  #restart(failed: Row, nowMs: number): void {
    const { restarts, withinMs } = this.#spec.intensity
    this.#restarts = [nowMs, ...this.#restarts.filter((atMs) => atMs >= nowMs - withinMs)]
    if (this.#restarts.length > restarts) {
      failed.pid = undefined
      return this.#end()
    }
    const index = this.rows.indexOf(failed)
    const group = { 'one-for-one': [failed], 'rest-for-one': this.rows.slice(index), 'one-for-all': [...this.rows] }[this.#spec.strategy]
    failed.pid = undefined
    // Only a change of the spec makes a temporary child wait for a restart: alone it is started, in a group it is dropped.
    const isAlone = this.#spec.strategy === 'one-for-one'
    if (!isAlone) this.#terminate(group)
    for (const row of group.filter((it) => isAlone || it.spec.restart !== 'temporary')) {
      if (this.#start(row)) continue
      row.pid = 'restarting'
      row.failure = ++this.#pids
      this.log.push(`post ${row.spec.name}`)
      this.casts.push({ name: row.spec.name, failure: row.failure })
      return
    }
  }

  #terminate(group: readonly Row[]): void {
    for (const row of [...group].reverse()) {
      if (typeof row.pid === 'number') this.log.push(`stop ${row.spec.name}`)
      row.pid = undefined
      if (row.spec.restart === 'temporary') this.rows = this.rows.filter((it) => it !== row)
    }
  }

  #start(row: Row): boolean {
    this.log.push(`start ${row.spec.name}`)
    const ok = this.#starts(row.spec.name)
    row.pid = ok ? ++this.#pids : undefined
    return ok
  }

  #end(): void {
    this.#terminate(this.rows)
    this.ended = true
    this.log.push('end')
  }

  #row(name: string): Row | undefined {
    return this.rows.find((row) => row.spec.name === name)
  }
}
