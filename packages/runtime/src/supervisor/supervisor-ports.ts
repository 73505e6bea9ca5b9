import type { Cancel } from '../base/clock.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { AnySpec } from './child-spec.ts'
import type { Attempt, DecisionReport } from './decision-shapes.ts'

/** What a supervisor needs from above. All of it is called outside of any decision. */
export interface SupervisorPorts {
  /** Monotonic (G15). */
  nowMs(): number
  /** Runs the task on a later turn, never inside this call. */
  post(task: () => void): void
  /** Runs the task that much later, unless it is cancelled. Only used where a child has a `backoff`. */
  after(delayMs: number, task: () => void): Cancel
  /** From 0 to 1. */
  random(): number
  /**
   * Settles when the child is ready, or with the ExitReason for which it is not (`startFailed` with its stage); by then
   * nothing of it is left. Must settle within `startMs`. `cancelled` is a request to be quick about it, and may be ignored; its
   * `reason` is the ExitReason with which the start ends then.
   * `attempt` is `restart` where the child keeps its address, if the path still has a living one. A successor of an
   * `unkillable` child fails as long as the thread of that has not really ended.
   */
  startChild(spec: AnySpec, attempt: Attempt, cancelled: AbortSignal): Promise<ChildHandle>
  /** When that child can be started again, if its last incarnation is `unkillable`: a retry waits for it, others do not. */
  untilFree?(name: string): Promise<void> | undefined
  report(event: SupervisorReport): void
}

/** One living incarnation of an actor, or a whole supervisor: to its parent they are the same. */
export interface ChildHandle {
  /** Resolves when it has really ended, for whatever reason. Never rejects. */
  readonly ended: Promise<ExitReason>
  /**
   * `shutdown` asks, and kills after the spec's `shutdownMs`. Any other reason kills at once, also after a `shutdown`.
   * Resolves with what `ended` resolves with. May be called again.
   */
  stop(reason: ExitReason): Promise<ExitReason>
}

/** `path` is that of the child the report is about, `supervisor` that of the supervisor that says so. */
export type SupervisorReport = DecisionReport & { readonly path: string; readonly supervisor: string }
