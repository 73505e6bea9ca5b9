import { assert } from '../base/assert.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { afterFailure, NO_FAILURES, pauseAfter } from './backoff.ts'
import type { AnySpec } from './child-spec.ts'
import {
  type Decision,
  type DecisionReport,
  isRequest,
  type Request,
  type RequestResult,
  STOPPED,
  type StopHow,
  type SupervisorCommand,
  type SupervisorEvent,
} from './decision-shapes.ts'
import type { DynamicChild, DynamicState } from './dynamic-state.ts'
import { addRestart, exceeds, isExpectedStop, isRestarted, keptSpec, restartsLeft } from './restart-rules.ts'

/**
 * What a dynamic supervisor does. Its children know nothing of each other, so each is decided for itself and at once:
 * starts run side by side, and so do stops. Deterministic and without I/O like decision.ts, but it changes its state in
 * place (dynamic-state.ts says why).
 */
export function decideDynamic(state: DynamicState, event: SupervisorEvent): Decision<DynamicState> {
  const commands: SupervisorCommand[] = []
  if (isRequest(event)) answer(state, event, commands)
  else hear(state, event, commands)
  if (state.phase === 'ending' && state.children.size === 0) {
    state.phase = 'ended'
    commands.push({ do: 'end', reason: { kind: state.how === 'kill' ? 'killed' : 'shutdown' } })
  }
  return { state, commands }
}

function hear(s: DynamicState, event: Exclude<SupervisorEvent, { is: Request['is'] }>, out: SupervisorCommand[]): void {
  if (event.is === 'boot') return boot(s, out)
  if (event.is === 'stop') return stop(s, event.how, out)
  if (event.is === 'adopt') return adopt(s, event.spec)
  const child = s.children.get(event.name)
  // What is told of an older incarnation is history.
  if (child?.run !== event.run) return
  if (event.is === 'started') started(s, child, event.atMs, out)
  else if (event.is === 'startFailed') startFailed(s, child, event, out)
  else if (event.is === 'exited') exited(s, child, event, out)
  else if (child.phase === 'restarting') retry(s, child, event.atMs, out)
}

/** A supervisor among the children has changed its own spec. */
function adopt(s: DynamicState, spec: AnySpec): void {
  const child = s.children.get(spec.name)
  if (child?.spec.kind === spec.kind) child.spec = spec
}

function boot(s: DynamicState, out: SupervisorCommand[]): void {
  if (s.phase === 'ended') return
  assert(s.phase === 'new', `${s.spec.name} is started twice`)
  s.phase = 'up'
  out.push({ do: 'ready' })
}

function stop(s: DynamicState, how: StopHow, out: SupervisorCommand[]): void {
  if (s.phase === 'ended' || (s.phase === 'ending' && (how === 'shutdown' || s.how === 'kill'))) return
  s.phase = 'ending'
  s.how = how
  for (const child of s.children.values()) end(s, child, how, out)
}

function answer(s: DynamicState, request: Request, out: SupervisorCommand[]): void {
  const refused = (result: RequestResult) => out.push({ do: 'reply', id: request.id, result })
  if (s.phase === 'ending' || s.phase === 'ended') return void refused(STOPPED)
  if (request.is === 'startChild') return startChild(s, request, out)
  if (request.is === 'changeSpec') return changeSpec(s, request, out)
  if (request.is !== 'terminateChild') return void refused({ ok: false, why: 'dynamic' })
  const child = s.children.get(request.name)
  if (child === undefined) return void refused({ ok: false, why: 'notFound' })
  child.stopIds.push(request.id)
  end(s, child, 'shutdown', out)
}

/** The new limits hold from now on; children above a new `maxChildren` live on. */
function changeSpec(s: DynamicState, { id, spec }: Request & { is: 'changeSpec' }, out: SupervisorCommand[]): void {
  if (spec.kind === 'dynamic-supervisor') s.spec = spec
  const result = spec === s.spec ? { ok: true as const } : { ok: false as const, why: 'otherKind' as const, name: spec.name }
  out.push({ do: 'reply', id, result })
}

function startChild(s: DynamicState, { id, spec }: Request & { is: 'startChild' }, out: SupervisorCommand[]): void {
  const why = s.children.has(spec.name) ? 'alreadyStarted' : s.children.size >= s.spec.maxChildren ? 'maxChildren' : undefined
  if (why !== undefined) return void out.push({ do: 'reply', id, result: { ok: false, why } })
  const fresh = { phase: 'starting', run: ++s.runs, restarts: 0, lastExit: undefined, restartsAtMs: [], failures: NO_FAILURES } as const
  s.children.set(spec.name, { ...fresh, spec, startId: id, stopIds: [] })
  out.push({ do: 'startChild', run: s.runs, spec, attempt: 'initial' })
}

function started(s: DynamicState, child: DynamicChild, atMs: number, out: SupervisorCommand[]): void {
  if (child.phase !== 'starting') return
  const first = child.startId !== undefined
  child.phase = 'running'
  if (!first) child.restarts++
  child.spec = keptSpec(child.spec)
  child.failures = { ...child.failures, readyAtMs: atMs }
  report(out, { kind: 'started', name: child.spec.name, attempt: first ? 'initial' : 'restart', restarts: child.restarts })
  // Who asked for it is told only what lasts.
  if (isUnwanted(s, child)) end(s, child, s.how, out)
  else answerStart(child, { ok: true }, out)
}

