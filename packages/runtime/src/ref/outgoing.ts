import { type Address, NOBODYS_GENERATION } from '../base/address.ts'
import { ActorStoppedError, AskTimeoutError, BudgetExceededError, InvalidArgumentError, MailboxFullError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { copyOf, type Encoded, sizeOf } from '../codec/encoded.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import { FULL, NO_MEMORY, type PushResult, STOPPED } from '../queue/lane-producer.ts'
import type { PendingReply } from './pending-replies.ts'

/** Messages on their way out: what is kept of them while they wait, and what becomes of those that are refused. */

const LETTER_BYTES_MAX = 64 * 1024

/** An aside says all in its envelope. */
export const NOTHING: Encoded = { bytes: new Uint8Array(0), start: 0, end: 0 }

export interface Outgoing {
  readonly payload: Encoded
  /** The method's name id. */
  readonly name: number
  /** CARRIES, or 0. */
  readonly flags: number
}

/** Encoded bytes are valid until the next encode: what waits needs its own. */
export function keep({ payload, name, flags }: Outgoing): Outgoing {
  const bytes = copyOf(payload)
  return { payload: { bytes, start: 0, end: bytes.length, enclosed: payload.enclosed }, name, flags }
}

/** `/user/store.add()`, for texts. */
export function callText({ to, method, text }: { readonly to: Address; readonly method: string; readonly text?: string }): string {
  return text ?? `${to.path}.${method}()`
}

export function timeoutOf(pending: Pick<PendingReply, 'to' | 'method' | 'text' | 'timeoutMs' | 'isInherited'>): AskTimeoutError {
  return new AskTimeoutError(callText(pending), pending.timeoutMs, pending.isInherited)
}

export function noOneWayForm(to: Address, method: string): InvalidArgumentError {
  const text = `${callText({ to, method })}: a stream has no one-way form. Read it: for await (const item of ref.ask.${method}(…))`
  return new InvalidArgumentError(text)
}

const NOBODY_THERE = 'this is a router or a group, and there is nobody in it now. The call was not begun.'

/** `ended`: why the address has, if it has. */
export function refusalOf(result: PushResult, call: string, ended: ExitReason | undefined, to?: Address): Error {
  if (result === FULL) return new MailboxFullError(call)
  if (to?.generation === NOBODYS_GENERATION) return new ActorStoppedError(call, undefined, NOBODY_THERE)
  return result === NO_MEMORY ? new BudgetExceededError(call) : new ActorStoppedError(call, ended)
}

export function refusedLetter(
  to: string,
  from: string,
  method: string,
  { payload, flags }: Outgoing,
  result: PushResult,
  ended: ExitReason | undefined,
): WireDeadLetter {
  const bytes = sizeOf(payload)
  return {
    to,
    from,
    method,
    // What is beside a message stays its sender's when it is refused.
    payload: bytes <= LETTER_BYTES_MAX && payload.enclosed === undefined ? copyOf(payload) : undefined,
    carries: flags !== 0,
    bytes,
    why: result === STOPPED ? 'stopped' : result === NO_MEMORY ? 'budget' : 'full',
    reason: ended,
  }
}
