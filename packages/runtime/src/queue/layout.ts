import { assert } from '../base/assert.ts'

/**
 * Where everything lies in the arena: one growable SharedArrayBuffer that every isolate gets at birth (D1).
 *
 *   head | seats | ready bitmaps | matrix | names | shapes | texts | streams | owners | blocks …
 *
 * All but the blocks has a fixed size, computed from the number of seats and blocks. For each word: who writes it.
 */

// ---- head (words) ----
export const HEAD_WORDS = 32
export const HEAD_MAGIC = 0
export const HEAD_SEATS = 1
/** Blocks that may ever be claimed: the system-wide byte budget (G14). */
export const HEAD_BLOCKS_MAX = 2
/** Names interned so far. Written by all, with add. */
export const HEAD_NAMES = 3
/** 1 + first block of the public queue that was made last; 0: none. Written by all, with compare-and-swap. */
export const HEAD_QUEUES = 4
/** Shapes interned so far. Written by all, with add. */
export const HEAD_SHAPES = 5
/** 1 + seat of the actor that looks for a cycle of asks, 0: nobody does. Written by all, with compare-and-swap. */
export const HEAD_WAIT_LOCK = 6
/** 1 + the highest seat that has ever sent: how much of a ready bitmap is worth looking at. Written by all, only upwards. */
export const HEAD_SENDERS = 7
/** 1: somebody may be debugging this process. Written by the host. */
export const HEAD_DEBUGGED = 8
/** 1 + the highest seat that was ever opened: there is no lane to one above. Written by the control side, only upwards. */
export const HEAD_OPENED = 9
/** 1: the control side rests until somebody is woken (rest.ts). Written by it, and back by whoever rouses it. */
export const HEAD_RESTING = 10
export const MAGIC = 0x54_52_50_31

// ---- a seat (words): one row per address, plus one for the host ----
export const SEAT_WORDS = 48
/** The word that a parked receiver waits on; whoever wakes it adds 1 first. Written by all. */
export const SEAT_WAIT = 0
/** What the receiver sleeps for (WANTS_*), 0 when awake. Written by the receiver; a sender that wakes it adds WAKING. */
export const SEAT_SLEEPING = 1
/** `seatState(generation, OPEN | CLOSING | SWEPT)`. Written by the control side. */
export const SEAT_STATE = 2
/** 1: this isolate is about to end and must not park any more. Written by the control side, or by the isolate at its exit. */
export const SEAT_DYING = 3
// In the seat's second cache line, because the receiver writes it at each message while senders look at the first:
/**
 * The message in progress, 0 when idle: its name id in the low METHOD_BITS, above them a count of the messages begun. So
 * whoever sees the same word twice has seen the same message, and no clock is read for it. Written by the receiver.
 */
export const SEAT_PROGRESS = 24
/** The last ping that the isolate's event loop has answered (system/hang-watch.ts). Written by the isolate. */
export const SEAT_PONG = 25
/** 1: the thread is in a blocking wait of the runtime, which has a deadline of its own. Written by the isolate. */
export const SEAT_IN_WAIT = 26
/** What it used when it looked last, in KiB, and when, in ms of its clock; 0: never. Before Node 24 only. Written by the isolate. */
export const SEAT_HEAP_KIB = 27
export const SEAT_HEAP_LIMIT_KIB = 28
export const SEAT_EXTERNAL_KIB = 29
export const SEAT_MEASURED_MS = 30
/** Characters that the actor has written, and that the host has handled; lines that were cut (said.ts). Isolate, host, all. */
export const SEAT_SAID = 9
export const SEAT_HEARD = 10
export const SEAT_UNSAID = 11
/** Number of the incarnation that lives, or lived last; 0: none yet. Written by the control side. */
export const SEAT_INCARNATION = 8
/** How many methods of its actor are streams (stream-methods.ts). Written by the isolate when it has loaded the class. */
export const SEAT_STREAMS = 12
/** 1 + first block of what its actor has set aside (held-records.ts), 0: nothing yet. Written by the isolate; 0 by the control side. */
export const SEAT_HELD = 13
/** How many that are, for people. Written by the isolate, and for the dead by the control side. */
export const SEAT_HELD_COUNT = 14
/** Asks that the handler in progress waits for (waits.ts), on a cache line of their own; 0: none. Written by the asker. */
export const SEAT_ASKS = 16
export const SEAT_ASKS_MAX = 8

/** How many messages the actor may have at work at a time (wait-graph.ts); 0: one. Written by the isolate. */
export const SEAT_SLOTS = 15

