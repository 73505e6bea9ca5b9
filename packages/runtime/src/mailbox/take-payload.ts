import type { ReceivedRecord } from '../queue/received-record.ts'
import type { PayloadReader, PrivateBytes } from './payload.ts'

/**
 * Takes a record out of its lane, and makes something of its payload. Code of the user's that runs with that, or meanwhile, may
 * block for a reply: it must find what is behind the record, and not the same one again. Chunks are read where they are, so their
 * place is given back afterwards; what has some is plain, and runs no code of the user's.
 */
export function takePayload<T>(record: ReceivedRecord, payloads: PayloadReader, decode: (payload: PrivateBytes) => T): T {
  const payload = payloads.read(record)
  const isOutside = payload.outside !== undefined
  if (!isOutside) record.done()
  try {
    return decode(payload)
  } finally {
    if (isOutside) record.done()
  }
}
