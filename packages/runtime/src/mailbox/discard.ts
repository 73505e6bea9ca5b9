import type { Codec } from '../codec/codec.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { PayloadReader } from './payload.ts'

/** For a message that is not read, and that has something beside it: that is nobody's. */
export function discard(lane: ReceivedRecord, payloads: PayloadReader, codec: Codec): void {
  const { bytes, start, end } = payloads.read(lane)
  codec.discard(bytes, start, end)
}