/** Of an actor with slots: which ask each of the first ones is at (`servedWord`), 0: none. Written by the isolate. */
export const SEAT_SERVED = 32

/** An ask as it is shown: 1 + the seat it goes to (13 bits), the asker's slot (3), the end of its correlation. */
export function waitWord(target: number, correlation: number, slot = 0): number {
  return (correlation << 16) | (slot << 13) | (target + 1)
}

export function waitTarget(word: number): number {
  return (word & 0x1fff) - 1
}

export function waitSlot(word: number): number {
  return (word >>> 13) & 7
}

/** The ask of that word, as whoever is at it shows it. */
export function servedWord(asker: number, word: number): number {
  return (word & ~0xffff) | (asker + 1)
}

/** Its lanes are being sealed and swept: nothing more is accepted. */
export const CLOSING = 0
export const OPEN = 1
/** All its lanes are swept: nobody looks at them any more. */
export const SWEPT = 2

export function seatState(generation: number, phase: typeof CLOSING | typeof OPEN | typeof SWEPT): number {
  return (generation << 2) | phase
}

export const WANTS_REPLIES = 1
export const WANTS_MESSAGES = 2
/** Somebody is about to notify: the others need not. If it dies before it does, the control side's scan wakes the sleeper. */
export const WAKING = 4

// ---- ready bitmaps: per seat and kind, one bit per sender: this lane may have something. Set by senders, taken by the receiver.
// ---- matrix: per kind, receiver and sender: 1 + first block of the segment that the receiver reads now; 0: no lane.
/** The two kinds of lane. Replies have their own, so that an actor that waits for one gets it past its own mailbox. */
export const MESSAGES = 0
export const REPLIES = 1
export type LaneKind = typeof MESSAGES | typeof REPLIES

// ---- names: method names, append-only, so that a record carries a number and an upgraded actor still gets the right method (D9).
export const NAME_WORDS = 16
export const NAME_BYTES_MAX = (NAME_WORDS - 1) * 4
export const NAMES_MAX = 4_096
export const METHOD_BITS = 13
/** In SEAT_PROGRESS: the message in progress has a name without an id. */
export const UNNAMED = NAMES_MAX

// ---- shapes: the keys of objects as a JSON array, in the same way as names.
export const SHAPE_WORDS = 64
export const SHAPES_MAX = 1_024

// ---- texts: per seat the path of its address, and its last words (seat-text.ts), UTF-8, each with its length first.
export const TEXT_WORDS = 64
export const TEXT_BYTES_MAX = (TEXT_WORDS - 1) * 4

// ---- streams: per seat the name ids of those of its actor's methods that are streams.
export const STREAMS_MAX = 32

// ---- blocks: claimed with one compare-and-swap of their owner word from 0 to sender seat + 1; only the owner frees them.
export const BLOCK_DATA_BYTES = 16 * 1024
export const BLOCK_BYTES = BLOCK_DATA_BYTES + 128

// ---- a segment of a lane (words): 2^n blocks in a row; a header of two cache lines, then the ring.
export const SEGMENT_HEADER_WORDS = 32
// the sender's line:
/** Position up to which records are committed; bit 0: sealed, nothing will ever be added (G1). Sender; the closer sets bit 0. */
export const SEGMENT_TAIL = 0
/** 1 + first block of the next segment, 0: none, SEALED_NEXT: there will be none. Sender; the closer seals. */
export const SEGMENT_NEXT = 1
/** Ordinal of the last record pushed into this lane, all segments together. Sender, shown after the tail. */
export const SEGMENT_PUSHED = 2
export const SEGMENT_BLOCKS = 3
export const SEGMENT_RECEIVER = 4
export const SEGMENT_GENERATION = 5
export const SEGMENT_SENDER = 6
export const SEGMENT_KIND = 7
/** The sender's own generation: a lane left over from an earlier address of the same seat is nobody's. */
export const SEGMENT_SENDER_GENERATION = 8
/** 0, 1, 2 … along the lane: a position in a lane is (ordinal of its segment, position). */
export const SEGMENT_ORDINAL = 9
// the receiver's line:
/** Position up to which records are done. Receiver. */
export const SEGMENT_HEAD = 16
/** Position of the record in progress | 1 while its handler runs (D2). Receiver; shown for a tell, stored for an ask. */
export const SEGMENT_CURSOR = 17
/** Ordinal of the last record done. Receiver, shown before HEAD; stored in a lane of replies. */
export const SEGMENT_DONE = 18