function startFailed(s: DynamicState, child: DynamicChild, event: SupervisorEvent & { is: 'startFailed' }, out: SupervisorCommand[]): void {
  if (child.phase !== 'starting') return
  const { reason, name } = event
  const first = child.startId !== undefined
  const again = !first && !isUnwanted(s, child)
  child.lastExit = reason
  const restartsLeft = leftOf(s, child, event.atMs)
  if (again) child.failures = afterFailure(child.spec.backoff, child.failures, event, false)
  const restartInMs = again ? pauseAfter(child.failures, event.atMs) : undefined
  report(out, { kind: 'startFailed', name, reason, fate: again ? 'restarts' : 'ended', restartsLeft, restartInMs })
  if (!again) {
    answerStart(child, startRefusal(s, reason), out)
    return forget(s, child, out)
  }
  waitForRetry(child, out)
}

/** At once on a later turn, or after the pause that its backoff asks for. */
function waitForRetry(child: DynamicChild, out: SupervisorCommand[]): void {
  child.phase = 'restarting'
  out.push({ do: 'postRetry', name: child.spec.name, run: child.run, untilMs: child.failures.waitUntilMs })
}

function exited(s: DynamicState, child: DynamicChild, event: SupervisorEvent & { is: 'exited' }, out: SupervisorCommand[]): void {
  const { reason, name, atMs } = event
  if (child.phase === 'stopping') return stopped(s, child, reason, out)
  if (child.phase !== 'running') return
  child.lastExit = reason
  const isBack = isRestarted(child.spec.restart, reason)
  const tooMany = isBack && countRestart(s, child, atMs)
  const fate = isBack && !tooMany ? 'restarts' : 'ended'
  if (fate === 'restarts') child.failures = afterFailure(child.spec.backoff, child.failures, event, true)
  const restartInMs = fate === 'restarts' ? pauseAfter(child.failures, atMs) : undefined
  report(out, { kind: 'exited', name, reason, fate, restartsLeft: leftOf(s, child, atMs), restartInMs })
  if (!isBack) return forget(s, child, out)
  if (tooMany) return giveUp(s, child, out)
  if (child.spec.backoff === undefined) return startAgain(s, child, out)
  waitForRetry(child, out)
}

/** A failed start is tried again, and counts like any other restart. What waited after its end was counted then. */
function retry(s: DynamicState, child: DynamicChild, atMs: number, out: SupervisorCommand[]): void {
  if (child.failures.isCounted || !countRestart(s, child, atMs)) return startAgain(s, child, out)
  report(out, { kind: 'stopped', name: child.spec.name, reason: child.lastExit!, fate: 'ended', expected: true })
  giveUp(s, child, out)
}

/** Counts a restart; true: it is one too many. */
function countRestart(s: DynamicState, child: DynamicChild, atMs: number): boolean {
  const counter = s.spec.per === 'child' ? child : s
  counter.restartsAtMs = addRestart(counter.restartsAtMs, atMs, s.spec.intensity.withinMs)
  return exceeds(counter.restartsAtMs, s.spec.intensity)
}

function leftOf(s: DynamicState, child: DynamicChild, atMs: number): number {
  return restartsLeft(s.spec.per === 'child' ? child.restartsAtMs : s.restartsAtMs, atMs, s.spec.intensity)
}

function startAgain(s: DynamicState, child: DynamicChild, out: SupervisorCommand[]): void {
  child.phase = 'starting'
  child.run = ++s.runs
  out.push({ do: 'startChild', run: child.run, spec: child.spec, attempt: 'restart' })
}

/** This child only, or everything, by whose limit it was. */
function giveUp(s: DynamicState, child: DynamicChild, out: SupervisorCommand[]): void {
  const whole = s.spec.per === 'supervisor'
  report(out, { kind: 'gaveUp', name: child.spec.name, reason: child.lastExit!, ...s.spec.intensity, whole })
  forget(s, child, out)
  if (whole) stop(s, 'shutdown', out)
}

/** Ends a child whatever it is doing. A start under way is cancelled, and comes back as `started` or `startFailed`. */
function end(s: DynamicState, child: DynamicChild, how: StopHow, out: SupervisorCommand[]): void {
  if (child.phase === 'starting') return void out.push({ do: 'cancelStart', run: child.run, how })
  if (child.phase === 'restarting') {
    report(out, { kind: 'stopped', name: child.spec.name, reason: child.lastExit!, fate: 'ended', expected: true })
    return forget(s, child, out)
  }
  if (child.phase === 'stopping' && how === 'shutdown') return
  child.phase = 'stopping'
  out.push({ do: 'stopChild', run: child.run, how })
}

function stopped(s: DynamicState, child: DynamicChild, reason: ExitReason, out: SupervisorCommand[]): void {
  const expected = isExpectedStop(child.spec, s.how, reason)
  report(out, { kind: 'stopped', name: child.spec.name, reason, fate: 'ended', expected })
  // It started, but somebody had asked for its end before: who asked for the start must not wait for ever.
  answerStart(child, startRefusal(s, reason), out)
  forget(s, child, out)
}

function isUnwanted(s: DynamicState, child: DynamicChild): boolean {
  return s.phase === 'ending' || child.stopIds.length > 0
}

function answerStart(child: DynamicChild, result: RequestResult, out: SupervisorCommand[]): void {
  if (child.startId !== undefined) out.push({ do: 'reply', id: child.startId, result })
  child.startId = undefined
}

function startRefusal(s: DynamicState, reason: ExitReason): RequestResult {
  return s.phase === 'ending' ? STOPPED : { ok: false, why: 'startFailed', reason }
}

/** A dynamic child that has ended leaves no spec behind. */
function forget(s: DynamicState, child: DynamicChild, out: SupervisorCommand[]): void {
  s.children.delete(child.spec.name)
  for (const id of child.stopIds) out.push({ do: 'reply', id, result: { ok: true } })
}

function report(out: SupervisorCommand[], what: DecisionReport): void {
  out.push({ do: 'report', report: what })
}
