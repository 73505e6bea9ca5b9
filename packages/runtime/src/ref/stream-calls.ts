import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { ASK_TIMEOUT_MS, checkDuration } from '../base/limits.ts'
import type { IncomingStreamPorts } from './incoming-stream.ts'
import { timeoutOf } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'
import type { AskOptions } from './ref-types.ts'

/** What a stream needs of its thread. */
export interface StreamCallPorts {
  readonly clock: Clock
  /** When the call in progress is over; Infinity: never, or there is none. */
  untilMs(): number
  pendingReply(
    to: Address,
    method: string,
    timeoutMs: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): PendingReply
  ask(to: Address, args: readonly unknown[], pending: PendingReply, options: AskOptions | undefined): void
  credit(to: Address, correlation: number, taken: number): void
  /** Takes the call back, and tells the handler if it is at it. */
  callOff(pending: PendingReply, correlation: number): void
  forget(correlation: number): void
  block(isSo: () => boolean, deadlineMs: number): boolean
}

/** One stream that is read in this thread. It is an ask that has more than one answer, and is pending until the last. */
export function streamCall(
  ports: StreamCallPorts,
  to: Address,
  method: string,
  args: readonly unknown[],
  options: AskOptions | undefined,
  isBlocking = false,
): IncomingStreamPorts {
  const timeoutMs = checkDuration(options?.timeoutMs ?? ASK_TIMEOUT_MS, 'timeoutMs', { infinity: true })
  let pending: PendingReply | undefined
  let correlation = 0
  return {
    clock: ports.clock,
    timeoutMs,
    untilMs: ports.untilMs(),
    begin: (stream) => {
      const resolve = (value: unknown): void => stream.ended(value)
      const reject = (error: unknown): void => stream.failed(error)
      pending = { ...ports.pendingReply(to, method, timeoutMs, resolve, reject), stream, isBlocking }
      pending.callOff = () => {
        pending!.isCalledOff = true
      }
      pending.onSent = () => ({ correlation } = pending!)
      ports.ask(to, args, pending, options)
    },
    credit: (taken) => ports.credit(to, correlation, taken),
    leave: (isLast) => {
      if (pending !== undefined) ports.callOff(pending, correlation)
      if (isLast) ports.forget(correlation)
    },
    callText: () => `${to.path}.${method}()`,
    timeoutError: () => timeoutOf({ to, method, timeoutMs, isInherited: false }),
    block: (isSo, deadlineMs) => ports.block(isSo, deadlineMs),
  }
}
