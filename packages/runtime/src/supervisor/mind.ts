import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from './child-spec.ts'
import { decide } from './decision.ts'
import type { ChildCounts, ChildStatus, SupervisorCommand, SupervisorEvent } from './decision-shapes.ts'
import { decideDynamic } from './dynamic-decision.ts'
import { countDynamic, dynamicState, whichDynamic } from './dynamic-state.ts'
import { countChildren, find, staticState, whichChildren } from './static-state.ts'

/** The two kinds of decision under one face. */
export interface Mind {
  decide(event: SupervisorEvent): readonly SupervisorCommand[]
  spec(): SupervisorSpec | DynamicSupervisorSpec
  specOf(name: string): AnySpec | undefined
  which(): readonly ChildStatus[]
  count(): ChildCounts
}

function staticMind(spec: SupervisorSpec): Mind {
  let state = staticState(spec)
  return {
    decide(event) {
      const decision = decide(state, event)
      state = decision.state
      return decision.commands
    },
    spec: () => state.spec,
    specOf: (name) => find(state, name)?.spec,
    which: () => whichChildren(state),
    count: () => countChildren(state),
  }
}

function dynamicMind(spec: DynamicSupervisorSpec): Mind {
  const state = dynamicState(spec)
  return {
    decide: (event) => decideDynamic(state, event).commands,
    spec: () => state.spec,
    specOf: (name) => state.children.get(name)?.spec,
    which: () => whichDynamic(state),
    count: () => countDynamic(state),
  }
}

export function mindOf(spec: SupervisorSpec | DynamicSupervisorSpec): Mind {
  return spec.kind === 'supervisor' ? staticMind(spec) : dynamicMind(spec)
}
