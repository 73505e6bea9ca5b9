import { type ExitReason, isCleanExit } from '../base/exit-reason.ts'
import type { AnySpec, Intensity, Restart } from './child-spec.ts'
import type { ChildCounts, StopHow } from './decision-shapes.ts'

/**
 * OTP's table. `normal` and `shutdown` are clean; everything else is not.
 *
 * |           | clean | other |
 * |-----------|-------|-------|
 * | permanent | yes   | yes   |
 * | transient | no    | yes   |
 * | temporary | no    | no    |
 */
export function isRestarted(restart: Restart, reason: ExitReason): boolean {
  if (restart === 'permanent') return true
  return restart === 'transient' && !isCleanExit(reason)
}

/**
 * The restarts within the window, with the one of now. The window slides, its lower bound is inclusive, and it is measured
 * in milliseconds (OTP: whole seconds, so its window is up to one second longer). Attempts that fail count as well.
 */
export function addRestart(restartsAtMs: readonly number[], nowMs: number, withinMs: number): readonly number[] {
  return [...restartsAtMs.filter((atMs) => atMs >= nowMs - withinMs), nowMs]
}

/** "More than": as many as the intensity says are fine. */
export function exceeds(restartsAtMs: readonly number[], intensity: Intensity): boolean {
  return restartsAtMs.length > intensity.restarts
}

export function restartsLeft(restartsAtMs: readonly number[], nowMs: number, intensity: Intensity): number {
  return Math.max(0, intensity.restarts - restartsAtMs.filter((atMs) => atMs >= nowMs - intensity.withinMs).length)
}

/** Whether a child that was stopped ended as it should. A permanent child that says `normal` went by itself: worth a word. */
export function isExpectedStop(spec: AnySpec, how: StopHow, reason: ExitReason): boolean {
  if (how === 'kill' || spec.shutdownMs === 'kill') return reason.kind === 'killed' || (isCleanExit(reason) && spec.restart !== 'permanent')
  if (reason.kind === 'linked') return isExpectedStop(spec, how, reason.reason)
  return reason.kind === 'shutdown' || (reason.kind === 'normal' && spec.restart !== 'permanent')
}

/**
 * What a supervisor keeps of a child added at run time once it has started: a temporary one never starts again, so what
 * its arguments hold is let go.
 */
export function keptSpec<S extends AnySpec>(spec: S): S {
  return spec.kind === 'actor' && spec.restart === 'temporary' && spec.args.length > 0 ? { ...spec, args: [] } : spec
}

/** Counts by what a spec declares, alive or not, as OTP does. */
export function countSpecs(specs: readonly AnySpec[], active: number): ChildCounts {
  const workers = specs.filter((spec) => spec.kind === 'actor').length
  return { specs: specs.length, active, supervisors: specs.length - workers, workers }
}
