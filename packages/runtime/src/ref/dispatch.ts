import type { Address } from '../base/address.ts'
import { NotSendableError } from '../base/errors.ts'
import type { Codec } from '../codec/codec.ts'
import * as E from '../mailbox/envelope.ts'
import type { Outbox } from '../mailbox/outbox.ts'
import type { PushResult } from '../queue/lane-producer.ts'
import { MESSAGES } from '../queue/layout.ts'
import { type Names, NO_NAME } from '../queue/names.ts'
import type { CallTimes } from './call-times.ts'
import type { Callbacks } from './callbacks.ts'
import type { Carried, Carrier } from './carrier.ts'
import { keep, type Outgoing } from './outgoing.ts'
import type { PendingReply } from './pending-replies.ts'
import { type TapPlace, tapSend } from './taps.ts'
import { spanning } from './traced-send.ts'

export interface DispatchPorts {
  readonly incarnation: number
  readonly place: TapPlace
  readonly names: Names
  readonly codec: Codec
  readonly outbox: Outbox
  readonly times: CallTimes
  readonly callbacks: Callbacks
  readonly carrier: Carrier | undefined
}

/** From a call to a record in a mailbox: arguments are encoded, and pushed. */
export class Dispatch {
  readonly #ports: DispatchPorts
  #lastTo: Address | undefined
  #lastMethod = ''
  #lastCall = ''
  #lastName = NO_NAME

  constructor(ports: DispatchPorts) {
    this.#ports = ports
  }

  encode(to: Address, method: string, args: readonly unknown[], pending?: PendingReply): Outgoing {
    const { codec, carrier } = this.#ports
    const call = this.#callTo(to, method)
    const name = this.#lastName
    const named = name === NO_NAME ? [method, ...args] : args
    if (carrier !== undefined) return this.#encodeCarrying(carrier, to, method, name, named, pending)
    return { payload: codec.encodeArgs(named, call), name, flags: 0 }
  }

  /** For error texts, and the id of the method's name. To find them is a good part of what a message costs, and most go where the last one went. */
  #callTo(to: Address, method: string): string {
    if (to !== this.#lastTo || method !== this.#lastMethod) {
      this.#lastTo = to
      this.#lastMethod = method
      this.#lastCall = `${to.path}.${method}()`
      this.#lastName = this.#ports.names.idOf(method)
    }
    return this.#lastCall
  }

  #encodeCarrying(
    carrier: Carrier,
    to: Address,
    method: string,
    name: number,
    args: readonly unknown[],
    pending: PendingReply | undefined,
  ): Outgoing {
    const call = `${to.path}.${method}()`
    const { tracer } = carrier
    if (tracer === undefined) return this.#encodeWith(carrier.outgoing(), call, name, args)
    const span = carrier.begin(tracer, { from: this.#ports.place.self.path, to: to.path, method, isAsk: pending !== undefined })
    return spanning(span, pending, () => this.#encodeWith(carrier.outgoing(span.context), call, name, args))
  }

  #encodeWith(carried: Carried | undefined, call: string, name: number, args: readonly unknown[]): Outgoing {
    const { codec, callbacks } = this.#ports
    if (carried === undefined) return { payload: codec.encodeArgs(args, call), name, flags: 0 }
    const checkContext = (): void => callbacks.refusing(() => void codec.encodeArgs(carried, `the context of ${call}`))
    try {
      const message: Outgoing = { payload: codec.encodeArgs([...args, carried], call), name, flags: E.CARRIES }
      if (!callbacks.hasPassed) return message
      // A function among the arguments of an ask is a callback, and in the context it is refused, as in a tell.
      const kept = keep(message)
      checkContext()
      return kept
    } catch (error) {
      // What is wrong with the context is said of the context: its place among the arguments would mislead.
      if (error instanceof NotSendableError) checkContext()
      throw error
    }
  }

  /** What is passed with it is released when it is settled. */
  encodeAsk(to: Address, args: readonly unknown[], pending: PendingReply): Outgoing {
    const { callbacks } = this.#ports
    callbacks.open(pending)
    let encoded: Outgoing | undefined
    try {
      return (encoded = this.encode(to, pending.method, args, pending))
    } finally {
      const release = callbacks.close()
      if (encoded === undefined) release?.()
      else if (release !== undefined) pending.onTaken = release
    }
  }

  push(to: Address, kind: number, { payload, name, flags }: Outgoing, correlation: number, deadlineMs: number): PushResult {
    const { outbox, times, incarnation, place } = this.#ports
    const deadline = kind === E.TELL ? 0 : times.word(deadlineMs)
    const result = outbox.push(MESSAGES, to.seat, to.generation, kind | flags, name, correlation, deadline, incarnation, payload)
    tapSend(place, result, to, kind, name, correlation)
    return result
  }
}
