import type { LaneConsumer } from '../queue/lane-consumer.ts'
import type { LaneProducer } from '../queue/lane-producer.ts'

/** Up to here a loop is faster than making a view for `set`. */
const LOOP_BYTES_MAX = 96
const SCRATCH_BYTES_MIN = 64 * 1024

/** Bytes in private memory, valid until the next use of whatever lent them. */
export interface PrivateBytes {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** A copy that lasts. Not `slice`: of a Buffer, that is a view. */
export function copyOf({ bytes, start, end }: PrivateBytes): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end))
}

export function writePayload(to: LaneProducer, { bytes, start, end }: PrivateBytes): void {
  const { payload, payloadAt } = to
  if (end - start > LOOP_BYTES_MAX) payload.set(bytes.subarray(start, end), payloadAt)
  else for (let i = start, at = payloadAt; i < end; i++, at++) payload[at] = bytes[i]!
}

/**
 * Decoding happens from a private copy: the sender could change the bytes between check and use, and msgpackr's Buffers
 * would alias the ring (D5). Small payloads share one scratch buffer; a large one gets memory of its own.
 */
export class PayloadReader {
  #scratch = new Uint8Array(SCRATCH_BYTES_MIN)

  read(from: LaneConsumer): PrivateBytes {
    const { payload, payloadAt, payloadBytes } = from
    const bytes = payloadBytes <= SCRATCH_BYTES_MIN ? this.#scratch : new Uint8Array(payloadBytes)
    if (payloadBytes > LOOP_BYTES_MAX) bytes.set(payload.subarray(payloadAt, payloadAt + payloadBytes))
    else for (let i = 0; i < payloadBytes; i++) bytes[i] = payload[payloadAt + i]!
    return { bytes, start: 0, end: payloadBytes }
  }
}
