import type { Address } from '../base/address.ts'

/** What the host and the isolates may ask of the control side. Each kind has its answer's type beside it. */
export interface ControlRequests {
  /** `spec`: a child spec (supervisor/child-spec.ts), its arguments encoded (supervisor/wire-spec.ts). */
  spawn: { readonly request: { readonly spec: unknown }; readonly answer: Address }
  /** The URL under which a module can be imported: TypeScript is bundled, once. */
  load: { readonly request: { readonly module: string }; readonly answer: string }
  lookup: { readonly request: { readonly path: string }; readonly answer: Address | undefined }
  /**
   * Watching what has ended already gives its notice at once. `incarnation`: the one that lived when it was asked, 0: none
   * is known; `incarnations`: whether the end of each is told.
   */
  watch: {
    readonly request: { readonly watch: number; readonly target: Address; readonly incarnation: number; readonly incarnations: boolean }
    readonly answer: undefined
  }
  unwatch: { readonly request: { readonly watch: number }; readonly answer: undefined }
  /** Joins the one who asks and that incarnation of the target; its exit comes at once if it has ended. */
  link: { readonly request: { readonly target: Address; readonly incarnation: number }; readonly answer: undefined }
  /** After the answer no exit of that target comes. */
  unlink: { readonly request: { readonly target: Address }; readonly answer: undefined }
  trapExits: { readonly request: { readonly on: boolean }; readonly answer: undefined }
  /** Ordered, for good; answered when it has ended. */
  stopActor: { readonly request: { readonly target: Address; readonly drain: boolean }; readonly answer: undefined }
  /** `place`: of another class (supervisor/actor-place.ts); `args`: as in a spec. Without them, as before. */
  upgrade: {
    readonly request: { readonly target: Address; readonly place: unknown; readonly args: readonly unknown[] | undefined }
    readonly answer: undefined
  }
  /** As a crash would; answered when that incarnation has ended. */
  kill: { readonly request: { readonly target: Address }; readonly answer: undefined }
  /** `/` is the root; what the answer is depends on the action (supervisor/supervisor-ref.ts). */
  supervise: { readonly request: { readonly path: string; readonly action: SupervisorAction }; readonly answer: unknown }
  /** Answered when all who have the group know of it; rejects with ActorStoppedError when that address has ended. */
  join: { readonly request: { readonly group: string; readonly target: Address }; readonly answer: undefined }
  leave: { readonly request: { readonly group: string; readonly target: Address }; readonly answer: undefined }
  /** Who the children of a supervisor, or the members of a group (`group:<name>`), are; from then on the asker is told when they change (`members`). */
  members: { readonly request: { readonly path: string }; readonly answer: Members }
  /** `path`: of one; undefined: all actors, in the order in which their addresses came. */
  inspect: { readonly request: { readonly path: string | undefined }; readonly answer: readonly Inspection[] }
  /** What lies outside of the mailboxes, because bytes cannot carry it, until its message is read. */
  inTransit: { readonly request: Record<never, never>; readonly answer: { readonly messages: number; readonly bytes: number } }
  tree: { readonly request: Record<never, never>; readonly answer: TreeNode }
  /** From the host only: starts the static tree; answers with the addresses in it. */
  startSystem: {
    readonly request: { readonly children: readonly unknown[]; readonly intensity: unknown; readonly strategy: unknown }
    readonly answer: readonly Address[]
  }
  /** From the host only: stops everything in order; answered when nothing is left. */
  stopSystem: { readonly request: { readonly drain: boolean; readonly deadlineMs: number }; readonly answer: undefined }
}

export type ControlRequestName = keyof ControlRequests
export type ControlRequest = { [N in ControlRequestName]: { readonly name: N } & ControlRequests[N]['request'] }[ControlRequestName]

/** What can be asked of a supervisor while it runs: OTP's calls. */
export type SupervisorAction =
  /** `spec`: arguments encoded (supervisor/wire-spec.ts). */
  | { readonly is: 'startChild' | 'changeSpec'; readonly spec: unknown }
  | { readonly is: 'terminateChild' | 'restartChild' | 'deleteChild' | 'getChildSpec'; readonly name: string }
  | { readonly is: 'whichChildren' | 'countChildren' }
  | { readonly is: 'resize'; readonly partitions: number }

/** What stands before a group's name where a supervisor has its path. */
export const GROUP_PREFIX = 'group:'

/** The children of a supervisor, in the order of their start; or the members of a group, in the order in which they joined. */
export interface Members {
  readonly path: string
  /** `address`: undefined when it has none now. */
  readonly members: readonly { readonly name: string; readonly address: Address | undefined }[]
  /** How keys are spread over them; undefined: it is no partition supervisor. */
  readonly partitionBy: 'rendezvous' | 'modulo' | undefined
}

/** One row of the live tree. */
export interface TreeNode {
  readonly path: string
  readonly name: string
  readonly kind: 'supervisor' | 'actor'
  readonly state: 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped'
  /** Messages waiting or in progress. 0 for supervisors. */
  readonly mailboxDepth: number
  /** The method in progress. */
  readonly method: string | undefined
  readonly restarts: number
  /** Milliseconds until it is started again, when its `backoff` lets it wait; undefined: it does not. */
  readonly restartInMs: number | undefined
  readonly lastExit: string | undefined
  readonly children: readonly TreeNode[]
}

/**
 * One actor's isolate as it is now, seen from outside: it is there also while the actor is wedged. What Node cannot see is
 * undefined: memory is measured by every Node, CPU by Node ≥ 24.6.
 */
export interface Inspection {
  readonly path: string
  readonly incarnation: number
  /** False while it starts, and between two incarnations. */
  readonly isReady: boolean
  /** Messages waiting or in progress. */
  readonly mailboxDepth: number
  /** The method in progress; undefined: none is. */
  readonly method: string | undefined
  /** For how long it has been in progress, to within 75 ms. */
  readonly methodAgeMs: number | undefined
  /** How much of the last second or two its event loop was active: from 0 to 1. Blocking is active, awaiting is not. */
  readonly loopUse: number
  /** The same in milliseconds, since the incarnation's thread started. */
  readonly loopActiveMs: number
  readonly loopIdleMs: number
  /** Processor time of its thread, since that started. */
  readonly cpuUserMs: number | undefined
  readonly cpuSystemMs: number | undefined
  readonly heapBytes: number | undefined
  /** What the heap may grow to. */
  readonly heapLimitBytes: number | undefined
  /** Buffers, and what else lies outside of the heap. */
  readonly externalBytes: number | undefined
  /**
   * How old the figures of memory are. 0 on Node ≥ 24, unless the thread is stuck in native code. Before, an isolate writes them
   * down every 3 s, as long as its event loop turns.
   */
  readonly measuredAgoMs: number | undefined
}
