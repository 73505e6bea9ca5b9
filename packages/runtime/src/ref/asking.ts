import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { AskAbortedError } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { Spinner } from '../mailbox/spinner.ts'
import { FULL, PUSHED, type PushResult } from '../queue/lane-producer.ts'
import { WANTS_REPLIES } from '../queue/layout.ts'
import type { Parking } from '../queue/parking.ts'
import type { CallOff } from './call-off.ts'
import type { Dispatch } from './dispatch.ts'
import type { MessengerPorts } from './messenger-ports.ts'
import { callText, keep, refusalOf, timeoutOf } from './outgoing.ts'
import { kindOf, type PendingReplies, type PendingReply } from './pending-replies.ts'
import type { AskOptions, AskSyncOptions } from './ref-types.ts'
import type { Serving } from './serving.ts'
import { canRetry, FIRST_RETRY_MS, type WaitingLines } from './waiting-lines.ts'

export interface AskingPorts {
  readonly dispatch: Dispatch
  readonly pending: PendingReplies
  readonly callOff: CallOff
  readonly lines: WaitingLines
  readonly serving: Serving
  readonly parking: Parking
  /** @throws {SystemStoppedError} */
  throwIfClosed(pending: PendingReply): void
  /** Settles one ask that has been answered. */
  stepReplies(): boolean
  /** Why nothing is accepted there any more. */
  endOf(to: Address, result: PushResult): ExitReason | undefined
}

/** How asks are sent: at once, when there is room, or by a thread that blocks until the reply is there. */
export class Asking {
  readonly #clock: Clock
  readonly #onExpecting: () => void
  readonly #ports: AskingPorts
  readonly #pending: PendingReplies
  readonly #spinner: Spinner
  readonly #hasReply = (): boolean => this.#ports.parking.hasWork(WANTS_REPLIES)

  constructor({ clock, spinMs, onExpecting }: Pick<MessengerPorts, 'clock' | 'spinMs' | 'onExpecting'>, ports: AskingPorts) {
    this.#clock = clock
    this.#onExpecting = onExpecting
    this.#ports = ports
    this.#pending = ports.pending
    this.#spinner = new Spinner(spinMs, () => clock.nowMs())
  }

  ask(to: Address, args: readonly unknown[], pending: PendingReply, options: AskOptions | undefined): void {
    const { signal } = options ?? {}
    if (signal?.aborted === true) return pending.reject(new AskAbortedError(callText(pending), signal.reason))
    if (options?.whenFull === 'wait') return void this.#askWhenRoom(to, args, pending, signal)
    const correlation = this.#begin(to, args, pending)
    if (correlation === undefined) return
    this.#ports.callOff.sent(to, correlation, pending, signal)
    this.#onExpecting()
  }

  /** Blocks the thread until `isSettled`, or until its time is over, and then it is settled, too. */
  askSync(
    to: Address,
    args: readonly unknown[],
    pending: PendingReply,
    options: AskSyncOptions | undefined,
    isSettled: () => boolean,
  ): void {
    pending.isBlocking = true
    const correlation = this.#begin(to, args, pending, options?.whenFull === 'wait' ? pending.deadlineMs : 0)
    if (correlation === undefined || this.block(isSettled, pending.deadlineMs)) return
    if (this.#pending.take(correlation) !== undefined) this.#ports.callOff.timedOut(pending, correlation)
  }

  /** Encodes and pushes an ask; undefined when it was refused, and then it is settled. Blocks for room until `untilMs`. */
  #begin(to: Address, args: readonly unknown[], pending: PendingReply, untilMs = 0): number | undefined {
    try {
      this.#ports.throwIfClosed(pending)
      const encoded = this.#ports.dispatch.encodeAsk(to, args, pending)
      const message = untilMs > 0 ? keep(encoded) : encoded
      const correlation = this.#ports.serving.shown(this.#pending.add(pending), to, pending.method)
      let result = this.#ports.dispatch.push(to, kindOf(pending), message, correlation, pending.deadlineMs)
      while (canRetry(result) && this.#clock.nowMs() < untilMs) {
        if (!this.#ports.stepReplies()) this.#ports.parking.parkSync(FIRST_RETRY_MS)
        result = this.#ports.dispatch.push(to, kindOf(pending), message, correlation, pending.deadlineMs)
      }
      if (result === PUSHED) return correlation
      this.#pending.take(correlation)
      pending.reject(refusalOf(result, callText(pending), this.#ports.endOf(to, result), to))
    } catch (error) {
      this.#pending.take(pending.correlation)
      pending.reject(error)
    }
    return undefined
  }

  async #askWhenRoom(to: Address, args: readonly unknown[], pending: PendingReply, signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => pending.reject(new AskAbortedError(callText(pending), signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    let release: (() => void) | undefined
    try {
      const message = keep(this.#ports.dispatch.encodeAsk(to, args, pending))
      release = pending.onTaken
      // It is taken out again and again until there is room.
      if (release !== undefined) pending.onTaken = undefined
      const result = await this.#ports.lines.pushWhenRoom(
        to.seat,
        () => {
          this.#ports.throwIfClosed(pending)
          if (signal?.aborted === true || pending.isCalledOff === true) throw new AskAbortedError(callText(pending), signal?.reason)
          const correlation = this.#ports.serving.shown(this.#pending.add(pending), to, pending.method)
          const pushed = this.#ports.dispatch.push(to, kindOf(pending), message, correlation, pending.deadlineMs)
          if (pushed !== PUSHED) this.#pending.take(correlation)
          else {
            if (release !== undefined) pending.onTaken = release
            this.#ports.callOff.sent(to, correlation, pending, signal)
          }
          return pushed
        },
        pending.deadlineMs,
      )
      if (result !== PUSHED)
        throw result === FULL ? timeoutOf(pending) : refusalOf(result, callText(pending), this.#ports.endOf(to, result), to)
      this.#onExpecting()
    } catch (error) {
      release?.()
      this.#pending.take(pending.correlation)
      pending.reject(error)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Blocks the thread, and settles what comes meanwhile. False: it was not so when the time was over. */
  block(isSo: () => boolean, deadlineMs: number): boolean {
    for (;;) {
      while (this.#ports.stepReplies()) if (isSo()) return true
      if (isSo()) return true
      if (this.#spinner.spin(this.#hasReply)) continue
      const leftMs = deadlineMs - this.#clock.nowMs()
      if (leftMs <= 0) return false
      this.#ports.parking.parkSync(leftMs)
    }
  }
}
