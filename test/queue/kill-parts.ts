import { crc32 } from 'node:zlib'
import type { Encoded } from '../../packages/runtime/src/codec/encoded.ts'
import type { LaneLimits } from '../../packages/runtime/src/queue/lane-producer.ts'
import { type LaneKind, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import type { LaneIdentity } from '../../packages/runtime/src/queue/segment.ts'

/** What the threads that are killed share: who is who, words of `facts`, and how a record says what it is. */
export interface KillBoot {
  readonly memory: SharedArrayBuffer
  readonly facts: Int32Array
  readonly seat: number
  /** Of the seat's address. */
  readonly generation: number
  readonly incarnation: number
}

/** One has always something to do, and its address ends now and then; the other gets a record now and then, and sleeps in between. */
export const BUSY = 1
export const SLEEPY = 2
export const RECEIVERS = [BUSY, SLEEPY] as const
export const SENDERS = [3, 4] as const
export const SEATS = 5

export const INCARNATIONS_MAX = 16_384

// ---- facts (words)
/** Never notified: threads that have nothing to do wait here for a moment. */
export const IDLE = 0
/** What somebody found wrong, a FAULT_*; and where: sender, incarnation, number, what was expected. */
export const FAULT = 1
/** Per seat: the incarnation that runs. */
export const READY = 8
/** Per lane: incarnation and number of the record handled last; and how many were handled in all. */
export const LAST = 16
/** Per seat: the generation of its address, once all is over with the one before. */
export const GENERATION = 40
/** Per lane and incarnation of the sender: the number of the last record accepted, and of the last one handled. */
export const SENT = 64
export const HANDLED = SENT + 4 * INCARNATIONS_MAX
export const FACTS = HANDLED + 4 * INCARNATIONS_MAX

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

export function laneOf(sender: number, receiver: number, receiverGeneration: number): LaneIdentity {
  return { kind: kindOf(receiver), receiver, receiverGeneration, sender, senderGeneration: 1 }
}

export const LIMITS: LaneLimits = { bytesMax: 1 << 20, messagesMax: 300 }

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

/** A record has come to its end, by a handler or as a dead letter. Kept in shared memory: it must hold across all deaths. */
export function noteHandled(facts: Int32Array, sender: number, receiver: number, { incarnation, n, isWhole }: Stamp): void {
  if (!isWhole) return reportFault(facts, TORN, sender, incarnation, n)
  const number = laneNumber(sender, receiver)
  const last = LAST + number * 4
  const isNext = incarnation === facts[last] ? n === facts[last + 1]! + 1 : incarnation > facts[last]! && n === 1
  if (!isNext) reportFault(facts, OUT_OF_ORDER, sender, incarnation, n, facts[last]!, facts[last + 1]!)
  setHandled(facts, number, incarnation, n)
  Atomics.add(facts, last + 2, 1)
}

/** Its handler had said so, or had not come to it: for whoever comes next it is over (G5). */
export function noteBegun(facts: Int32Array, sender: number, receiver: number, { incarnation, n, isWhole }: Stamp): void {
  if (!isWhole) return reportFault(facts, TORN, sender, incarnation, n)
  setHandled(facts, laneNumber(sender, receiver), incarnation, n)
}

function setHandled(facts: Int32Array, number: number, incarnation: number, n: number): void {
  Atomics.store(facts, HANDLED + number * INCARNATIONS_MAX + incarnation, n)
  facts[LAST + number * 4 + 1] = n
  facts[LAST + number * 4] = incarnation
}

export function reportFault(facts: Int32Array, fault: number, ...where: readonly number[]): void {
  if (Atomics.load(facts, FAULT) !== 0) return
  for (const [i, word] of where.entries()) Atomics.store(facts, FAULT + 1 + i, word)
  Atomics.store(facts, FAULT, fault)
}
