import type { Enclosed, EnclosureName } from '../codec/enclosures.ts'
import { type Encoded, sizeOf } from '../codec/encoded.ts'
import type { Arena } from '../queue/arena.ts'
import { blocksHeld } from '../queue/hold-blocks.ts'
import { reclaimBlocks } from '../queue/lane-closing.ts'
import type { LanePosition } from '../queue/lane-consumer.ts'
import { type LaneLimits, LaneProducer, PUSHED, type PushResult, STOPPED } from '../queue/lane-producer.ts'
import { type LaneKind, MESSAGES, REPLIES, WANTS_MESSAGES, WANTS_REPLIES } from '../queue/layout.ts'
import { wake } from '../queue/parking.ts'
import { markReady } from '../queue/ready.ts'
import { seatsOpened } from '../queue/seat.ts'
import { isSeatOpen, type LaneIdentity, laneAtCell } from '../queue/segment.ts'
import { CANCELLED, CARRIES, correlationAt, ENCLOSES, writeEnvelope } from './envelope.ts'
import { writePayload } from './payload.ts'

/** The seat that sends. */
export interface Sender {
  readonly seat: number
  readonly generation: number
}

/** Where what travels beside messages is brought. */
export interface Deposits {
  deposit(enclosed: Enclosed, to: { kind: LaneKind; seat: number; generation: number; position: LanePosition }): void
  drop(name: EnclosureName): void
}

/** Replies are never refused for the lane's sake: their number is bounded by the asks (G8). */
const REPLY_LIMITS: LaneLimits = { bytesMax: Number.POSITIVE_INFINITY, messagesMax: Number.POSITIVE_INFINITY }

/** All lanes from one seat. There is one outbox of a seat at a time: a lane must not have two producers. */
export class Outbox {
  readonly #arena: Arena
  readonly #sender: Sender
  readonly #limits: LaneLimits
  readonly #deposits: Deposits | undefined
  readonly #lanes: [(LaneProducer | undefined)[], (LaneProducer | undefined)[]] = [[], []]
  /** The same lanes, without gaps. */
  readonly #open: LaneProducer[] = []
  /** Lanes to addresses that have ended; the closer may still be reading them. */
  #ended: LaneProducer[] = []
  #isClosed = false

  /** `deposits`: undefined where nothing but bytes is sent. */
  constructor(arena: Arena, sender: Sender, limits: LaneLimits, deposits?: Deposits) {
    this.#arena = arena
    this.#sender = sender
    this.#limits = limits
    this.#deposits = deposits
  }

