import type { Address } from '../base/address.ts'
import { AskAbortedError } from '../base/errors.ts'
import type { Outbox } from '../mailbox/outbox.ts'
import { rejectAtCaller } from './both-stacks.ts'
import { callText, timeoutOf } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'

export interface CallOffPorts {
  /** Takes it out, if it waits still. */
  forget(correlation: number): PendingReply | undefined
  /** Whether that one may have it set aside, where it is not seen from here. */
  mayBeHeld(to: Address): boolean
  /** Says to its callee that nobody waits for it. */
  cancel(to: Address, correlation: number): void
}

/** How asks of this thread end that nobody waits for any more: those that wait are not started (G4), those at work are told. */
export class CallOff {
  readonly #outbox: Outbox
  readonly #ports: CallOffPorts

  constructor(outbox: Outbox, ports: CallOffPorts) {
    this.#outbox = outbox
    this.#ports = ports
  }

  /** It is in the mailbox: from here on its signal, and the end of its stream, call it off. */
  sent(to: Address, correlation: number, pending: PendingReply, signal: AbortSignal | undefined): void {
    if (pending.stream !== undefined) {
      pending.callOff = this.#outbox.cancelLast(to.seat, correlation)
      pending.onSent?.()
    }
    if (signal !== undefined)
      this.#abortWith(signal, correlation, pending, pending.callOff ?? this.#outbox.cancelLast(to.seat, correlation))
  }

  timedOut(pending: PendingReply, correlation: number): void {
    this.tellBegun(pending, correlation)
    rejectAtCaller(pending, timeoutOf(pending))
  }

  /** A handler that is at it may want to know that nobody waits any more; and who has set it aside need not keep it. */
  tellBegun({ to }: PendingReply, correlation: number): void {
    if (this.#outbox.cancelBegun(to.seat, correlation) || this.#ports.mayBeHeld(to)) this.#ports.cancel(to, correlation)
  }

  #abortWith(signal: AbortSignal, correlation: number, pending: PendingReply, cancel: () => void): void {
    const onAbort = (): void => {
      cancel()
      this.tellBegun(pending, correlation)
      this.#ports.forget(correlation)?.reject(new AskAbortedError(callText(pending), signal.reason))
    }
    signal.addEventListener('abort', onAbort)
    const { onTaken } = pending
    pending.onTaken = () => {
      onTaken?.()
      signal.removeEventListener('abort', onAbort)
    }
  }
}
