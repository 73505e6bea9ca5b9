import type { ExitReason } from '../base/exit-reason.ts'
import type { AnySpec, DynamicSupervisorSpec, SupervisorSpec } from './child-spec.ts'

/**
 * What a decision is told and what it answers, the same for static and dynamic supervisors. Events and commands are plain
 * data: no promise, no timer, no clock. A `run` is the number of one incarnation, given out by the decision: what is told
 * of an older run is history and changes nothing.
 */
export type SupervisorEvent = {
  readonly atMs: number
  /** From 0 to 1, for the jitter of a backoff. */
  readonly random?: number
} & (
  | { readonly is: 'boot'; readonly attempt: Attempt }
  | { readonly is: 'started'; readonly name: string; readonly run: number }
  | { readonly is: 'startFailed'; readonly name: string; readonly run: number; readonly reason: ExitReason }
  | { readonly is: 'exited'; readonly name: string; readonly run: number; readonly reason: ExitReason }
  | { readonly is: 'retry'; readonly name: string; readonly run: number }
  | { readonly is: 'stop'; readonly how: StopHow }
  /** The spec of a child that is a supervisor has changed: it is this at its next start. */
  | { readonly is: 'adopt'; readonly spec: AnySpec }
  | Request
)

/** What somebody asks of a running supervisor. Each `id` is answered by one `reply`. */
export type Request =
  | { readonly is: 'startChild'; readonly id: number; readonly spec: AnySpec }
  | { readonly is: 'terminateChild'; readonly id: number; readonly name: string }
  | { readonly is: 'restartChild'; readonly id: number; readonly name: string }
  | { readonly is: 'deleteChild'; readonly id: number; readonly name: string }
  | { readonly is: 'changeSpec'; readonly id: number; readonly spec: SupervisorSpec | DynamicSupervisorSpec }

export type SupervisorCommand =
  | { readonly do: 'startChild'; readonly run: number; readonly spec: AnySpec; readonly attempt: Attempt }
  /** The start is not wanted any more. It still ends as `started` or `startFailed`. */
  | { readonly do: 'cancelStart'; readonly run: number; readonly how: StopHow }
  | { readonly do: 'stopChild'; readonly run: number; readonly how: StopHow }
  /** Come back with a `retry`, on a later turn (whatever has arrived by then is heard first), or at that time. */
  | { readonly do: 'postRetry'; readonly name: string; readonly run: number; readonly untilMs: number | undefined }
  | { readonly do: 'report'; readonly report: DecisionReport }
  | { readonly do: 'reply'; readonly id: number; readonly result: RequestResult }
  /** All children of the spec have started. */
  | { readonly do: 'ready' }
  /** No child is left alive, and none will be started. The last command of a supervisor. */
  | { readonly do: 'end'; readonly reason: ExitReason }

export interface Decision<State> {
  readonly state: State
  readonly commands: readonly SupervisorCommand[]
}

/** `restart`: the child comes back, with its address if that still lives. `initial`: it comes for the first time, or again by hand. */
export type Attempt = 'initial' | 'restart'

/** `shutdown`: in order, each with its `shutdownMs`. `kill`: all at once. */
export type StopHow = 'shutdown' | 'kill'

/**
 * What becomes of a child that is not alive any more. `restarts`: it comes back, keep its address. `ended`: it never does,
 * end its address. `parent-decides`: its supervisor ends, so it comes back if and only if the supervisor is restarted.
 */
export type Fate = 'restarts' | 'ended' | 'parent-decides'

/** OTP's results under one shape. `dynamic`: a dynamic supervisor forgets what has ended, so there is nothing to restart or delete. */
export type RequestResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'alreadyStarted' | 'alreadyPresent' | 'running' | 'restarting' | 'notFound' }
  | { readonly ok: false; readonly why: 'supervisorStopped' | 'dynamic' | 'maxChildren' }
  | { readonly ok: false; readonly why: 'startFailed'; readonly reason: ExitReason }
  /** A child of that name is of another kind, and a change of the spec must not make an actor of a supervisor. */
  | { readonly ok: false; readonly why: 'otherKind'; readonly name: string }

/** What the world should know. The system makes its events, its addresses and its logs from these. */
export type DecisionReport =
  | { readonly kind: 'started'; readonly name: string; readonly attempt: Attempt; readonly restarts: number }
  /** It ended by itself. */
  | ({ readonly kind: 'exited'; readonly fate: Fate } & Failed)
  | ({ readonly kind: 'startFailed'; readonly fate: Fate } & Failed)
  /**
   * Its supervisor stopped it, or dropped what was waiting for a restart. `expected` is false when it ended otherwise than
   * it was asked to (it crashed meanwhile, or had to be killed): worth a log line, and never an error of the stop.
   */
  | { readonly kind: 'stopped'; readonly name: string; readonly reason: ExitReason; readonly fate: Fate; readonly expected: boolean }
  /** The limit was exceeded. `whole`: the supervisor ends. Otherwise only this child does (`per: 'child'`). */
  | GaveUp
  /** A significant child ended, and its supervisor ends with it. */
  | { readonly kind: 'autoShutdown'; readonly name: string }

interface Failed {
  readonly name: string
  readonly reason: ExitReason
  /** How many restarts are left of the intensity, as things are now. */
  readonly restartsLeft: number
  /** Of one that is restarted: the pause before it (`backoff`); undefined: none. */
  readonly restartInMs?: number | undefined
}

export interface GaveUp {
  readonly kind: 'gaveUp'
  /** The child whose restart was one too many, and its last reason. */
  readonly name: string
  readonly reason: ExitReason
  readonly restarts: number
  readonly withinMs: number
  readonly whole: boolean
}

export const CHILD_PHASES = ['starting', 'running', 'restarting', 'stopping', 'stopped'] as const

/** One child as the live tree shows it. */
export interface ChildStatus {
  readonly name: string
  readonly kind: AnySpec['kind']
  readonly phase: (typeof CHILD_PHASES)[number]
  /** How often its supervisor has started it again. */
  readonly restarts: number
  readonly lastExit: ExitReason | undefined
  /** Until when it waits for its next start (`backoff`); undefined: it does not. */
  readonly waitUntilMs: number | undefined
}

/** OTP's `count_children`. */
export interface ChildCounts {
  readonly specs: number
  /** Alive now. */
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

export const STOPPED: RequestResult = { ok: false, why: 'supervisorStopped' }

export function isRequest(event: SupervisorEvent): event is SupervisorEvent & Request {
  return 'id' in event
}
