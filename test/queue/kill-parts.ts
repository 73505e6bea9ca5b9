import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import type { LaneLimits, LaneProducer } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import type { LaneIdentity } from '../../packages/runtime/src/queue/segment.ts'

/** What the threads of the kill test share: words of `facts`, and how a message says who it is. */
export interface KillBoot {
  readonly memory: SharedArrayBuffer
  readonly facts: Int32Array
  readonly role: 'producer' | 'consumer'
  readonly seat: number
  readonly incarnation: number
}

export const RECEIVER = 1
export const INCARNATIONS_MAX = 4_096
/** Never notified: threads that have nothing to do wait here for a moment. */
export const IDLE = 0
/** What a consumer found wrong; 0: nothing. */
export const FAULT = 1
/** Per sender from 2 on: incarnation and number of the last message handled. */
export const LAST = 2
/** Per seat: the incarnation that runs. */
export const READY = 10
/** Per sender and incarnation: the number of the last message accepted, and of the last one handled. */
export const SENT = 16
export const HANDLED = SENT + 4 * INCARNATIONS_MAX
export const FACTS = HANDLED + 4 * INCARNATIONS_MAX

export const LIMITS: LaneLimits = { bytesMax: 1 << 20, messagesMax: 300 }

export function laneOf(sender: number): LaneIdentity {
  return { kind: MESSAGES, receiver: RECEIVER, receiverGeneration: 1, sender, senderGeneration: 1 }
}

/** Sizes that go around the ring, into the next one, and now and then into a run. */
export function payloadOf(seat: number, incarnation: number, n: number): Uint8Array {
  const dice = Math.imul(seat * 7 + incarnation * 31 + n, 0x9e37_79b1) >>> 0
  const bytes = dice % 50 === 0 ? 17_000 + (dice % 9_000) : dice % 10 === 0 ? dice % 4_096 : dice % 200
  const payload = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) payload[i] = n + incarnation * 3 + i * 5
  return payload
}

export function messageOf({ words, envelopeAt }: LaneProducer, incarnation: number, n: number): void {
  words[envelopeAt] = incarnation
  words[envelopeAt + 1] = n
}

/** 0 when the record is whole. */
export function torn({ lane, words, envelopeAt, payload, payloadAt, payloadBytes }: LaneConsumer): number {
  const expected = payloadOf(lane.sender, words[envelopeAt]!, words[envelopeAt + 1]!)
  if (expected.length !== payloadBytes) return 3_000 + lane.sender
  for (let i = 0; i < payloadBytes; i++) if (payload[payloadAt + i] !== expected[i]) return 4_000 + lane.sender
  return 0
}
