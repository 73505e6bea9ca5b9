import type { Address } from '../base/address.ts'
import type { Codec } from '../codec/codec.ts'
import * as E from '../mailbox/envelope.ts'
import type { Outbox } from '../mailbox/outbox.ts'
import type { PushResult } from '../queue/lane-producer.ts'
import { MESSAGES } from '../queue/layout.ts'
import { type Names, NO_NAME } from '../queue/names.ts'
import type { CallTimes } from './call-times.ts'
import type { Callbacks } from './callbacks.ts'
import type { Outgoing } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'
import { type TapPlace, tapSend } from './taps.ts'

export interface DispatchPorts {
  readonly incarnation: number
  readonly place: TapPlace
  readonly names: Names
  readonly codec: Codec
  readonly outbox: Outbox
  readonly times: CallTimes
  readonly callbacks: Callbacks
}

/** From a call to a record in a mailbox: arguments are encoded, and pushed. */
export class Dispatch {
  readonly #ports: DispatchPorts

  constructor(ports: DispatchPorts) {
    this.#ports = ports
  }

  encode(to: Address, method: string, args: readonly unknown[]): Outgoing {
    const { names, codec } = this.#ports
    const name = names.idOf(method)
    const call = `${to.path}.${method}()`
    const payload = codec.encodeArgs(name === NO_NAME ? [method, ...args] : args, call)
    return { payload, name }
  }

  /** What is passed with it is released when it is settled. */
  encodeAsk(to: Address, args: readonly unknown[], pending: PendingReply): Outgoing {
    const { callbacks } = this.#ports
    callbacks.open(to)
    let encoded: Outgoing | undefined
    try {
      return (encoded = this.encode(to, pending.method, args))
    } finally {
      const release = callbacks.close()
      if (encoded === undefined) release?.()
      else if (release !== undefined) pending.onTaken = release
    }
  }

  push(to: Address, kind: number, { payload, name }: Outgoing, correlation: number, deadlineMs: number): PushResult {
    const { outbox, times, incarnation, place } = this.#ports
    const deadline = kind === E.TELL ? 0 : times.word(deadlineMs)
    const result = outbox.push(MESSAGES, to.seat, to.generation, kind, name, correlation, deadline, incarnation, payload)
    tapSend(place, result, to, kind, name, correlation)
    return result
  }
}