  /** Commits one record and wakes the receiver. PUSHED is the only result after which anything was accepted. */
  push(
    lane: LaneKind,
    seat: number,
    generation: number,
    kind: number,
    method: number,
    correlation: number,
    deadline: number,
    epoch: number,
    payload: Encoded,
  ): PushResult {
    const producer = this.#producerTo(lane, seat, generation)
    if (typeof producer === 'number') return producer
    const bodyBytes = payload.end - payload.start
    const reserved = producer.reserve(payload.chunks === undefined ? bodyBytes : sizeOf(payload))
    if (reserved !== PUSHED) return this.#refused(lane, producer, reserved)
    writeEnvelope(producer, kind, method, correlation, deadline, epoch, bodyBytes)
    writePayload(producer, payload)
    if (payload.enclosed !== undefined) this.#deposit(producer, payload.enclosed)
    const committed = producer.commit()
    if (committed !== PUSHED) {
      if (payload.enclosed !== undefined) this.#deposits!.drop(payload.enclosed.name)
      return this.#refused(lane, producer, committed)
    }
    if (markReady(this.#arena, lane, seat, this.#sender.seat)) wake(this.#arena, seat, lane === REPLIES ? WANTS_REPLIES : WANTS_MESSAGES)
    return PUSHED
  }

  /** What travels beside a message is there before the message is. What cannot be moved throws, and nothing is sent. */
  #deposit(producer: LaneProducer, enclosed: Enclosed): void {
    const { kind, receiver: seat, receiverGeneration: generation } = producer.lane
    producer.words[producer.envelopeAt]! |= ENCLOSES
    try {
      this.#deposits!.deposit(enclosed, { kind, seat, generation, position: producer.reservedPosition() })
    } catch (error) {
      producer.abandon()
      throw error
    }
  }

  /**
   * A way to cancel the message that was pushed last, to that address, while it waits. If it has another correlation, whoever looks
   * on has sent one since: that stays as it is.
   */
  cancelLast(seat: number, correlation: number): () => void {
    const producer = this.#lanes[MESSAGES][seat]
    if (producer === undefined || correlationAt(producer.words, producer.envelopeAt) !== correlation) return () => {}
    const ticket = producer.ticket()
    const flags = producer.words[producer.envelopeAt]! & (ENCLOSES | CARRIES)
    return () => {
      if (producer === this.#lanes[MESSAGES][seat]) producer.mark(ticket, CANCELLED | flags)
    }
  }

  /** Cancels the message of that correlation if it has been begun and is not done. Returns whether it was so. */
  cancelBegun(seat: number, correlation: number): boolean {
    const producer = this.#lanes[MESSAGES][seat]
    const begun = producer?.begun()
    if (begun === undefined || correlationAt(begun.words, begun.position) !== correlation) return false
    // Its receiver may not have looked yet for what it carries.
    producer!.mark(begun, CANCELLED | (begun.words[begun.position]! & CARRIES))
    return true
  }

  /** Nothing is sent any more: these lanes are another's now. */
  close(): void {
    this.#isClosed = true
    for (const lanes of this.#lanes) lanes.length = 0
    this.#open.length = 0
    this.#ended = []
  }

  /** Gives back memory that receivers have left behind. Called before every sleep, so it looks only at what may have some. */
  collect(): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const producer = this.#open[i]!
      if (producer.isStopped()) this.#refused(producer.lane.kind, producer, STOPPED)
      else if (producer.hasLeftovers) producer.collect()
    }
    if (this.#ended.length > 0) this.#releaseEnded()
  }

  /**
   * Goes on with the lanes of an earlier incarnation, all at once: only then is it known which of this seat's blocks are
   * still in use, and what is consumed from now on is given back by the lane that holds it. Before anything is sent, and not
   * before that incarnation has ended: until then the lanes are its own.
   */
  resume(): void {
    const held = new Set<number>(blocksHeld(this.#arena, this.#sender.seat))
    const seats = seatsOpened(this.#arena)
    for (let receiver = 0; receiver < seats; receiver++) {
      for (const kind of [MESSAGES, REPLIES] as const) {
        const lane = laneAtCell(this.#arena, kind, receiver, this.#sender.seat)
        if (lane?.senderGeneration !== this.#sender.generation) continue
        const producer = LaneProducer.open(this.#arena, lane, kind === MESSAGES ? this.#limits : REPLY_LIMITS)
        if (typeof producer === 'number') continue
        // Nobody may have sealed it: it can have been opened too late, by one who died before it could take it back.
        if (isSeatOpen(this.#arena, receiver, lane.receiverGeneration)) this.#add(producer)
        else this.#ended.push(producer)
        for (const block of producer.blocks()) held.add(block)
      }
    }
    reclaimBlocks(this.#arena, this.#sender.seat, held)
  }

  #producerTo(lane: LaneKind, seat: number, generation: number): LaneProducer | PushResult {
    const known = this.#lanes[lane][seat]
    if (known !== undefined && known.lane.receiverGeneration === generation) return known
    if (this.#isClosed) return STOPPED
    // A ref to an earlier address of that seat: it has ended, or the seat could not have been used again.
    if (known !== undefined && known.lane.receiverGeneration > generation) return STOPPED
    if (known !== undefined) this.#refused(lane, known, STOPPED)
    this.#releaseEnded()
    // It would be found in its cell, and be held by two, who would both give its memory back.
    if (this.#ended.some(({ lane: ended }) => leadsTo(ended, lane, seat, generation))) return STOPPED
    const { seat: sender, generation: senderGeneration } = this.#sender
    const identity = { kind: lane, receiver: seat, receiverGeneration: generation, sender, senderGeneration }
    const opened = LaneProducer.open(this.#arena, identity, lane === MESSAGES ? this.#limits : REPLY_LIMITS)
    if (typeof opened !== 'number') this.#add(opened)
    return opened
  }

  #add(producer: LaneProducer): void {
    this.#lanes[producer.lane.kind][producer.lane.receiver] = producer
    this.#open.push(producer)
  }

  #refused(lane: LaneKind, producer: LaneProducer, result: PushResult): PushResult {
    if (result !== STOPPED) return result
    if (this.#lanes[lane][producer.lane.receiver] === producer) {
      this.#lanes[lane][producer.lane.receiver] = undefined
      this.#open.splice(this.#open.indexOf(producer), 1)
    }
    if (!producer.release()) this.#ended.push(producer)
    return result
  }

  #releaseEnded(): void {
    this.#ended = this.#ended.filter((producer) => !producer.release())
  }
}

function leadsTo(lane: LaneIdentity, kind: LaneKind, receiver: number, receiverGeneration: number): boolean {
  return lane.kind === kind && lane.receiver === receiver && lane.receiverGeneration === receiverGeneration
}
