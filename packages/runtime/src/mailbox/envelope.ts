import type { LaneProducer } from '../queue/lane-producer.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'

/**
 * What a record says about itself, outside of its msgpack payload, so that it can be routed, expired, rejected and counted
 * without being decoded. Six words:
 *
 *   0  kind (bits 0–7), attempt (8–15), flags (16–31)
 *   1  method: id of an interned name; 0: the name is the first element of the payload
 *   2  correlation: the asker's number for the reply; for an aside, of the call that it belongs to
 *   3  deadline: milliseconds since the system's start; 0: none
 *   4  epoch: the asker's incarnation; a reply to an earlier one is dropped. For CANCEL and CREDIT that of its sender
 *   5  bytes of the payload's body; behind it are its chunks (codec/encoded.ts)
 */
export const TELL = 1
export const ASK = 2
/** The method's result. */
export const REPLY = 3
/** The method's error. */
export const REPLY_ERROR = 4
/** Was an ask; its asker does not wait any more, so it is not started (G4). Written over ASK by the sender. */
export const CANCELLED = 7
/** Written by the control side in the name of the dead: the payload is the exit reason. */
export const REPLY_DOWN = 5
/** As REPLY_DOWN, for an ask that was never begun: its address ended first. */
export const REPLY_STOPPED = 6

/**
 * From here on asides: what the two sides of a call in progress say to each other, in their lanes of replies, past their
 * mailboxes. This one says that nobody waits for that call any more; its sender has written CANCELLED before.
 */
export const CANCEL = 8
/** To the giver of a stream: how many of its items have been taken, in the place of the deadline. */
export const CREDIT = 9
/** To the reader of a stream: several small items (ref/stream-items.ts), or one. */
export const ITEMS = 10
export const ITEM = 11

/**
 * To the caller of what is in progress: calls a function that it has passed. Its number is in the place of the method, and the
 * incarnation of who calls in that of the deadline.
 */
export const CALLBACK = 12

/** A flag of an ask: its caller reads a stream. Its deadline is that of the first item. */
export const STREAM = 1 << 16

/** Something travels beside the message (codec/enclosures.ts). */
export const ENCLOSES = 1 << 17

/** A flag: the last of its arguments is none, but what its sender's context carries (ref/carrier.ts). */
export const CARRIES = 1 << 18

/** One more attempt, added to the word with the kind. */
export const ATTEMPT = 1 << 8

export interface Envelope {
  readonly kind: number
  /** How often it was begun by incarnations that died of it, or with it (G5). */
  readonly attempt: number
  readonly method: number
  readonly correlation: number
  readonly deadline: number
  readonly epoch: number
  readonly isStream: boolean
}

export function writeEnvelope(
  to: LaneProducer,
  kind: number,
  method: number,
  correlation: number,
  deadline: number,
  epoch: number,
  bodyBytes: number,
): void {
  const { words, envelopeAt } = to
  words[envelopeAt] = kind
  words[envelopeAt + 1] = method
  words[envelopeAt + 2] = correlation
  words[envelopeAt + 3] = deadline
  words[envelopeAt + 4] = epoch
  words[envelopeAt + 5] = bodyBytes
}

/** Each word is read once: a hostile sender may change it afterwards. */
export function readEnvelope(from: ReceivedRecord): Envelope {
  const { words, envelopeAt } = from
  const first = words[envelopeAt]!
  return {
    kind: first & 0xff,
    attempt: (first >>> 8) & 0xff,
    method: words[envelopeAt + 1]!,
    correlation: words[envelopeAt + 2]!,
    deadline: words[envelopeAt + 3]!,
    epoch: words[envelopeAt + 4]!,
    isStream: (first & STREAM) !== 0,
  }
}

/** Whether the sender has cancelled the record in progress; a loop may look as often as it likes. */
export function isCancelled(from: ReceivedRecord): boolean {
  return (from.firstWordNow() & 0xff) === CANCELLED
}

/** For one that has left its lane: what its sender would have written there. */
export function cancelWaiting(record: ReceivedRecord): void {
  record.words[record.envelopeAt] = CANCELLED | (record.firstWordNow() & ENCLOSES)
}

/** Of the envelope that begins at a word. */
export function correlationAt(words: Int32Array, envelopeAt: number): number {
  return words[envelopeAt + 2]!
}

export function encloses({ words, envelopeAt }: ReceivedRecord): boolean {
  return (words[envelopeAt]! & ENCLOSES) !== 0
}

/** Nobody waits for what comes of it. */
export function isTell({ words, envelopeAt }: ReceivedRecord): boolean {
  return (words[envelopeAt]! & 0xff) === TELL
}

export function carries({ words, envelopeAt }: ReceivedRecord): boolean {
  return (words[envelopeAt]! & CARRIES) !== 0
}

/** Never more than the payload has. */
export function bodyBytesOf({ words, envelopeAt, payloadBytes }: ReceivedRecord): number {
  const body = words[envelopeAt + 5]!
  return body >= 0 && body < payloadBytes ? body : payloadBytes
}
