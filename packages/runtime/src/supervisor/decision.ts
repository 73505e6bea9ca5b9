import { assert } from '../base/assert.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { afterFailure, NO_FAILURES, pauseAfter } from './backoff.ts'
import {
  type Attempt,
  type Decision,
  isRequest,
  type Request,
  STOPPED,
  type StopHow,
  type SupervisorCommand,
  type SupervisorEvent,
} from './decision-shapes.ts'
import { restartSteps, startAll, withdrawOrphans } from './group.ts'
import { attemptOf, dropPromise, endWith, fateAtEnd, fateNow, killAll, runPlan, settleStop } from './plan.ts'
import { addRestart, exceeds, isRestarted, keptSpec, restartsLeft } from './restart-rules.ts'
import { adoptSpec, changeSpec } from './spec-change.ts'
import { childOf, find, put, type StaticChild, type StaticState, type Step, without } from './static-state.ts'

/**
 * What a static supervisor does, as a pure function: nothing in here knows threads, promises or the time of day. The
 * algorithm is that of OTP's `supervisor.erl`; each function below is one row of its table.
 *
 * OTP's supervisor is a process: it does one thing to its end and reads its next message then. That is the plan and the
 * inbox here. Only the ends of starts and stops, and the wish to end the supervisor, are heard at once.
 */
export function decide(state: StaticState, event: SupervisorEvent): Decision<StaticState> {
  const commands: SupervisorCommand[] = []
  let s = runPlan(hear(state, event, commands), commands)
  while (s.plan === undefined && s.inbox.length > 0) s = runPlan(takeNext(s, event.atMs, commands), commands)
  return { state: s, commands }
}

function hear(s: StaticState, event: SupervisorEvent, out: SupervisorCommand[]): StaticState {
  switch (event.is) {
    case 'boot':
      return boot(s, event.attempt)
    case 'stop':
      return stop(s, event.how, out)
    case 'started':
      return onRun(s, event, 'starting', (child) => started(s, child, event.atMs, out))
    case 'startFailed':
      return onRun(s, event, 'starting', (child) => startFailed(s, child, event, out))
    case 'exited':
      return exited(s, event, out)
    case 'adopt':
      return adoptSpec(s, event.spec)
    default:
      return defer(s, event, out)
  }
}

/** A supervisor that was ended before it began stays ended. */
function boot(s: StaticState, attempt: Attempt): StaticState {
  if (s.phase === 'ended') return s
  assert(s.phase === 'new', `${s.spec.name} is started twice`)
  return { ...s, phase: 'starting', attempt, plan: { for: 'boot', steps: startAll(s.children) } }
}

/** Calls `then` only if the event speaks of the child's present run; what it says of an older one is history. */
function onRun(s: StaticState, of: { name: string; run: number }, phase: StaticChild['phase'], then: (child: StaticChild) => StaticState) {
  const child = find(s, of.name)
  return child !== undefined && child.run === of.run && child.phase === phase ? then(child) : s
}

function started(s: StaticState, child: StaticChild, atMs: number, out: SupervisorCommand[]): StaticState {
  const restarts = child.restarts + (s.plan?.for === 'restart' ? 1 : 0)
  out.push({ do: 'report', report: { kind: 'started', name: child.spec.name, attempt: attemptOf(s, child), restarts } })
  const spec = child.added ? keptSpec(child.spec) : child.spec
  return put(s, { ...child, spec, phase: 'running', restarts, told: undefined, failures: { ...child.failures, readyAtMs: atMs } })
}

function startFailed(s: StaticState, child: StaticChild, event: SupervisorEvent & { is: 'startFailed' }, out: SupervisorCommand[]) {
  const { reason, name } = event
  const fate = isCalledOff(s, name) ? 'ended' : fateNow(s, child)
  const failures = s.plan?.for === 'restart' ? afterFailure(child.spec.backoff, child.failures, event, false) : NO_FAILURES
  const restartInMs = fate === 'restarts' ? pauseAfter(failures, event.atMs) : undefined
  out.push({ do: 'report', report: { kind: 'startFailed', name, reason, fate, restartsLeft: leftOf(s, event.atMs), restartInMs } })
  const phase = s.plan?.for === 'restart' ? 'restarting' : 'stopped'
  const failed = put(s, { ...child, phase, lastExit: reason, told: fate, failures })
  switch (s.plan?.for) {
    // The first start has no second try: what is up goes down again, and the parent hears why.
    case 'boot':
      return endWith(failed, reason, 'shutdown', out)
    // The retry is posted, never done here: a stop or a request that came meanwhile is heard before it.
    case 'restart':
      out.push({ do: 'postRetry', name, run: child.run, untilMs: failures.waitUntilMs })
      return { ...failed, plan: undefined }
    case 'request':
      out.push({ do: 'reply', id: s.plan.id, result: { ok: false, why: 'startFailed', reason } })
      return { ...(s.plan.is === 'startChild' ? without(failed, name) : failed), plan: undefined }
    default:
      return failed
  }
}

