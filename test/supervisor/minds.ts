import * as decision from '../../packages/runtime/src/supervisor/decision.ts'
import * as dynamicDecision from '../../packages/runtime/src/supervisor/dynamic-decision.ts'
import * as dynamicState from '../../packages/runtime/src/supervisor/dynamic-state.ts'
import * as staticState from '../../packages/runtime/src/supervisor/static-state.ts'

/** Both decisions with their states. Checks take it as an argument, so that they can also be run against a mutated copy. */
export type Minds = typeof decision & typeof staticState & typeof dynamicDecision & typeof dynamicState

export const minds: Minds = { ...decision, ...staticState, ...dynamicDecision, ...dynamicState }
