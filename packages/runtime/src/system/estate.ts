import type { Address } from '../base/address.ts'
import type { DeadLetter } from '../base/events.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { SystemLimits } from '../base/limits.ts'
import type { Codec } from '../codec/codec.ts'
import { copyOf } from '../codec/encoded.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import { decodeError, isEncodedError } from '../isolate/wire-reason.ts'
import { discard } from '../mailbox/discard.ts'
import * as E from '../mailbox/envelope.ts'
import { Outbox } from '../mailbox/outbox.ts'
import { copyOfReceived, PayloadReader } from '../mailbox/payload.ts'
import type { Arena } from '../queue/arena.ts'
import type { HeldRecord } from '../queue/held-record.ts'
import { forgetHeld, heldRecords } from '../queue/held-records.ts'
import { clearCell, reclaimBlocks, sealLane, sentUpTo, wasBegun } from '../queue/lane-closing.ts'
import { LaneConsumer, type LanePosition, RECORD } from '../queue/lane-consumer.ts'
import { NO_MEMORY, type PushResult } from '../queue/lane-producer.ts'
import { BEGUN, type LaneKind, MESSAGES, REPLIES, WAITING } from '../queue/layout.ts'
import type { Names } from '../queue/names.ts'
import { wakeIfStalled } from '../queue/parking.ts'
import { markReady } from '../queue/ready.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import { closeSeat, hasLane, markSwept } from '../queue/seat.ts'
import { isSeatOpen, type LaneIdentity, laneAtCell } from '../queue/segment.ts'
import { CONTROL_SEAT } from './seats.ts'

const LETTER_BYTES_MAX = 64 * 1024
/** Of an error that goes to everybody who waits: thousands of copies of a long one would use up the room for replies. */
const SHARED_ERROR_BYTES_MAX = 2 * 1024

export interface EstatePorts {
  /** Seats that may have lanes, the control side's included. */
  seats(): Iterable<number>
  pathOf(seat: number): string
  publish(letter: WireDeadLetter): void
}

/**
 * Settles what the dead leave behind in shared memory. The control side does this after an isolate has really ended, and
 * then stands in for it: as the reader of its mailbox, and as the writer of its replies.
 */
export class Estate {
  readonly #arena: Arena
  readonly #names: Names
  readonly #codec: Codec
  readonly #limits: SystemLimits
  readonly #ports: EstatePorts
  readonly #payloads = new PayloadReader()
  /** Addresses whose thread is stuck, and whose begun messages are told already. */
  readonly #told = new Set<string>()
  #own: Outbox | undefined

  constructor(arena: Arena, names: Names, codec: Codec, limits: SystemLimits, ports: EstatePorts) {
    this.#arena = arena
    this.#names = names
    this.#codec = codec
    this.#limits = limits
    this.#ports = ports
  }