/** Somebody who waits has asked for its end: nobody must be told that it comes back. */
function isCalledOff(s: StaticState, name: string): boolean {
  return s.inbox.some((request) => request.is === 'terminateChild' && request.name === name)
}

function exited(s: StaticState, event: SupervisorEvent & { is: 'exited' }, out: SupervisorCommand[]): StaticState {
  const child = find(s, event.name)
  if (child?.run !== event.run) return s
  if (child.phase === 'stopping') return settleStop(s, child, event.reason, out)
  if (child.phase !== 'running') return s
  return { ...put(s, { ...child, phase: 'exited', lastExit: event.reason }), inbox: [...s.inbox, event] }
}

function stop(s: StaticState, how: StopHow, out: SupervisorCommand[]): StaticState {
  const reason: ExitReason = { kind: how === 'kill' ? 'killed' : 'shutdown' }
  if (s.phase === 'ended') return s
  if (s.plan?.for !== 'end') return endWith(s, reason, how, out)
  if (how !== 'kill' || s.plan.how === 'kill') return s
  return killAll({ ...s, plan: { ...s.plan, how, reason: s.plan.reason.kind === 'shutdown' ? reason : s.plan.reason } }, out)
}

function defer(s: StaticState, event: SupervisorEvent & ({ is: 'retry' } | Request), out: SupervisorCommand[]): StaticState {
  const over = s.phase === 'ending' || s.phase === 'ended'
  if (over && isRequest(event)) out.push({ do: 'reply', id: event.id, result: STOPPED })
  if (over) return s
  const busy = event.is === 'terminateChild' && s.plan?.for === 'restart' ? find(s, event.name) : undefined
  if (busy?.phase === 'starting') out.push({ do: 'cancelStart', run: busy.run, how: 'shutdown' })
  return { ...s, inbox: [...s.inbox, event] }
}

/** Nothing is under way: the oldest of what waits gets its decision. */
function takeNext(state: StaticState, atMs: number, out: SupervisorCommand[]): StaticState {
  const [event, ...inbox] = state.inbox
  const s = { ...state, inbox }
  if (event === undefined) return s
  if (isRequest(event)) return answer(s, event, out)
  // A child that was stopped or restarted since needs no decision any more.
  if (event.is === 'retry') return onRun(s, event, 'restarting', (child) => retry(s, child, atMs, out))
  return onRun(s, event, 'exited', (child) => childEnded(s, child, { ...event, atMs }, out))
}

function childEnded(s: StaticState, child: StaticChild, event: SupervisorEvent & { is: 'exited' }, out: SupervisorCommand[]): StaticState {
  const { reason, atMs } = event
  const { name, backoff } = child.spec
  if (!isRestarted(child.spec.restart, reason)) return childLeft(s, child, event, out)
  const restartsAtMs = addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs)
  const fate = exceeds(restartsAtMs, s.spec.intensity) ? fateAtEnd(child) : 'restarts'
  const failures = afterFailure(backoff, child.failures, event, true)
  const { waitUntilMs } = failures
  const waits = waitUntilMs !== undefined && fate === 'restarts'
  const restartInMs = waits ? pauseAfter(failures, atMs) : undefined
  const restartsLeft = leftOf({ ...s, restartsAtMs }, atMs)
  out.push({ do: 'report', report: { kind: 'exited', name, reason, fate, restartsLeft, restartInMs } })
  const dead: StaticChild = { ...child, phase: waits ? 'restarting' : 'stopped', told: fate, failures }
  const counted = { ...put(s, dead), restartsAtMs }
  if (!waits) return restart(counted, dead, out)
  // The others of its group live on meanwhile: they are stopped when it is its time.
  out.push({ do: 'postRetry', name, run: child.run, untilMs: waitUntilMs })
  return counted
}

