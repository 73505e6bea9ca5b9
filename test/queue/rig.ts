import { crc32 } from 'node:zlib'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { reclaimBlocks } from '../../packages/runtime/src/queue/lane-closing.ts'
import { LaneConsumer, type NextResult, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { type LaneLimits, LaneProducer, PUSHED, type PushResult } from '../../packages/runtime/src/queue/lane-producer.ts'
import { BLOCK_BYTES, type LaneKind, MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { closeSeat, openSeat } from '../../packages/runtime/src/queue/seat.ts'
import { type LaneIdentity, recordsIn, segmentsOf } from '../../packages/runtime/src/queue/segment.ts'

/** One thread plays all parts: two senders, and one receiver. */
export const RECEIVER = 1
export const SENDER = 2
export const OTHER = 3
export const SEATS = 4
export const GENERATION = 1

export const PLENTY: LaneLimits = { bytesMax: 1 << 30, messagesMax: 1 << 30 }

/** An arena of exactly so many blocks (64 at least), with all seats open in their first generation. */
export function newArena(blocks = 1_024): Arena {
  const arena = Arena.create(SEATS, blocks * BLOCK_BYTES)
  for (let seat = 1; seat < SEATS; seat++) openSeat(arena, seat)
  return arena
}

export function laneFrom(
  sender: number,
  kind: LaneKind = MESSAGES,
  receiverGeneration = GENERATION,
  senderGeneration = GENERATION,
): LaneIdentity {
  return { kind, receiver: RECEIVER, receiverGeneration, sender, senderGeneration }
}

export function open(arena: Arena, { lane = laneFrom(SENDER), limits = PLENTY, startAt = 0 } = {}): LaneProducer {
  const producer = LaneProducer.open(arena, lane, limits, startAt)
  if (typeof producer === 'number') throw new Error(`the lane was not opened: ${producer}`)
  return producer
}

export function attach(arena: Arena, lane: LaneIdentity = laneFrom(SENDER)): LaneConsumer {
  const consumer = LaneConsumer.attach(arena, lane.kind, lane.receiver, lane.receiverGeneration, lane.sender)
  if (consumer === undefined) throw new Error('there is no lane')
  return consumer
}

/** As the outbox does it at its start: what none of these lanes holds is given back. Returns how many blocks that was. */
export function reclaim(arena: Arena, sender: number, lanes: readonly LaneIdentity[]): number {
  const held = new Set<number>()
  const hold = (first: number, blocks: number): void => {
    for (let i = 0; i < blocks; i++) held.add(first + i)
  }
  for (const lane of lanes) {
    for (const segment of segmentsOf(arena, lane)) {
      hold(segment.first, segment.blocks)
      for (const { run, blocks } of recordsIn(segment)) if (run >= 0) hold(run, blocks)
    }
  }
  return reclaimBlocks(arena, sender, held)
}

/** As the outbox does it: reserve, fill in place, commit. */
export function push(producer: LaneProducer, payload: Uint8Array, stamp = 0): PushResult {
  const reserved = producer.reserve(payload.length)
  if (reserved !== PUSHED) return reserved
  producer.words[producer.envelopeAt] = stamp
  producer.payload.set(payload, producer.payloadAt)
  return producer.commit()
}

export function mustPush(producer: LaneProducer, payload: Uint8Array, stamp = 0): void {
  const pushed = push(producer, payload, stamp)
  if (pushed !== PUSHED) throw new Error(`refused: ${pushed}`)
}

export interface Taken {
  readonly stamp: number
  /** `summaryOf` it: comparing megabytes with `toEqual` takes seconds. */
  readonly payload: string
}

export function summaryOf(payload: Uint8Array): string {
  return `${payload.length} bytes, ${crc32(payload).toString(16)}`
}

export function taken(payload: Uint8Array, stamp: number): Taken {
  return { stamp, payload: summaryOf(payload) }
}

/** What `next` shows, copied; the record is not begun by this. */
export function look(consumer: LaneConsumer): Taken | NextResult {
  const found = consumer.next()
  if (found !== RECORD) return found
  const { words, envelopeAt, payload, payloadAt, payloadBytes } = consumer
  return { stamp: words[envelopeAt]!, payload: summaryOf(payload.subarray(payloadAt, payloadAt + payloadBytes)) }
}

/** A whole turn of the receiver: look, begin, done. */
export function take(consumer: LaneConsumer): Taken | NextResult {
  const found = look(consumer)
  if (typeof found === 'number') return found
  consumer.begin()
  consumer.done()
  return found
}

export function takeAll(consumer: LaneConsumer): { readonly taken: Taken[]; readonly last: NextResult } {
  const all: Taken[] = []
  for (;;) {
    const next = take(consumer)
    if (typeof next === 'number') return { taken: all, last: next }
    all.push(next)
  }
}

/** Bytes that tell a torn record: each depends on the seed and on its place. */
export function patterned(bytes: number, seed: number): Uint8Array {
  const pattern = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) pattern[i] = seed * 31 + i * 7 + (i >> 8)
  return pattern
}

export function blocksOf(arena: Arena, seat: number): number[] {
  return Array.from({ length: arena.blocksNow() }, (_, block) => block).filter((block) => arena.ownerOf(block) === seat)
}

/** Wherever two of these lie in an arena of 64 blocks, there was room for both. */
const CLAIM_BLOCKS = 18
const CLAIM_ROUNDS = 200_000

/** Takes blocks in a row and gives them back, again and again. Returns how often there were none. */
export function claimRounds(arena: Arena, seat: number): number {
  let refused = 0
  for (let round = 0; round < CLAIM_ROUNDS; round++) {
    const first = arena.claim(seat, CLAIM_BLOCKS, MESSAGES)
    if (first < 0) refused++
    else arena.free(seat, first, CLAIM_BLOCKS)
  }
  return refused
}

export function endReceiver(arena: Arena, generation = GENERATION): void {
  closeSeat(arena, RECEIVER, generation)
}

/** Gates hold two threads of a test in one exact order. */
export const GATE_PUBLISHED = 0
export const GATE_CLOSING = 1
export const GATE_OPENED = 2
export const GATE_ANSWER = 3

export function openGate(gates: Int32Array, gate: number): void {
  Atomics.store(gates, gate, 1)
  Atomics.notify(gates, gate)
}

export function waitAtGate(gates: Int32Array, gate: number): void {
  if (Atomics.wait(gates, gate, 0, 20_000) === 'timed-out') throw new Error(`nobody opens gate ${gate}`)
}
