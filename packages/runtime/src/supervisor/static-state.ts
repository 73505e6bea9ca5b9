import { assert } from '../base/assert.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { type Failures, NO_FAILURES } from './backoff.ts'
import type { AnySpec, SupervisorSpec } from './child-spec.ts'
import type { Attempt, ChildCounts, ChildStatus, Fate, Request, StopHow, SupervisorEvent } from './decision-shapes.ts'
import { countSpecs, isRestarted } from './restart-rules.ts'

/** All that a static supervisor knows. A value: each decision makes the next one. */
export interface StaticState {
  readonly spec: SupervisorSpec
  readonly phase: 'new' | 'starting' | 'up' | 'ending' | 'ended'
  readonly attempt: Attempt
  /** In the order of their start. */
  readonly children: readonly StaticChild[]
  /** When it restarted, oldest first, over all children. */
  readonly restartsAtMs: readonly number[]
  /** What it is in the middle of. A supervisor does one thing at a time. */
  readonly plan: Plan | undefined
  /** What came meanwhile and needs a decision; heard in order once the plan is done. */
  readonly inbox: readonly Deferred[]
  /** The last run number given out. */
  readonly runs: number
}

export interface StaticChild {
  readonly spec: AnySpec
  /** `exited`: dead, and the supervisor has not come to it yet. `restarting`: a start has failed, the next try is posted. */
  readonly phase: ChildStatus['phase'] | 'exited'
  /** The number of its last incarnation; 0 before the first. */
  readonly run: number
  readonly restarts: number
  readonly lastExit: ExitReason | undefined
  /** What was last reported to become of it; undefined while it lives. */
  readonly told: Fate | undefined
  /** Came at run time: it ends with its supervisor, whose spec does not know it. */
  readonly added: boolean
  readonly failures: Failures
}

export type Plan = { readonly steps: readonly Step[] } & (
  | { readonly for: 'boot' }
  | { readonly for: 'restart' }
  | { readonly for: 'request'; readonly id: number; readonly is: PlannedRequest['is'] }
  | { readonly for: 'end'; readonly reason: ExitReason; readonly how: StopHow }
)

/** What a change of the spec leads to is done at once. */
type PlannedRequest = Exclude<Request, { readonly is: 'changeSpec' }>

export interface Step {
  readonly act: 'start' | 'stop'
  readonly name: string
}

export type Deferred = SupervisorEvent & ({ readonly is: 'exited' | 'retry' } | Request)

export function staticState(spec: SupervisorSpec): StaticState {
  const children = spec.children.map((child) => childOf(child, false))
  return { spec, phase: 'new', attempt: 'initial', children, restartsAtMs: [], plan: undefined, inbox: [], runs: 0 }
}

export function childOf(spec: AnySpec, added: boolean): StaticChild {
  return { spec, phase: 'stopped', run: 0, restarts: 0, lastExit: undefined, told: undefined, added, failures: NO_FAILURES }
}

export function find(state: StaticState, name: string): StaticChild | undefined {
  return state.children.find((child) => child.spec.name === name)
}

export function known(state: StaticState, name: string): StaticChild {
  const child = find(state, name)
  assert(child !== undefined, `a plan of ${state.spec.name} names ${name}, which is not there`)
  return child
}

/** The state in which this child has changed. */
export function put(state: StaticState, changed: StaticChild): StaticState {
  return { ...state, children: state.children.map((child) => (child.spec.name === changed.spec.name ? changed : child)) }
}

export function without(state: StaticState, name: string): StaticState {
  return { ...state, children: state.children.filter((child) => child.spec.name !== name) }
}

/** The child that is being started or stopped; at most one, but for a kill. */
export function inFlight(state: StaticState): StaticChild | undefined {
  return state.children.find((child) => child.phase === 'starting' || child.phase === 'stopping')
}

/** OTP's `which_children`: newest first. */
export function whichChildren(state: StaticState): readonly ChildStatus[] {
  return state.children.map(statusOf).reverse()
}

/** OTP's `count_children`. */
export function countChildren(state: StaticState): ChildCounts {
  const active = state.children.filter(({ phase }) => phase === 'running' || phase === 'stopping').length
  return countSpecs(
    state.children.map((child) => child.spec),
    active,
  )
}

function statusOf({ spec, phase, restarts, lastExit, failures }: StaticChild): ChildStatus {
  const shown = phase === 'exited' ? afterExit(spec, lastExit) : phase
  const waitUntilMs = phase === 'restarting' ? failures.waitUntilMs : undefined
  return { name: spec.name, kind: spec.kind, phase: shown, restarts, lastExit, waitUntilMs }
}

function afterExit(spec: AnySpec, reason: ExitReason | undefined): 'restarting' | 'stopped' {
  return reason !== undefined && isRestarted(spec.restart, reason) ? 'restarting' : 'stopped'
}
