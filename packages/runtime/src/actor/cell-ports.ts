import type { ExitReason } from '../base/exit-reason.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import type { Actor } from './actor.ts'
import type { Method } from './method-table.ts'
import type { CallScope, Slots } from './slots.ts'

export interface CellPorts {
  /** The method in progress, for those who look from outside: its name id, or UNNAMED; NO_NAME when idle. */
  showProgress(method: number): void
  /** This incarnation cannot go on. Nothing is handled after it. */
  crashed(reason: ExitReason): void
  /** A message that this actor cannot handle. */
  deadLetter(letter: WireDeadLetter): void
  /** What its successor gets; throws when that cannot be sent. */
  handOver(state: unknown): void
  /** It cannot hand over, and goes on. */
  upgradeRefused(error: unknown): void
  /** The stop handshake is complete. */
  stopped(reason: ExitReason): void
}

export interface Behaviour {
  readonly actor: Actor
  readonly methods: ReadonlyMap<string, Method>
  readonly onThrow: 'reply' | 'crash'
  /** Undefined: one message at a time, also across awaits. */
  readonly slots: Slots | undefined
  /** Where there are slots. */
  readonly scope: CallScope | undefined
}

export type StopRequest = { readonly reason: ExitReason; readonly drain: boolean; readonly handsOver?: boolean }

/** The first one stands, the second can only hasten it. */
export function bothStops(first: StopRequest, second: StopRequest): StopRequest {
  return {
    reason: first.reason,
    drain: first.drain && second.drain,
    handsOver: (first.handsOver ?? false) && (second.handsOver ?? false),
  }
}
