import type { ExitReason } from '../base/exit-reason.ts'
import type { Failures } from './backoff.ts'
import type { AnySpec, DynamicSupervisorSpec } from './child-spec.ts'
import type { ChildCounts, ChildStatus, StopHow } from './decision-shapes.ts'
import { countSpecs } from './restart-rules.ts'

/**
 * All that a dynamic supervisor knows. Unlike a static one's, this state is changed in place: it may hold ten thousand
 * children, and a copy of all for each exit would make their end take minutes. Only dynamic-decision.ts changes it.
 */
export interface DynamicState {
  spec: DynamicSupervisorSpec
  phase: 'new' | 'up' | 'ending' | 'ended'
  how: StopHow
  /** By name, in the order in which they came. What has ended for good is not in here. */
  readonly children: Map<string, DynamicChild>
  /** When it restarted, over all children; not used with `per: 'child'`. */
  restartsAtMs: readonly number[]
  runs: number
}

export interface DynamicChild {
  spec: AnySpec
  phase: Exclude<ChildStatus['phase'], 'stopped'>
  run: number
  restarts: number
  lastExit: ExitReason | undefined
  /** Its own restarts; only used with `per: 'child'`. */
  restartsAtMs: readonly number[]
  /** Who waits for its first start. */
  startId: number | undefined
  /** Who waits for its end. Somebody in here: it is to end as soon as it can. */
  readonly stopIds: number[]
  failures: Failures
}

export function dynamicState(spec: DynamicSupervisorSpec): DynamicState {
  return { spec, phase: 'new', how: 'shutdown', children: new Map(), restartsAtMs: [], runs: 0 }
}

/** OTP's `which_children`: newest first. */
export function whichDynamic(state: DynamicState): readonly ChildStatus[] {
  return [...state.children.values()].map(statusOf).reverse()
}

/** OTP's `count_children`, but that `specs` counts the children, as there is no template (so does Elixir's DynamicSupervisor). */
export function countDynamic(state: DynamicState): ChildCounts {
  const children = [...state.children.values()]
  const active = children.filter(({ phase }) => phase === 'running' || phase === 'stopping').length
  return countSpecs(
    children.map((child) => child.spec),
    active,
  )
}

function statusOf({ spec, phase, restarts, lastExit, failures }: DynamicChild): ChildStatus {
  const waitUntilMs = phase === 'restarting' ? failures.waitUntilMs : undefined
  return { name: spec.name, kind: spec.kind, phase, restarts, lastExit, waitUntilMs }
}
