import { load, or } from './atomics.ts'
import * as Q from './queue-layout.ts'

/** Up to here a loop over words is faster than making views for `set`. */
const LOOP_BYTES_MAX = 256

/** The shared memory of one public queue, as both ends of it see it: words, rings, and what can be read from them. */
export class QueueMemory {
  readonly layout: Q.QueueLayout
  readonly words: Int32Array
  readonly #rings: Uint8Array
  readonly #ringWords: Int32Array
  readonly #laneWords: number
  readonly #slotMask: number
  readonly #ringBytes: number

  constructor(memory: SharedArrayBuffer, atByte: number, layout: Q.QueueLayout) {
    this.layout = layout
    this.words = new Int32Array(memory, atByte, layout.ringsAtByte / 4)
    this.#rings = new Uint8Array(memory, atByte + layout.ringsAtByte, layout.lanes * layout.ringBytes)
    this.#ringWords = new Int32Array(memory, atByte + layout.ringsAtByte, (layout.lanes * layout.ringBytes) / 4)
    this.#laneWords = layout.laneWords
    this.#slotMask = layout.slots - 1
    this.#ringBytes = layout.ringBytes
  }

  get isClosed(): boolean {
    return load(this.words, Q.Q_CLOSED) !== 0
  }

  get size(): number {
    let size = 0
    for (let lane = load(this.words, Q.Q_LANES_USED) - 1; lane >= 0; lane--) size += this.sizeOf(this.laneAt(lane))
    return size
  }

  /** The head is read first: a tail can only be ahead of it. */
  sizeOf(laneAt: number): number {
    const head = load(this.words, laneAt + Q.LANE_HEAD)
    return (((load(this.words, laneAt + Q.LANE_TAIL) & ~Q.SEALED_LANE) - head) | 0) >>> 1
  }

  laneAt(lane: number): number {
    return Q.Q_HEADER_WORDS + lane * this.#laneWords
  }

  slotAt(laneAt: number, ordinal: number): number {
    return laneAt + Q.LANE_HEADER_WORDS + ((ordinal >>> 1) & this.#slotMask) * Q.SLOT_WORDS
  }

  sealAll(): void {
    for (let lane = 0; lane < this.layout.lanes; lane++) or(this.words, this.laneAt(lane) + Q.LANE_TAIL, Q.SEALED_LANE)
  }

  /** `position` is a multiple of 4. */
  write(lane: number, position: number, from: PrivateView, start: number, end: number): void {
    const offset = position & (this.#ringBytes - 1)
    const at = lane * this.#ringBytes + offset
    const length = end - start
    if (offset + length > this.#ringBytes) {
      const first = this.#ringBytes - offset
      this.#rings.set(from.bytes.subarray(start, start + first), at)
      this.#rings.set(from.bytes.subarray(start + first, end), at - offset)
    } else if (length > LOOP_BYTES_MAX || (start & 3) !== 0) this.#rings.set(from.bytes.subarray(start, end), at)
    else copyWords(from.words, from.bytes, start, this.#ringWords, this.#rings, at, length)
  }

  /** To the beginning of `into`, which has room for it. */
  read(lane: number, position: number, length: number, into: PrivateView): void {
    const offset = position & (this.#ringBytes - 1)
    const at = lane * this.#ringBytes + offset
    if (offset + length > this.#ringBytes) {
      const first = this.#ringBytes - offset
      into.bytes.set(this.#rings.subarray(at, at + first))
      into.bytes.set(this.#rings.subarray(at - offset, at - offset + length - first), first)
    } else if (length > LOOP_BYTES_MAX) into.bytes.set(this.#rings.subarray(at, at + length))
    else copyWords(this.#ringWords, this.#rings, at, into.words, into.bytes, 0, length)
  }
}

/** Private bytes, and the words in them. Views are dear to make: they are kept as long as the same bytes come again. */
export interface PrivateView {
  readonly bytes: Uint8Array
  readonly words: Int32Array
}

export function viewOf(bytes: Uint8Array): PrivateView {
  const isAligned = (bytes.byteOffset & 3) === 0
  // Without words the loop of bytes does it all.
  return { bytes, words: isAligned ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2) : NO_WORDS }
}

const NO_WORDS = new Int32Array(0)

/** Both offsets are multiples of 4. */
function copyWords(
  fromWords: Int32Array,
  from: Uint8Array,
  fromAt: number,
  toWords: Int32Array,
  to: Uint8Array,
  toAt: number,
  length: number,
): void {
  let done = 0
  if (fromWords.length > 0) {
    const words = length >>> 2
    for (let i = 0, f = fromAt >>> 2, t = toAt >>> 2; i < words; i++, f++, t++) toWords[t] = fromWords[f]!
    done = words << 2
  }
  for (; done < length; done++) to[toAt + done] = from[fromAt + done]!
}
