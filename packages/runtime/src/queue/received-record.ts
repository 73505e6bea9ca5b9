import type { LaneIdentity } from './segment.ts'

/** One record as its receiver has it, wherever it lies: the oldest one of a lane (lane-consumer.ts), or set aside (held-records.ts). */
export interface ReceivedRecord {
  readonly lane: Pick<LaneIdentity, 'sender' | 'senderGeneration'>
  readonly words: Int32Array
  readonly envelopeAt: number
  readonly payload: Uint8Array
  readonly payloadAt: number
  readonly payloadBytes: number
  readonly isInline: boolean
  /** The first word of the envelope as it is now: its sender may have marked it. */
  firstWordNow(): number
  /** From here on it counts as begun, whatever happens to this thread. `isAsked` false: nobody can call it off. Default true. */
  begin(isAsked?: boolean): void
  done(): void
}