export const SEALED = 1
export const SEALED_NEXT = -1

// ---- a record (words), aligned to 8 bytes, never wraps around the end of its ring
/** Length in bytes, header included; bit 0: filler up to the end of the ring. */
export const RECORD_LENGTH = 0
/** 1 + first block of a run that holds the payload, 0: the payload follows. */
export const RECORD_RUN = 1
export const RECORD_PAYLOAD_BYTES = 2
/** 1, 2, 3 … along the lane: what was pushed is counted without a counter that two threads write. */
export const RECORD_ORDINAL = 3
/** First of the words that belong to the envelope. */
export const RECORD_ENVELOPE = 4
export const ENVELOPE_WORDS = 6
export const RECORD_HEADER_BYTES = (RECORD_ENVELOPE + ENVELOPE_WORDS) * 4
export const FILLER = 1
/** A payload above this goes into a run of blocks of its own, so that a ring always holds several records. */
export const INLINE_BYTES_MAX = 4 * 1024
/** A ring may grow to this; more waiting bytes than that are refused, or in runs. */
export const RING_BLOCKS_MAX = 64

assert(UNNAMED < 1 << METHOD_BITS, 'a name id fits into the word for progress')
assert(RECORD_HEADER_BYTES % 8 === 0, 'records are aligned to 8 bytes')
assert(SEGMENT_HEADER_WORDS * 4 === BLOCK_BYTES - BLOCK_DATA_BYTES, 'the header of a segment fits into the first block')
assert((RECORD_HEADER_BYTES + INLINE_BYTES_MAX) * 2 <= BLOCK_DATA_BYTES, 'an empty ring always has room for an inline record')

// ---- what an actor has set aside (words): blocks of its own, each with a header, then rows of this size
/** 1 + the next block, 0: none. Written by the isolate. */
export const HOLD_NEXT = 0
export const HOLD_ROW_WORDS = 64
/** FREE, BEGUN or WAITING. Written by the isolate; for the dead by the control side. */
export const HELD_STATE = 0
export const FREE = 0
export const BEGUN = 1
export const WAITING = 2
/** In the order of these they are begun again. */
export const HELD_NUMBER = 1
export const HELD_SENDER = 2
export const HELD_SENDER_GENERATION = 3
/** Which record of its lane it was. */
export const HELD_ORDINAL = 4
/** 1 + first block of a run that holds the payload, 0: it is in the row. */
export const HELD_RUN = 5
export const HELD_PAYLOAD_BYTES = 6
export const HELD_ENVELOPE = 8
export const HELD_PAYLOAD = HELD_ENVELOPE + ENVELOPE_WORDS
export const HELD_INLINE_BYTES_MAX = (HOLD_ROW_WORDS - HELD_PAYLOAD) * 4

export interface Layout {
  readonly seats: number
  readonly blocksMax: number
  /** Blocks at the end that only replies may use. */
  readonly replyReserve: number
  readonly bitmapWords: number
  readonly seatsAt: number
  readonly bitmapsAt: number
  readonly matrixAt: number
  readonly namesAt: number
  readonly shapesAt: number
  readonly textsAt: number
  readonly streamsAt: number
  readonly ownersAt: number
  /** Words of everything before the blocks. */
  readonly fixedWords: number
  /** Byte offset of the first block. */
  readonly blocksAtByte: number
}

export function layoutOf(seats: number, blocksMax: number): Layout {
  const bitmapWords = Math.ceil(seats / 32)
  const seatsAt = HEAD_WORDS
  const bitmapsAt = seatsAt + seats * SEAT_WORDS
  const matrixAt = bitmapsAt + seats * 2 * bitmapWords
  const namesAt = matrixAt + 2 * seats * seats
  const shapesAt = namesAt + NAMES_MAX * NAME_WORDS
  const textsAt = shapesAt + SHAPES_MAX * SHAPE_WORDS
  const streamsAt = textsAt + seats * 2 * TEXT_WORDS
  const ownersAt = streamsAt + seats * STREAMS_MAX
  const fixedWords = Math.ceil((ownersAt + blocksMax) / 32) * 32
  return {
    seats,
    blocksMax,
    replyReserve: blocksMax >> 4,
    bitmapWords,
    seatsAt,
    bitmapsAt,
    matrixAt,
    namesAt,
    shapesAt,
    textsAt,
    streamsAt,
    ownersAt,
    fixedWords,
    blocksAtByte: fixedWords * 4,
  }
}
