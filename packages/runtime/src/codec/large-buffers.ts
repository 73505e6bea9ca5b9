import { noteReceived } from './young-garbage.ts'

/**
 * Memory for large binaries that arrive. A fresh buffer is memory that the kernel has yet to give: touching its pages takes
 * longer than copying into them, and most of that lies between a message and its method. Large binaries come in rows of one
 * length (frames, tiles, parts of a file), so after two of a length the thread makes the next buffer ready while it has
 * nothing else to do. It is handed out once, as new as any other. Nobody holds it: if memory is wanted before, it goes.
 */

const PAGE_BYTES = 4 * 1024
/** Between two pieces the thread looks for work: some 20 µs. */
const PIECE_BYTES = 128 * 1024
/** Below, the C library has memory at hand that has been touched. */
const READY_BYTES_MIN = 128 * 1024
const READY_BYTES_MAX = 4 * 1024 * 1024

let lengthBefore = 0
/** The length of the buffer to make ready; 0: none, or it is. */
let wanted = 0
let ready: WeakRef<Buffer> | undefined
let touched = 0

/** Its contents are undefined, and its ArrayBuffer is its own. */
export function largeBuffer(length: number): Buffer {
  noteReceived(length)
  if (length < READY_BYTES_MIN || length > READY_BYTES_MAX) return Buffer.allocUnsafeSlow(length)
  const buffer = ready?.deref()
  ready = undefined
  wanted = length === lengthBefore ? length : 0
  lengthBefore = length
  return buffer?.length === length ? buffer : Buffer.allocUnsafeSlow(length)
}

/** Called when there is no work: does one piece of what is to be made ready. False: there is nothing. */
export function prepareLargeBuffer(): boolean {
  if (wanted === 0) return false
  let buffer = ready?.deref()
  if (buffer === undefined) {
    buffer = Buffer.allocUnsafeSlow(wanted)
    ready = new WeakRef(buffer)
    touched = 0
  }
  const until = Math.min(wanted, touched + PIECE_BYTES)
  for (; touched < until; touched += PAGE_BYTES) buffer[touched] = 0
  if (touched >= wanted) wanted = 0
  return true
}
