import { BudgetExceededError, MessageTooLargeError } from '../base/errors.ts'
import type { SystemLimits } from '../base/limits.ts'
import { type Encoded, sizeOf } from '../codec/encoded.ts'
import * as E from '../mailbox/envelope.ts'
import { NO_MEMORY } from '../queue/lane-producer.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Messenger } from '../ref/messenger.ts'
import { tapError, tapReply } from '../ref/taps.ts'

/** An error is for people: a message of megabytes is cut. */
const ERROR_BYTES_MAX = 256 * 1024

/** Answers asks. What cannot be sent, or is too large, reaches the asker as an error (G8). */
export class Replier {
  readonly #messenger: Messenger
  readonly #bytesMax: number

  constructor(messenger: Messenger, limits: SystemLimits) {
    this.#messenger = messenger
    this.#bytesMax = limits.messageBytesMax
  }

  value(record: ReceivedRecord, envelope: E.Envelope, value: unknown): void {
    try {
      this.#push(record, envelope, E.REPLY, this.#messenger.codec.encodeResult(value, this.callText(envelope)))
      tapReply(this.#messenger, record, envelope)
    } catch (error) {
      this.error(record, envelope, error)
    }
  }

  error(record: ReceivedRecord, envelope: E.Envelope, error: unknown): void {
    const bytesMax = Math.min(ERROR_BYTES_MAX, this.#bytesMax)
    this.#push(record, envelope, E.REPLY_ERROR, this.#messenger.codec.encodeError(error, this.callText(envelope), bytesMax))
    tapError(this.#messenger, record, envelope, error)
  }

  /** `/user/store.add()`, for texts. */
  callText(envelope: E.Envelope): string {
    return `${this.#messenger.self.path}.${this.#messenger.names.nameOf(envelope.method) ?? '…'}()`
  }

  #push(record: ReceivedRecord, envelope: E.Envelope, kind: number, payload: Encoded): void {
    const bytes = sizeOf(payload)
    if (bytes > this.#bytesMax) throw new MessageTooLargeError(`the result of ${this.callText(envelope)}`, bytes, this.#bytesMax)
    const { sender: seat, senderGeneration: generation } = record.lane
    const pushed = this.#messenger.reply({ seat, generation }, envelope, kind, payload)
    // The asker gets the error instead, for which the arena keeps a reserve. Any other refusal: the asker has ended.
    if (pushed === NO_MEMORY && kind === E.REPLY) throw new BudgetExceededError(`the result of ${this.callText(envelope)}`)
  }
}
