import { crc32 } from 'node:zlib'
import type { Encoded } from '../../packages/runtime/src/codec/encoded.ts'
import type { LaneLimits } from '../../packages/runtime/src/queue/lane-producer.ts'
import { INLINE_BYTES_MAX, type LaneKind, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import type { LaneIdentity } from '../../packages/runtime/src/queue/segment.ts'

/** What the threads that are killed share: who is who, words of `facts`, and how a record says what it is. */
export interface KillBoot {
  readonly memory: SharedArrayBuffer
  readonly facts: Int32Array
  readonly seat: number
  /** Of the seat's address. */
  readonly generation: number
  readonly incarnation: number
  /** The first at its address: there is nothing that it could go on with. */
  readonly isFirst: boolean
}

/** One has always something to do, and its address ends now and then; the other gets a record now and then, and sleeps in between. */
export const BUSY = 1
export const SLEEPY = 2
export const RECEIVERS = [BUSY, SLEEPY] as const
export const SENDERS = [3, 4] as const
export const SEATS = 5

export const INCARNATIONS_MAX = 16_384
/** Of the last records of a lane that something can be noted of. */
export const NOTED = 1_024

// ---- facts (words)
/** Never notified: threads that have nothing to do wait here for a moment. */
export const IDLE = 0
/** What somebody found wrong, a FAULT_*; and where: sender, incarnation, number, what was expected. */
export const FAULT = 1
/** Per seat: the incarnation that runs. */
export const READY = 8
/** Per lane: incarnation and number of the record handled last; how many were handled in all; the generation of who handled the last. */
export const LAST = 16
/** Per seat: the generation of its address, once all is over with the one before. */
export const GENERATION = 40
/** Per lane and incarnation of the sender: the number of the last record accepted, and of the last one handled. */
export const SENT = 64
export const HANDLED = SENT + 4 * INCARNATIONS_MAX
/** Per lane, for the last NOTED records: which are set aside, and which their sender may have cancelled. */
export const ASIDE = HANDLED + 4 * INCARNATIONS_MAX
export const CANCELS = ASIDE + 4 * NOTED
export const FACTS = CANCELS + 4 * NOTED

export const FAULTS = ['none', 'a record is torn', 'a record is lost or doubled', 'a lane is refused', 'a thread failed'] as const
export const TORN = 1
export const OUT_OF_ORDER = 2
export const REFUSED = 3
export const FAILED = 4

export function laneNumber(sender: number, receiver: number): number {
  return (sender - SENDERS[0]) * 2 + receiver - BUSY
}

/** Both kinds of lane, and so both kinds of sleep: an actor's own, and the one of a blocking ask. */
export function kindOf(receiver: number): LaneKind {
  return receiver === BUSY ? MESSAGES : REPLIES
}

export function laneOf(sender: number, senderGeneration: number, receiver: number, receiverGeneration: number): LaneIdentity {
  return { kind: kindOf(receiver), receiver, receiverGeneration, sender, senderGeneration }
}

export const LIMITS: LaneLimits = { bytesMax: 1 << 20, messagesMax: 60 }

/** The same dice everywhere: mulberry32. */
export function dice(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Sizes that go around the ring, into the next one, and now and then into a run. */
export function sizeOf(roll: number): number {
  if (roll < 0.02) return 17_000 + Math.floor(roll * 400_000)
  // Just in the ring, and just not.
  if (roll > 0.97) return INLINE_BYTES_MAX - HEADER_BYTES - 8 + Math.floor((roll - 0.97) * 600)
  return Math.floor(roll < 0.1 ? roll * 40_000 : roll * 200)
}

const HEADER_BYTES = 12
const message = new Uint8Array(HEADER_BYTES + 32 * 1024)
const header = new Int32Array(message.buffer, 0, HEADER_BYTES / 4)

/** Who it is from, and a checksum over that and the body. Good until the next one is made. */
export function stamped(body: Uint8Array, incarnation: number, n: number): Encoded {
  header[0] = checksum(body, incarnation, n)
  header[1] = incarnation
  header[2] = n
  message.set(body, HEADER_BYTES)
  return { bytes: message, start: 0, end: HEADER_BYTES + body.length }
}

export interface Stamp {
  readonly incarnation: number
  readonly n: number
  readonly isWhole: boolean
}

/** `bytes`: a private copy of a whole payload. */
export function stampIn(bytes: Uint8Array): Stamp {
  if (bytes.length < HEADER_BYTES) return { incarnation: 0, n: 0, isWhole: false }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const [sum, incarnation, n] = [0, 4, 8].map((at) => view.getInt32(at, true)) as [number, number, number]
  return { incarnation, n, isWhole: sum === checksum(bytes.subarray(HEADER_BYTES), incarnation, n) }
}

function checksum(body: Uint8Array, incarnation: number, n: number): number {
  const start = (incarnation ^ Math.imul(n, 0x9e37_79b1)) >>> 0
  // Node 20 gives one of two sums for no bytes at all.
  return (body.length === 0 ? start : crc32(body, start)) | 0
}

export function reportFault(facts: Int32Array, fault: number, ...where: readonly number[]): void {
  if (Atomics.load(facts, FAULT) !== 0) return
  for (const [i, word] of where.entries()) Atomics.store(facts, FAULT + 1 + i, word)
  Atomics.store(facts, FAULT, fault)
}
