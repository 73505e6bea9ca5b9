import { describeError, type ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import { copyOf } from '../codec/encoded.ts'

/**
 * An error inside an exit reason while it travels: encoded by our own codec, because structured clone loses its class,
 * code and cause (D8). The control side passes it on without decoding it; `text` is for its reports.
 */
export interface EncodedError {
  readonly text: string
  readonly bytes: Uint8Array
}

export function encodeError(codec: Codec, error: unknown): EncodedError {
  return { text: describeError(error), bytes: copyOf(codec.encodeError(error, 'an error')) }
}

export function toWireReason(codec: Codec, reason: ExitReason): ExitReason {
  if ('reason' in reason) return { ...reason, reason: toWireReason(codec, reason.reason) }
  return 'error' in reason && !isEncodedError(reason.error) ? { ...reason, error: encodeError(codec, reason.error) } : reason
}

export function fromWireReason(codec: Codec, reason: ExitReason): ExitReason {
  if ('reason' in reason) return { ...reason, reason: fromWireReason(codec, reason.reason) }
  return 'error' in reason && isEncodedError(reason.error) ? { ...reason, error: decodeError(codec, reason.error) } : reason
}

export function decodeError(codec: Codec, { bytes }: EncodedError): unknown {
  return codec.decodeError(bytes, 0, bytes.length)
}

export function isEncodedError(value: unknown): value is EncodedError {
  try {
    return typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array && 'text' in value
  } catch {
    // A Proxy was thrown, and its traps throw, too.
    return false
  }
}