  /**
   * After each incarnation: what it had begun is at an end, or is begun again up to `redeliver` times (G5); what it had sent
   * is seen (G2), what it had claimed is free.
   */
  afterIncarnation(dead: Address, wireReason: ExitReason, redeliver = 0): void {
    const isTold = this.#told.delete(keyOf(dead))
    const outbox = this.#outboxOf(dead)
    const held = heldRecords(this.#arena, dead.seat)
    for (const lane of this.#begunLanes(dead)) {
      const record = consumerOf(this.#arena, lane)
      // It died when it had set it aside, and the lane had not gone on yet.
      if (isTold || record === undefined || held.some((other) => other.isCopyOf(record))) record?.done()
      else this.#settleBegun(record, dead, outbox, isTold, redeliver, wireReason)
    }
    for (const record of held) if (record.stateNow() === BEGUN) this.#settleBegun(record, dead, outbox, isTold, redeliver, wireReason)
    this.#announceSent(dead)
  }

  /**
   * A thread that was killed and is stuck in native code: who waits for what it had begun is told. Nothing that belongs to
   * it is written: the rejections go through the control side's own lanes, and its mailbox stays as it is until it ends.
   */
  rejectBegun(stuck: Address, wireReason: ExitReason): void {
    this.#told.add(keyOf(stuck))
    this.#own ??= this.#outboxOf({ path: '(control)', seat: CONTROL_SEAT, generation: 1 })
    for (const lane of this.#begunLanes(stuck)) this.#tellNext(lane, stuck, this.#own, E.REPLY_DOWN, 'crashed', wireReason)
    for (const record of heldRecords(this.#arena, stuck.seat))
      if (record.stateNow() === BEGUN) this.#tell(record, stuck, this.#own, E.REPLY_DOWN, 'crashed', wireReason)
    this.#own.collect()
  }

  /** How far the dead actor had come in its lane to a watcher. */
  sentTo(dead: Address, watcher: Address): LanePosition | undefined {
    return sentUpTo(this.#arena, laneBetween(MESSAGES, watcher, dead))
  }

  /** At the end of an address: nothing more is accepted, what waits becomes dead letters and rejections (G4). */
  endAddress(dead: Address, wireReason: ExitReason): void {
    closeSeat(this.#arena, dead.seat, dead.generation)
    const outbox = this.#outboxOf(dead)
    const reason = shortened(this.#codec, wireReason)
    for (const record of heldRecords(this.#arena, dead.seat)) {
      if (record.stateNow() === WAITING) this.#tell(record, dead, outbox, E.REPLY_STOPPED, 'ended', reason)
      record.done()
    }
    forgetHeld(this.#arena, dead.seat)
    for (const kind of [MESSAGES, REPLIES] as const) {
      for (const sender of this.#ports.seats()) {
        const lane = this.#laneInto(dead, kind, sender)
        if (lane !== undefined) {
          sealLane(this.#arena, lane)
          if (kind === MESSAGES && this.#told.has(keyOf(dead)) && wasBegun(this.#arena, lane)) consumerOf(this.#arena, lane)?.done()
          if (kind === MESSAGES) while (this.#settleNext(lane, dead, outbox, E.REPLY_STOPPED, 'ended', reason));
        }
        clearCell(this.#arena, kind, dead.seat, sender)
      }
    }
    this.#told.delete(keyOf(dead))
    markSwept(this.#arena, dead.seat, dead.generation)
    this.#sealSent(dead)
    this.#announceSent(dead)
  }

  /** Whether nobody reads the dead address's lanes any more; then its blocks are free, and its seat can be used again. */
  isSettled(dead: Address): boolean {
    for (const receiver of this.#ports.seats()) {
      for (const kind of [MESSAGES, REPLIES] as const) {
        const lane = laneAtCell(this.#arena, kind, receiver, dead.seat)
        if (lane !== undefined && isSeatOpen(this.#arena, receiver, lane.receiverGeneration)) return false
        // Published to a seat that was closed at that moment, by a sender that died before it could take it back.
        clearCell(this.#arena, kind, receiver, dead.seat)
      }
    }
    reclaimBlocks(this.#arena, dead.seat, new Set())
    return true
  }

  #settleNext(lane: LaneIdentity, dead: Address, outbox: Outbox, rejection: number, why: DeadLetter['why'], reason: ExitReason): boolean {
    const consumer = this.#tellNext(lane, dead, outbox, rejection, why, reason)
    consumer?.done()
    return consumer !== undefined
  }

  /** Leaves a message that was begun where it is, for the next incarnation; or says that it is over. */
  #settleBegun(
    record: LaneConsumer | HeldRecord,
    dead: Address,
    outbox: Outbox,
    isTold: boolean,
    redeliver: number,
    reason: ExitReason,
  ): void {
    if (!isTold && record.payloadBytes > 0 && canBeginAgain(E.readEnvelope(record), redeliver)) return record.putBack(E.ATTEMPT)
    if (!isTold) this.#tell(record, dead, outbox, E.REPLY_DOWN, 'crashed', reason)
    record.done()
  }

  /** Rejects the oldest ask of a lane, or publishes its oldest tell. */
  #tellNext(
    lane: LaneIdentity,
    dead: Address,
    outbox: Outbox,
    rejection: number,
    why: DeadLetter['why'],
    reason: ExitReason,
  ): LaneConsumer | undefined {
    const consumer = consumerOf(this.#arena, lane)
    if (consumer !== undefined) this.#tell(consumer, dead, outbox, rejection, why, reason)
    return consumer
  }

  #tell(record: ReceivedRecord, dead: Address, outbox: Outbox, rejection: number, why: DeadLetter['why'], reason: ExitReason): void {
    const envelope = E.readEnvelope(record)
    const { sender, senderGeneration } = record.lane
    // What is set aside may have left its arguments behind.
    const hasPayload = record.payloadBytes > 0
    if (hasPayload && E.encloses(record)) discard(record, this.#payloads, this.#codec)
    const method = this.#names.nameOf(envelope.method) ?? '?'
    // What waits for another attempt was begun.
    const [kind, cause] = envelope.attempt > 0 ? [E.REPLY_DOWN, 'crashed' as const] : [rejection, why]
    if (envelope.kind === E.ASK) {
      const push = (told: ExitReason): PushResult =>
        outbox.push(
          REPLIES,
          sender,
          senderGeneration,
          kind,
          0,
          envelope.correlation,
          0,
          envelope.epoch,
          this.#codec.encodeResult(told, 'an exit reason'),
        )
      if (push(reason) === NO_MEMORY) push(shortened(this.#codec, reason))
    } else if (envelope.kind === E.TELL) {
      const bytes = record.payloadBytes
      const isShown = hasPayload && bytes <= LETTER_BYTES_MAX && !E.encloses(record)
      const payload = isShown ? copyOfReceived(this.#payloads.read(record)) : undefined
      this.#ports.publish({
        to: dead.path,
        from: this.#ports.pathOf(sender),
        method,
        payload,
        carries: E.carries(record),
        bytes,
        why: cause,
        reason,
      })
    }
  }

  /** Lanes whose oldest message the (dead) receiver had begun and not done. */
  *#begunLanes(dead: Address): Iterable<LaneIdentity> {
    for (const sender of this.#ports.seats()) {
      const lane = this.#laneInto(dead, MESSAGES, sender)
      if (lane !== undefined && wasBegun(this.#arena, lane)) yield lane
    }
  }

  #outboxOf(dead: Address): Outbox {
    const outbox = new Outbox(this.#arena, dead, { bytesMax: this.#limits.laneBytesMax, messagesMax: this.#limits.laneMessagesMax })
    outbox.resume()
    return outbox
  }

  /** Whoever has a lane from it looks up: for what it had sent, and because a call of it may be in progress there. */
  #announceSent(dead: Address): void {
    for (const receiver of this.#ports.seats()) {
      for (const kind of [MESSAGES, REPLIES] as const) {
        if (!hasLane(this.#arena, kind, receiver, dead.seat)) continue
        markReady(this.#arena, kind, receiver, dead.seat)
        markReady(this.#arena, REPLIES, receiver, dead.seat)
      }
      wakeIfStalled(this.#arena, receiver)
    }
  }

  #sealSent(dead: Address): void {
    for (const lane of this.#lanesFrom(dead)) sealLane(this.#arena, lane)
  }

  #laneInto(dead: Address, kind: LaneKind, sender: number): LaneIdentity | undefined {
    const lane = laneAtCell(this.#arena, kind, dead.seat, sender)
    return lane?.receiverGeneration === dead.generation ? lane : undefined
  }

  *#lanesFrom(dead: Address): Iterable<LaneIdentity> {
    for (const receiver of this.#ports.seats()) {
      for (const kind of [MESSAGES, REPLIES] as const) {
        const lane = laneAtCell(this.#arena, kind, receiver, dead.seat)
        if (lane?.senderGeneration === dead.generation) yield lane
      }
    }
  }
}

/** A stream is not begun again: its reader has had the beginning of it. */
function canBeginAgain({ attempt, isStream }: E.Envelope, redeliver: number): boolean {
  return attempt < redeliver && !isStream
}

/** A reader at the lane's oldest record. */
function consumerOf(arena: Arena, { kind, receiver, receiverGeneration, sender }: LaneIdentity): LaneConsumer | undefined {
  const consumer = LaneConsumer.attach(arena, kind, receiver, receiverGeneration, sender)
  return consumer?.next() === RECORD ? consumer : undefined
}

function keyOf({ seat, generation }: Address): string {
  return `${seat}:${generation}`
}

function laneBetween(kind: LaneKind, receiver: Address, sender: Address): LaneIdentity {
  return {
    kind,
    receiver: receiver.seat,
    receiverGeneration: receiver.generation,
    sender: sender.seat,
    senderGeneration: sender.generation,
  }
}

/** A reason whose error, if it is long, has lost its fields and the ends of its texts. */
function shortened(codec: Codec, reason: ExitReason): ExitReason {
  if ('reason' in reason) return { ...reason, reason: shortened(codec, reason.reason) }
  if (!('error' in reason) || !isEncodedError(reason.error) || reason.error.bytes.length <= SHARED_ERROR_BYTES_MAX) return reason
  const bytes = copyOf(codec.encodeError(decodeError(codec, reason.error), 'an error', SHARED_ERROR_BYTES_MAX))
  return { ...reason, error: { text: reason.error.text.slice(0, SHARED_ERROR_BYTES_MAX), bytes } }
}
