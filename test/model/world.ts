import type { Address } from '../../packages/runtime/src/base/address.ts'
import { readEnvelope, TELL } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Inbox } from '../../packages/runtime/src/mailbox/inbox.ts'
import { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { PUSHED, type PushResult } from '../../packages/runtime/src/queue/lane-producer.ts'
import {
  BLOCK_BYTES,
  MESSAGES,
  RECORD_ENVELOPE,
  RECORD_ORDINAL,
  REPLIES,
  WANTS_MESSAGES,
  WANTS_REPLIES,
} from '../../packages/runtime/src/queue/layout.ts'
import { Parking } from '../../packages/runtime/src/queue/parking.ts'
import { openSeat } from '../../packages/runtime/src/queue/seat.ts'
import { segmentsOf } from '../../packages/runtime/src/queue/segment.ts'
import { log, must, remember, sleep } from './kit.ts'

/** The parts that all scenarios play with: one receiver, senders, their boxes, as an isolate puts them together. */

export const RECEIVER = 1
export const SENDER = 2
export const OTHER = 3
const SEATS = 4
/** Added to a message in a log: it was done; it became a dead letter. */
export const DONE = 1_000
export const LETTER = 1_000
export const LIMITS = { bytesMax: 1_024, messagesMax: 100 }

export interface World {
  readonly arena: Arena
  /** The outboxes that live at the end, for giving back what they hold. */
  readonly outboxes: Map<number, Outbox>
}

/** `grown`: the memory has all its blocks already, so that growth is not searched as well. */
export function newWorld({ blocks = 8, grown = true } = {}): World {
  const arena = Arena.create(SEATS, blocks * BLOCK_BYTES)
  for (const seat of [RECEIVER, SENDER, OTHER]) openSeat(arena, seat)
  if (grown) arena.memory.grow(arena.layout.blocksAtByte + blocks * BLOCK_BYTES)
  return { arena, outboxes: new Map() }
}

export function address(seat: number): Address {
  return { path: String(seat), seat, generation: 1 }
}

/** What a message looks like: its bytes tell its sender, its number, and its place in the message. */
export function payloadOf(sender: number, number: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => sender * 64 + number * 8 + i + 1)
}

/** Each thread has its own view of the memory, as each isolate has. */
export function newOutbox({ arena, outboxes }: World, seat: number): Outbox {
  const outbox = new Outbox(Arena.attach(arena.memory), { seat, generation: 1 }, LIMITS)
  outbox.resume()
  outboxes.set(seat, outbox)
  return outbox
}

/** Sends one message to the receiver. */
export function send(outbox: Outbox, sender: number, number: number, bytes: number): PushResult {
  const payload = payloadOf(sender, number, bytes)
  return outbox.push(MESSAGES, RECEIVER, 1, TELL, number, sender, bytes, 0, { bytes: payload, start: 0, end: bytes })
}

/** A sender that sends messages of these sizes, numbered from 1, and logs each that was accepted. */
export function sendAll(world: World, seat: number, sizes: readonly number[], first = 1): Outbox {
  const outbox = newOutbox(world, seat)
  sizes.forEach((bytes, i) => {
    remember(seat, first, i, outbox)
    const result = send(outbox, seat, first + i, bytes)
    if (result === PUSHED) log(first + i)
    else log(-result)
  })
  return outbox
}

/** Reads the record that was found, and throws unless it is whole. Gives its sender and number as one. */
export function readWhole(lane: LaneConsumer): number {
  const { method, correlation, deadline } = readEnvelope(lane)
  const { payload, payloadAt, payloadBytes } = lane
  must(correlation === lane.lane.sender, `the envelope of another sender: ${correlation}`)
  must(payloadBytes === deadline, `${payloadBytes} bytes instead of ${deadline}`)
  const expected = payloadOf(correlation, method, payloadBytes)
  for (let i = 0; i < payloadBytes; i++) must(payload[payloadAt + i] === expected[i], `torn: message ${method} of ${correlation}`)
  return correlation * 100 + method
}

/** A receiver as an isolate has it: works while there is something, then sleeps, for ever. */
export class Receiver {
  readonly inbox: Inbox
  readonly replies: Inbox
  readonly logsDone: boolean
  /** By sender, that of the last message: there is no other with it, whichever incarnation sends. */
  readonly ordinals: number[] = []
  readonly parking: Parking
  readonly onWake = (): void => undefined

  constructor(world: World, logsDone = false) {
    this.logsDone = logsDone
    const arena = Arena.attach(world.arena.memory)
    const onCorrupt = (sender: number): void => must(false, `the lane of ${sender} is corrupt`)
    this.inbox = new Inbox(arena, MESSAGES, RECEIVER, 1, { onCorrupt })
    this.replies = new Inbox(arena, REPLIES, RECEIVER, 1, { onCorrupt })
    this.parking = new Parking(arena, RECEIVER)
  }

  /** Logs a message as begun, and as done if that is of interest. */
  step(): boolean {
    const lane = this.inbox.poll()
    if (lane === undefined) return false
    const message = readWhole(lane)
    this.#mustFollow(lane)
    lane.begin(false)
    log(message)
    lane.done()
    if (this.logsDone) log(DONE + message)
    return true
  }

  #mustFollow({ lane: { sender }, words, envelopeAt }: LaneConsumer): void {
    const ordinal = words[envelopeAt - RECORD_ENVELOPE + RECORD_ORDINAL]!
    const last = this.ordinals[sender]
    must(last === undefined || ordinal === last + 1, `message ${ordinal} follows ${last}`)
    this.ordinals[sender] = ordinal
  }

  /** Until it is told to end. */
  run(): void {
    while (!this.parking.isDying()) {
      this.parking.awake()
      // It has asked nobody. But it may be told to look: a callee has died.
      must(this.replies.poll() === undefined, 'a reply to nobody')
      do remember(this)
      while (this.step())
      remember(this)
      if (this.parking.park(WANTS_MESSAGES | WANTS_REPLIES, this.onWake) && !this.parking.isDying()) sleep()
    }
  }
}

/** What a sender's messages in a log are, in order. */
export function numbersOf(sender: number, messages: readonly number[]): number[] {
  return messages.filter((message) => Math.floor(message / 100) === sender).map((message) => message % 100)
}

/** No block is lost: each living sender holds what its lanes need, and not one more. */
export function mustHoldNoMore({ arena, outboxes }: World): void {
  for (const [seat, outbox] of outboxes) {
    outbox.collect()
    const identity = { kind: MESSAGES, receiver: RECEIVER, receiverGeneration: 1, sender: seat, senderGeneration: 1 } as const
    let needed = 0
    for (const { blocks } of segmentsOf(arena, identity)) needed += blocks
    let held = 0
    for (let block = 0; block < arena.blocksNow(); block++) if (arena.ownerOf(block) === seat) held++
    must(held === needed, `sender ${seat} holds ${held} blocks, and needs ${needed}`)
  }
}

export function same(got: readonly number[], expected: readonly number[]): boolean {
  return got.length === expected.length && got.every((value, i) => value === expected[i])
}
