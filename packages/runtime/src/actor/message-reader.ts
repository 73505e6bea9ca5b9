import { InvalidMessageError, NotAMessageError } from '../base/errors.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import * as E from '../mailbox/envelope.ts'
import { copyOfReceived, type PrivateBytes } from '../mailbox/payload.ts'
import { NO_NAME } from '../queue/names.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Carrier } from '../ref/carrier.ts'
import type { Messenger } from '../ref/messenger.ts'
import type { TracedCall } from '../ref/tracer.ts'
import type { Method } from './method-table.ts'
import { notAMessage } from './not-a-message.ts'
import { Refused } from './refused.ts'

export interface Readable {
  readonly actor: object
  readonly methods: ReadonlyMap<string, Method>
}

export interface Message {
  readonly method: Method
  readonly args: unknown[]
}

/** From the bytes of a message to a method and its arguments. */
export class MessageReader {
  readonly #behaviour: Readable
  readonly #messenger: Messenger
  /** By the ids of their names. */
  readonly #methods: (Method | undefined)[] = []

  constructor(behaviour: Readable, messenger: Messenger) {
    this.#behaviour = behaviour
    this.#messenger = messenger
  }

  /**
   * The method and its arguments.
   *
   * @throws {Refused} what is wrong with the message
   */
  read(envelope: E.Envelope, { bytes, start, end, outside }: PrivateBytes): Message {
    let args: unknown[]
    try {
      args = this.#messenger.codec.decode(bytes, start, end, outside) as unknown[]
    } catch (error) {
      throw new Refused(error as Error)
    }
    return { method: this.#methods[envelope.method] ?? this.#methodOf(envelope.method, args), args }
  }

  #methodOf(id: number, args: unknown[]): Method {
    const name = id === NO_NAME ? String(args.shift()) : (this.#messenger.names.nameOf(id) ?? '')
    const method = this.#behaviour.methods.get(name)
    if (method === undefined)
      throw new Refused(notAMessage(this.#messenger.self.path, this.#behaviour.actor, name, this.#behaviour.methods.keys()))
    if (id !== NO_NAME) this.#methods[id] = method
    return method
  }

  /** Runs the handler in the context that its message has brought; in a span, if this thread makes spans. */
  within<R>(carrier: Carrier, record: ReceivedRecord, envelope: E.Envelope, { args }: Message, handle: () => R): R {
    const carried = E.carries(record) ? args.pop() : undefined
    return carrier.enter(carried, carrier.tracer === undefined ? undefined : this.#traced(record, envelope), handle)
  }

  #traced({ lane }: ReceivedRecord, { kind, method }: E.Envelope): TracedCall {
    const { self, names } = this.#messenger
    return { from: this.#messenger.pathOf(lane.sender), to: self.path, method: names.nameOf(method) ?? '?', isAsk: kind === E.ASK }
  }

  /** For a tell that is wrong: its sender hears of it so, and not at all otherwise. */
  letter(record: ReceivedRecord, envelope: E.Envelope, error: Error): WireDeadLetter {
    return {
      to: this.#messenger.self.path,
      from: record.lane.sender,
      method: this.#messenger.names.nameOf(envelope.method) ?? '?',
      payload: E.encloses(record) ? undefined : copyOfReceived(this.#messenger.payloads.read(record)),
      carries: E.carries(record),
      bytes: record.payloadBytes,
      why: whyOf(error),
      detail: error.message,
      reason: undefined,
    }
  }
}

function whyOf(error: Error): WireDeadLetter['why'] {
  if (error instanceof NotAMessageError) return 'notAMessage'
  return error instanceof InvalidMessageError ? 'invalid' : 'unreadable'
}
