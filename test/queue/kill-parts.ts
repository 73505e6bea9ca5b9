import { crc32 } from 'node:zlib'
import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import type { LaneLimits, LaneProducer } from '../../packages/runtime/src/queue/lane-producer.ts'
import { type LaneKind, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import type { LaneIdentity } from '../../packages/runtime/src/queue/segment.ts'

/** What the threads that are killed share: who is who, words of `facts`, and how a record says what it is. */
export interface KillBoot {
  readonly memory: SharedArrayBuffer
  readonly facts: Int32Array
  readonly seat: number
  readonly incarnation: number
}

/** One has always something to do; the other gets a record now and then, and sleeps in between. */
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

export function laneOf(sender: number, receiver: number): LaneIdentity {
  return { kind: kindOf(receiver), receiver, receiverGeneration: 1, sender, senderGeneration: 1 }
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

/** Who it is from, and a checksum over that and the payload. */
export function stamp({ words, envelopeAt }: LaneProducer, incarnation: number, n: number, payload: Uint8Array): void {
  words[envelopeAt] = incarnation
  words[envelopeAt + 1] = n
  words[envelopeAt + 2] = checksum(payload, incarnation, n)
}

export interface Stamp {
  readonly incarnation: number
  readonly n: number
  readonly isWhole: boolean
}

export function stampOf({ words, envelopeAt, payload, payloadAt, payloadBytes }: LaneConsumer): Stamp {
  const incarnation = words[envelopeAt]!
  const n = words[envelopeAt + 1]!
  const sum = checksum(payload.subarray(payloadAt, payloadAt + payloadBytes), incarnation, n)
  return { incarnation, n, isWhole: sum === words[envelopeAt + 2] }
}

function checksum(payload: Uint8Array, incarnation: number, n: number): number {
  return crc32(payload, (incarnation ^ Math.imul(n, 0x9e37_79b1)) >>> 0) | 0
}

export function reportFault(facts: Int32Array, fault: number, ...where: readonly number[]): void {
  if (Atomics.load(facts, FAULT) !== 0) return
  for (const [i, word] of where.entries()) Atomics.store(facts, FAULT + 1 + i, word)
  Atomics.store(facts, FAULT, fault)
}
