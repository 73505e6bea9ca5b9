import type { ExitReason } from '../base/exit-reason.ts'
import { type Attempt, type Fate, isRequest, STOPPED, type StopHow, type SupervisorCommand } from './decision-shapes.ts'
import { isExpectedStop } from './restart-rules.ts'
import { inFlight, known, type Plan, put, type StaticChild, type StaticState, type Step, without } from './static-state.ts'

/**
 * A plan is the list of stops and starts that one decision leads to, done one after the other: the next step is taken when
 * the former has succeeded. Here is how steps are done; which steps there are is decided in decision.ts.
 */

/** Goes on with the plan, until something has to be waited for or all is done. */
export function runPlan(state: StaticState, out: SupervisorCommand[]): StaticState {
  let s = state
  for (let step = s.plan?.steps[0]; step !== undefined; step = s.plan?.steps[0]) {
    s = step.act === 'stop' ? stopStep(s, known(s, step.name), out) : startStep(s, known(s, step.name), out)
    if (!isDone(s, step)) return s
    s = afterStep(s, step)
  }
  return s.plan === undefined ? s : finish(s, s.plan, out)
}

function isDone(s: StaticState, step: Step): boolean {
  return known(s, step.name).phase === (step.act === 'stop' ? 'stopped' : 'running')
}

/** A temporary child is forgotten once it is stopped, so that no group restart brings it back. */
function afterStep(s: StaticState, { act, name }: Step): StaticState {
  const left = act === 'stop' && known(s, name).spec.restart === 'temporary' ? without(s, name) : s
  return s.plan === undefined ? left : { ...left, plan: { ...s.plan, steps: s.plan.steps.slice(1) } }
}

function finish(s: StaticState, plan: Plan, out: SupervisorCommand[]): StaticState {
  if (plan.for === 'boot') out.push({ do: 'ready' })
  if (plan.for === 'request') out.push({ do: 'reply', id: plan.id, result: { ok: true } })
  if (plan.for === 'end') out.push({ do: 'end', reason: plan.reason })
  return { ...s, phase: plan.for === 'boot' ? 'up' : plan.for === 'end' ? 'ended' : s.phase, plan: undefined }
}

function startStep(s: StaticState, child: StaticChild, out: SupervisorCommand[]): StaticState {
  if (child.phase !== 'stopped' && child.phase !== 'restarting') return s
  const run = s.runs + 1
  out.push({ do: 'startChild', run, spec: child.spec, attempt: attemptOf(s, child) })
  return put({ ...s, runs: run }, { ...child, phase: 'starting', run })
}

/** A child whose address has ended comes as a new one, even in a group restart. */
export function attemptOf(s: StaticState, child: StaticChild): Attempt {
  if (child.told !== undefined) return child.told === 'restarts' ? 'restart' : 'initial'
  return child.added ? 'initial' : s.attempt
}

function stopStep(s: StaticState, child: StaticChild, out: SupervisorCommand[]): StaticState {
  switch (child.phase) {
    case 'running':
      return askToStop(s, child, howOf(s), out)
    // It died by itself before its turn came: nothing is left to stop, and its end is not a failure to restart after.
    case 'exited':
      return settleStop(s, child, child.lastExit!, out)
    case 'restarting':
    case 'stopped':
      return dropPromise(s, child, fateNow(s, child), out)
    default:
      return s
  }
}

function askToStop(s: StaticState, child: StaticChild, how: StopHow, out: SupervisorCommand[]): StaticState {
  out.push({ do: 'stopChild', run: child.run, how })
  return put(s, { ...child, phase: 'stopping' })
}

/** A child that was asked to stop has ended. */
export function settleStop(s: StaticState, child: StaticChild, reason: ExitReason, out: SupervisorCommand[]): StaticState {
  const fate = fateNow(s, child)
  const expected = isExpectedStop(child.spec, howOf(s), reason)
  out.push({ do: 'report', report: { kind: 'stopped', name: child.spec.name, reason, fate, expected } })
  return put(s, { ...child, phase: 'stopped', lastExit: reason, told: fate })
}

/** Of a dead child it was said that it comes back. If that is not so any more, the world must hear it. */
export function dropPromise(s: StaticState, child: StaticChild, fate: Fate, out: SupervisorCommand[]): StaticState {
  if (child.told !== 'restarts' || fate === 'restarts') return put(s, { ...child, phase: 'stopped' })
  out.push({ do: 'report', report: { kind: 'stopped', name: child.spec.name, reason: child.lastExit!, fate, expected: true } })
  return put(s, { ...child, phase: 'stopped', told: fate })
}

/** What becomes of a child that ends under the present plan. */
export function fateNow(s: StaticState, child: StaticChild): Fate {
  if (s.plan?.for === 'restart') return child.spec.restart === 'temporary' ? 'ended' : 'restarts'
  return s.plan?.for === 'request' ? 'ended' : fateAtEnd(child)
}

/** What becomes of a child when its supervisor ends. */
export function fateAtEnd(child: StaticChild): Fate {
  return child.added ? 'ended' : 'parent-decides'
}

function howOf(s: StaticState): StopHow {
  return s.plan?.for === 'end' ? s.plan.how : 'shutdown'
}

/**
 * Drops whatever it was doing, and stops all children in the reverse order of their start. What is in flight comes first:
 * two stops are never under way together, and a start that nobody wants any more is cancelled.
 */
export function endWith(s: StaticState, reason: ExitReason, how: StopHow, out: SupervisorCommand[]): StaticState {
  const busy = inFlight(s)
  if (busy?.phase === 'starting') out.push({ do: 'cancelStart', run: busy.run, how })
  if (s.plan?.for === 'request') out.push({ do: 'reply', id: s.plan.id, result: STOPPED })
  for (const waiting of s.inbox.filter(isRequest)) out.push({ do: 'reply', id: waiting.id, result: STOPPED })
  const order = [...(busy === undefined ? [] : [busy]), ...s.children.filter((child) => child !== busy).reverse()]
  const steps = order.map(({ spec }) => ({ act: 'stop' as const, name: spec.name }))
  const ending: StaticState = { ...s, phase: 'ending', inbox: [], plan: { for: 'end', reason, how, steps } }
  return how === 'kill' ? killAll(ending, out) : ending
}

/** A kill waits for nobody's turn, and also reaches those that were asked in a friendlier way before. */
export function killAll(s: StaticState, out: SupervisorCommand[]): StaticState {
  const alive = s.children.filter(({ phase }) => phase === 'running' || phase === 'stopping')
  return alive.reduceRight((state, child) => askToStop(state, child, 'kill', out), s)
}
