import type { DeadLetter, SystemEvents } from '../base/events.ts'
import * as E from '../mailbox/envelope.ts'
import { PUSHED, type PushResult } from '../queue/lane-producer.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'

/** A call as both ends see it: `from`, `incarnation` and `correlation` together name one ask. */
export interface TappedCall {
  readonly from: string
  /** Of the sender; 1 for the host. */
  readonly incarnation: number
  readonly to: string
  readonly method: string
  readonly kind: 'tell' | 'ask' | 'stream'
  /** The sender's number of the ask; 0 for a tell. */
  readonly correlation: number
}

/**
 * What is published on channels of node:diagnostics_channel, by their names. `send`, `receive` and `reply` in the thread in
 * which they happen, the others in the host's.
 */
export interface Taps {
  /** A message was accepted: it is in the mailbox. */
  'troupe:send': TappedCall
  /** A message is begun. `attempt`: 1, more only with `redeliver`. */
  'troupe:receive': TappedCall & { readonly attempt: number }
  /** An ask is answered by its actor; for a stream, its end. `error`: what it rejects with. */
  'troupe:reply': TappedCall & ({ readonly ok: true } | { readonly ok: false; readonly error: unknown })
  /** The first incarnation of an address is ready. */
  'troupe:spawn': SystemEvents['started'] & { readonly system: string }
  /** A further one is, after a restart or an upgrade. */
  'troupe:restart': SystemEvents['started'] & { readonly system: string }
  'troupe:dead-letter': DeadLetter & { readonly system: string }
}

/** A channel of node:diagnostics_channel. */
export interface TapChannel {
  readonly hasSubscribers: boolean
  publish(message: unknown): void
}

/** What a tap needs of its thread, when somebody listens. */
export interface TapPlace {
  readonly self: { readonly path: string; readonly incarnation: number }
  readonly names: { nameOf(id: number): string | undefined }
  pathOf(seat: number): string
}

/** Of the actor that a spare rehearses with (node/rehearsal.ts): what it does is nobody's business. */
export const REHEARSAL_PATH = '/rehearsal'

const SILENT: TapChannel = { hasSubscribers: false, publish: () => undefined }

let sends = SILENT
let receives = SILENT
let replies = SILENT
let spawns = SILENT
let restarts = SILENT
let deadLetters = SILENT

/** Until the edge has done this, nobody can listen. */
export function installTaps(channel: (name: keyof Taps) => TapChannel): void {
  sends = channel('troupe:send')
  receives = channel('troupe:receive')
  replies = channel('troupe:reply')
  spawns = channel('troupe:spawn')
  restarts = channel('troupe:restart')
  deadLetters = channel('troupe:dead-letter')
}

// What stands on the way of every message asks one thing when nobody listens, and its arguments are at hand. The benchmark
// diagnostics.off holds these functions against empty ones, so all that taps cost must be in them.

export function tapSend(place: TapPlace, result: PushResult, to: { readonly path: string }, kind: number, name: number, id: number): void {
  if (!sends.hasSubscribers || result !== PUSHED) return
  const { path: from, incarnation } = place.self
  if (from === REHEARSAL_PATH) return
  const method = place.names.nameOf(name) ?? '?'
  sends.publish({ from, incarnation, to: to.path, method, kind: kindOf(kind, (kind & E.STREAM) !== 0), correlation: id })
}

export function tapReceive(place: TapPlace, record: ReceivedRecord, envelope: E.Envelope): void {
  if (receives.hasSubscribers) publish(receives, place, record, envelope, { attempt: envelope.attempt + 1 })
}

export function tapReply(place: TapPlace, record: ReceivedRecord, envelope: E.Envelope): void {
  if (replies.hasSubscribers) publish(replies, place, record, envelope, { ok: true })
}

export function tapError(place: TapPlace, record: ReceivedRecord, envelope: E.Envelope, error: unknown): void {
  if (replies.hasSubscribers) publish(replies, place, record, envelope, { ok: false, error })
}

export function tapStarted(system: string, event: SystemEvents['started']): void {
  const channel = event.incarnation === 1 ? spawns : restarts
  if (channel.hasSubscribers) channel.publish({ system, ...event })
}

export function tapDeadLetter(system: string, letter: DeadLetter): void {
  if (deadLetters.hasSubscribers) deadLetters.publish({ system, ...letter })
}

function publish(channel: TapChannel, place: TapPlace, { lane }: ReceivedRecord, envelope: E.Envelope, more: object): void {
  const { path: to } = place.self
  if (to === REHEARSAL_PATH) return
  const { kind, isStream, epoch: incarnation, correlation } = envelope
  const [from, method] = [place.pathOf(lane.sender), place.names.nameOf(envelope.method) ?? '?']
  channel.publish({ from, incarnation, to, method, kind: kindOf(kind, isStream), correlation, ...more })
}

function kindOf(kind: number, isStream: boolean): TappedCall['kind'] {
  if ((kind & 0xff) === E.TELL) return 'tell'
  return isStream ? 'stream' : 'ask'
}
