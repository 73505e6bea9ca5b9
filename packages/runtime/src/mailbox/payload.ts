import { copyBytes } from '../base/copy-bytes.ts'
import type { Encoded } from '../codec/encoded.ts'
import { writeChunks } from '../codec/encoded.ts'
import type { LaneProducer } from '../queue/lane-producer.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import { bodyBytesOf } from './envelope.ts'

/** Up to here a loop over words is faster than making views for `set`. */
const LOOP_BYTES_MAX = 256
const SCRATCH_BYTES = 64 * 1024

/** Bytes in private memory, valid until the next use of whatever lent them. */
export interface PrivateBytes {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** The whole payload in the lane, when what is here is only its body (codec/encoded.ts). */
  readonly outside?: Uint8Array | undefined
}

/** Fills what the producer has reserved. A record is padded to 8 bytes, so whole words may be written. */
export function writePayload(to: LaneProducer, { bytes, start, end, words, chunks }: Encoded): void {
  const body = end - start
  if (words !== undefined && chunks === undefined && body <= LOOP_BYTES_MAX) {
    const at = to.payloadAt >> 2
    for (let i = 0; i << 2 < body; i++) to.words[at + i] = words[i]!
  } else {
    copyBytes(to.payload, to.payloadAt, bytes.subarray(start, end))
    if (chunks !== undefined) writeChunksOf(to, body, chunks)
  }
}

/** A getter in the message may have moved away what is to be copied: it throws then, and what was reserved is given back. */
function writeChunksOf(to: LaneProducer, body: number, chunks: readonly Uint8Array[]): void {
  try {
    writeChunks(to.payload, to.payloadAt, body, chunks)
  } catch (error) {
    to.abandon()
    throw error
  }
}

/**
 * Decoding happens from a private copy: the sender could change the bytes between check and use, and what is decoded must not
 * alias the ring (D5). Bodies share one scratch buffer, a large one gets memory of its own; chunks are copied once, by whoever
 * decodes, from where they are to where they stay. What `read` returns is one object, valid until the next.
 */
export class PayloadReader implements PrivateBytes {
  readonly #words = new Int32Array(SCRATCH_BYTES / 4)
  readonly #scratch = new Uint8Array(this.#words.buffer)
  bytes = this.#scratch
  readonly start = 0
  end = 0
  outside: Uint8Array | undefined

  read(from: ReceivedRecord): PrivateBytes {
    const { payload, payloadAt, payloadBytes } = from
    const body = bodyBytesOf(from)
    this.end = body
    this.outside = body === payloadBytes ? undefined : payload.subarray(payloadAt, payloadAt + payloadBytes)
    if (body <= LOOP_BYTES_MAX && from.isInline) {
      const at = payloadAt >> 2
      this.bytes = this.#scratch
      for (let i = 0; i << 2 < body; i++) this.#words[i] = from.words[at + i]!
    } else {
      this.bytes = body <= SCRATCH_BYTES ? this.#scratch : new Uint8Array(body)
      copyBytes(this.bytes, 0, payload.subarray(payloadAt, payloadAt + body))
    }
    return this
  }
}

/** All of a received payload, for keeping. */
export function copyOfReceived({ bytes, start, end, outside }: PrivateBytes): Uint8Array {
  return new Uint8Array(outside ?? bytes.subarray(start, end))
}