/** A failed start is tried again, and counts like any other restart. What waited after its end was counted then. */
function retry(s: StaticState, child: StaticChild, atMs: number, out: SupervisorCommand[]): StaticState {
  if (child.failures.isCounted) return restart(s, child, out)
  return restart({ ...s, restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, child, out)
}

function restart(s: StaticState, child: StaticChild, out: SupervisorCommand[]): StaticState {
  if (!exceeds(s.restartsAtMs, s.spec.intensity)) return { ...s, plan: { for: 'restart', steps: restartSteps(s, child) } }
  const { name } = child.spec
  out.push({ do: 'report', report: { kind: 'gaveUp', name, reason: child.lastExit!, ...s.spec.intensity, whole: true } })
  return endWith(s, { kind: 'shutdown' }, 'shutdown', out)
}

/** It is not restarted. Its spec stays, unless it is temporary; and its end may end the supervisor. */
function childLeft(s: StaticState, child: StaticChild, event: SupervisorEvent & { is: 'exited' }, out: SupervisorCommand[]): StaticState {
  const { reason, atMs } = event
  const { name, restart, significant } = child.spec
  out.push({ do: 'report', report: { kind: 'exited', name, reason, fate: 'ended', restartsLeft: leftOf(s, atMs) } })
  const left = restart === 'temporary' ? without(s, name) : put(s, { ...child, phase: 'stopped', told: 'ended' })
  if (!significant || !isLastThatCounts(left)) return left
  out.push({ do: 'report', report: { kind: 'autoShutdown', name } })
  return endWith(left, { kind: 'shutdown' }, 'shutdown', out)
}

function isLastThatCounts(s: StaticState): boolean {
  if (s.spec.autoShutdown === 'all-significant') return !s.children.some(({ spec, phase }) => spec.significant && phase !== 'stopped')
  return s.spec.autoShutdown === 'any-significant'
}

function leftOf(s: StaticState, atMs: number): number {
  return restartsLeft(s.restartsAtMs, atMs, s.spec.intensity)
}

function answer(s: StaticState, request: Request, out: SupervisorCommand[]): StaticState {
  if (request.is === 'changeSpec') return withdrawOrphans(changeSpec(s, request, out), undefined, out)
  const name = request.is === 'startChild' ? request.spec.name : request.name
  const child = find(s, name)
  const why = REFUSALS[request.is](child)
  if (why !== undefined) out.push({ do: 'reply', id: request.id, result: { ok: false, why } })
  if (why !== undefined) return s
  if (request.is === 'deleteChild') return forget(s, child!, request.id, out)
  const ready =
    request.is === 'startChild' ? { ...s, children: [...s.children, childOf(request.spec, true)] } : withdrawOrphans(s, child, out)
  const steps: readonly Step[] = [{ act: request.is === 'terminateChild' ? 'stop' : 'start', name }]
  return { ...ready, plan: { for: 'request', id: request.id, is: request.is, steps } }
}

/** As in OTP, also a member of a group whose restart is to be tried again: it is stopped, and was promised to come back. */
function forget(s: StaticState, child: StaticChild, id: number, out: SupervisorCommand[]): StaticState {
  const dropped = dropPromise(s, child, 'ended', out)
  out.push({ do: 'reply', id, result: { ok: true } })
  return without(dropped, child.spec.name)
}

/** OTP's results for what cannot be done. Restarting and deleting need a child that is there and stopped. */
const REFUSALS: Record<
  Exclude<Request['is'], 'changeSpec'>,
  (child: StaticChild | undefined) => 'alreadyStarted' | 'alreadyPresent' | 'running' | 'restarting' | 'notFound' | undefined
> = {
  startChild: (child) => (child === undefined ? undefined : isAlive(child) ? 'alreadyStarted' : 'alreadyPresent'),
  terminateChild: (child) => (child === undefined ? 'notFound' : undefined),
  restartChild: whyNotStopped,
  deleteChild: whyNotStopped,
}

function whyNotStopped(child: StaticChild | undefined): 'notFound' | 'restarting' | 'running' | undefined {
  if (child === undefined) return 'notFound'
  if (child.phase === 'restarting') return 'restarting'
  return isAlive(child) ? 'running' : undefined
}

function isAlive({ phase }: StaticChild): boolean {
  return phase !== 'stopped' && phase !== 'restarting'
}
