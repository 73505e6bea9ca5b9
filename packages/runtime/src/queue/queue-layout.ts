import { assert } from '../base/assert.ts'
import { SHAPE_WORDS } from './layout.ts'

/**
 * Where everything of one public queue lies: a header, lanes with their slots, the rings of the lanes, and the keys of the
 * objects in it, as numbers (names.ts). The region is a
 * SharedArrayBuffer of its own, or blocks of the arena (hosted-queues.ts). For each word: who writes it.
 */

// ---- header (words); what several threads write has a cache line of its own
export const Q_HEADER_WORDS = 64
export const Q_MAGIC = 0
/** With Q_NAME_LOW: a random number, so that a handle is never taken for another queue. */
export const Q_NAME = 1
export const Q_NAME_LOW = 2
export const Q_LANES = 3
/** Slots of each lane: a power of two, at least the capacity. */
export const Q_SLOTS = 4
export const Q_CAPACITY = 5
export const Q_BYTES_MAX = 6
/** In an arena: 1 + first block of the queue made before this one. */
export const Q_NEXT = 7
/** 1: nothing more is accepted. Any thread. */
export const Q_CLOSED = 8
/** Lanes from here on have never been used. Producers, only upwards. */
export const Q_LANES_USED = 9
/** Slots of the table of keys; 0: the arena has one. */
export const Q_SHAPES = 10
/** How many of them are taken. Producers, only upwards. */
export const Q_SHAPES_USED = 11
/** Two words each: see wait-word.ts. */
export const Q_NOT_EMPTY = 16
export const Q_NOT_FULL = 32
export const QUEUE_MAGIC = 0x54_52_51_31

// ---- a lane (words): a line for its producers alone, one that consumers look at, one of the consumers, then the slots
export const LANE_HEADER_WORDS = 48
/** `thread << 1 | BUSY`; 0: nobody's. A producer holds it while it writes; another may take it over when it is not busy. */
export const LANE_OWNER = 0
/** 2 × the ordinal behind the last item; bit 0: sealed, nothing will ever be added. The producer that holds the lane; the closer sets bit 0. */
export const LANE_TAIL = 16
/** 2 × the ordinal of the next item to be taken. Consumers, by compare-and-swap. */
export const LANE_HEAD = 32

export const BUSY = 1
export const SEALED_LANE = 1

/** A slot: position of an item in the ring of the lane (a multiple of 4; it runs freely and is masked), and its length in bytes. */
export const SLOT_WORDS = 2

export const QUEUE_LANES = 64
/** Up to so many lanes a new producer gets one of its own; more make every look for an item dearer. */
export const QUEUE_LANES_FRESH = 8
/** In the arena every lane costs memory for good. */
export const HOSTED_LANES = 16
/** Kinds of objects in one queue that travel without their keys; the first slot is never used. */
export const QUEUE_SHAPES = 64
export const QUEUE_BYTES_MAX_MAX = 2 ** 30

export interface QueueShape {
  readonly lanes: number
  readonly capacity: number
  readonly bytesMax: number
  readonly shapes: number
}

export interface QueueLayout extends QueueShape {
  readonly slots: number
  readonly laneWords: number
  readonly ringBytes: number
  readonly ringsAtByte: number
  readonly shapesAtByte: number
  readonly bytes: number
}

export function queueLayout({ lanes, capacity, bytesMax, shapes }: QueueShape): QueueLayout {
  assert(bytesMax <= QUEUE_BYTES_MAX_MAX, 'positions in a ring are 32-bit numbers')
  const slots = powerOfTwo(capacity)
  const laneWords = LANE_HEADER_WORDS + slots * SLOT_WORDS
  const ringBytes = powerOfTwo(roundedUp(bytesMax))
  const ringsAtByte = (Q_HEADER_WORDS + lanes * laneWords) * 4
  const shapesAtByte = ringsAtByte + lanes * ringBytes
  const bytes = shapesAtByte + shapes * SHAPE_WORDS * 4
  return { lanes, capacity, bytesMax, shapes, slots, laneWords, ringBytes, ringsAtByte, shapesAtByte, bytes }
}

/** What an item of so many bytes takes in a ring: whole words, so that it can be copied by words. */
export function roundedUp(bytes: number): number {
  return (bytes + 3) & ~3
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast))
}
