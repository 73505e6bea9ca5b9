import { copyBytes } from '../base/copy-bytes.ts'
import type { Enclosed } from './enclosures.ts'

/**
 * An encoded value: `bytes[start … end]`, and behind it the chunks, each at the next multiple of CHUNK_ALIGN from `start`.
 * The bytes are a scratch buffer's and the chunks the sender's own memory, so both are copied at once, and never transferred.
 */
export interface Encoded {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** The same memory, when `start` is 0: short messages are copied word by word. */
  readonly words?: Int32Array | undefined
  /** Large binaries, which are copied once, from the sender's memory into the lane. */
  readonly chunks?: readonly Uint8Array[] | undefined
  /** What travels beside it. */
  readonly enclosed?: Enclosed | undefined
}

/** A cache line: copies between unaligned places are slower. */
export const CHUNK_ALIGN = 64

export function chunkAlign(offset: number): number {
  return (offset + CHUNK_ALIGN - 1) & -CHUNK_ALIGN
}

/** Bytes of the whole, from the first of the body to the last of the chunks. */
export function sizeOf({ start, end, chunks }: Encoded): number {
  let size = end - start
  if (chunks !== undefined) for (const { length } of chunks) size = chunkAlign(size) + length
  return size
}

/** A copy that lasts, in one piece. Not `slice`: of a Buffer, that is a view. */
export function copyOf(encoded: Encoded): Uint8Array {
  const { bytes, start, end, chunks } = encoded
  if (chunks === undefined) return new Uint8Array(bytes.subarray(start, end))
  const copy = new Uint8Array(sizeOf(encoded))
  copyBytes(copy, 0, bytes.subarray(start, end))
  writeChunks(copy, 0, end - start, chunks)
  return copy
}

/** Puts the chunks behind a body of `bodyBytes` that begins at `to[at]`. */
export function writeChunks(to: Uint8Array, at: number, bodyBytes: number, chunks: readonly Uint8Array[]): void {
  let offset = bodyBytes
  for (const chunk of chunks) {
    offset = chunkAlign(offset)
    copyBytes(to, at + offset, chunk)
    offset += chunk.length
  }
}
