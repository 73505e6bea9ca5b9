import { UnreadableMessageError } from '../base/errors.ts'
import type { Codec } from '../codec/codec.ts'
import type { Encoded } from '../codec/encoded.ts'
import type { PrivateBytes } from '../mailbox/payload.ts'

/** Items of a stream that its giver may be ahead of its reader: so much memory a stream takes, however long it is. */
export const STREAM_ITEMS_MAX = 1_024
/** The same in bytes; one item may be larger. */
export const STREAM_BYTES_MAX = 256 * 1024
/** Items that are sent together: as many bytes as a record may have within its ring. */
const RECORD_BYTES_MAX = 4 * 1024
const LENGTH_BYTES = 2

/** Several small items in one record: for each its length in two bytes, then its encoding. */
export class ItemsWriter {
  readonly #bytes = new Uint8Array(RECORD_BYTES_MAX)
  #end = 0
  count = 0

  /** Never for an item that must go alone, in a record of its own. */
  hasRoomFor({ start, end, chunks }: Encoded): boolean {
    return chunks === undefined && this.#end + LENGTH_BYTES + (end - start) <= RECORD_BYTES_MAX
  }

  add({ bytes, start, end }: Encoded): void {
    const length = end - start
    let at = this.#end
    this.#bytes[at++] = length & 0xff
    this.#bytes[at++] = length >>> 8
    // A call of `set` costs more than a few bytes.
    if (length <= 32) for (let i = start; i < end; i++) this.#bytes[at++] = bytes[i]!
    else this.#bytes.set(bytes.subarray(start, end), at)
    this.#end += LENGTH_BYTES + length
    this.count++
  }

  /** What it has, until the next `add`. */
  take(): Encoded {
    const end = this.#end
    this.#end = this.count = 0
    return { bytes: this.#bytes, start: 0, end }
  }
}

/** The items of a record. `isAlone`: it is one, and not written by an ItemsWriter. */
export function itemsIn(codec: Codec, isAlone: boolean, { bytes, start, end, outside }: PrivateBytes): unknown[] {
  if (isAlone) return [codec.decode(bytes, start, end, outside)]
  // Code of the user's that runs while one is decoded may receive messages, into the same scratch buffer.
  const own = bytes.slice(start, end)
  const items: unknown[] = []
  for (let at = 0; at < own.length; ) {
    const from = at + LENGTH_BYTES
    const to = from + (own[at]! | ((own[at + 1] ?? 0) << 8))
    if (to > own.length || to === from) throw new UnreadableMessageError('an item of a stream in it ends too early')
    items.push(codec.decode(own, from, to))
    at = to
  }
  return items
}
