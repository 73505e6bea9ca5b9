/**
 * A buffer that has served one message is found by V8's next young collection, which takes less than a millisecond. But those come
 * when a thread has made objects enough, and whoever passes buffers on makes few. So there comes a full one instead, at 64 MB of
 * buffers (Node 24 and 26): all of the heap is marked, on other threads, too, for some 20 ms of each 40. Whoever
 * has received so many bytes of large binaries therefore fills what is left of its young space with nothing, best while it waits.
 * Then memory comes back while it still lies in the processor's cache.
 */

const MEBIBYTE = 1024 * 1024
const CYCLE_BYTES = 8 * MEBIBYTE
/** Of 8 bytes. V8 would make a large object of 128 KiB. */
const SLOTS = 4 * 1024
const LITTER_BYTES = SLOTS * 8
/** Some 10 µs. */
const PIECE_BYTES = 4 * LITTER_BYTES
/**
 * The C library gives free memory at the end of a heap back to the kernel, and then each page of it is a fault again: 1 MB takes longer
 * that way than all of its copies. How much it keeps it learns from the largest block that was freed (glibc: twice as much), so it is shown one of a
 * cycle's length, of which no page is touched.
 */
const LESSON_BYTES = CYCLE_BYTES

let received = 0
let dueAt = CYCLE_BYTES
let toLitter = 0
let hasTaught = false
/** Not a local variable: that is something V8 might leave out. */
const bin: { litter: unknown } = { litter: undefined }

/** A buffer of that length was made for a binary that has come. */
export function noteReceived(length: number): void {
  received += length
}

/** Does one piece of what is due. False: nothing is. `youngBytesLeft`: what may be allocated before the next young collection. */
export function litterPiece(youngBytesLeft: () => number): boolean {
  if (toLitter === 0 && (received < dueAt || !beginCycle(youngBytesLeft()))) return false
  for (let bytes = 0; bytes < PIECE_BYTES && toLitter > 0; bytes += LITTER_BYTES) {
    // What lives when the collection comes would make the young space grow.
    bin.litter = undefined
    bin.litter = new Array(SLOTS)
    toLitter = Math.max(0, toLitter - LITTER_BYTES)
  }
  if (toLitter === 0) bin.litter = undefined
  return true
}

/** A thread with many objects that live has a large young space: no more than half of what came is made of garbage. */
function beginCycle(left: number): boolean {
  dueAt = Math.max(CYCLE_BYTES, left * 2)
  if (received < dueAt) return false
  received = 0
  dueAt = CYCLE_BYTES
  // One more than there is room for.
  toLitter = left + LITTER_BYTES
  if (!hasTaught) bin.litter = Buffer.allocUnsafeSlow(LESSON_BYTES)
  hasTaught = true
  return true
}
