/**
 * The wire format is MessagePack as msgpackr 2 writes it, with two extension codes of ours. Plain data is plain MessagePack:
 * null, booleans, numbers, strings, bigints, arrays, objects (maps with string keys). Bytes, typed arrays and bigints past
 * 64 bits use msgpackr's own extensions. Everything else is a Tagged: one of the kinds below, then its parts.
 */
export const EXT_TAGGED = 0x54
/** Milliseconds, NaN for an invalid date: MessagePack's own timestamp loses both the invalid ones and the far past. */
export const EXT_DATE = 0x44

/** UTF-16 code units, low byte first: a string that a decoder of UTF-8 would change. */
export const TEXT = 1
export const NEGATIVE_ZERO = 2
/** Keys and values in turn. */
export const MAP = 3
export const SET = 4
/** Source, flags, lastIndex. */
export const REGEXP = 5
/** The href. */
export const URL_KIND = 6
/** Keys and values in turn: an object with keys that msgpackr would rename, or with more than it counts. */
export const ENTRIES = 7
/** The same, for an object without a prototype. */
export const NULL_PROTOTYPE = 8
/** See error-wire.ts. */
export const ERROR = 9
/** A registered class: its registered name, and what its codec made of the instance. */
export const CLASS = 10
/** Seat, generation, path. */
export const REF = 11
/** A whole message in which objects are repeated or contain themselves: they are numbered in the order in which they begin. */
export const GRAPH = 12
/** The number of an object that has begun before; only within GRAPH. */
export const REPEAT = 13

/** A message that has something beside its bytes (enclosures.ts): line, number, the value. */
export const ENCLOSING = 40
/** A part of a frozen value: the number of its memory among the enclosures, kind, place, and the two words of its name. */
export const FROZEN = 41
/** A buffer that was moved, or a view of one: enclosure, kind, first byte, bytes. */
export const MOVED_BYTES = 42
/** Something else that was moved: enclosure. */
export const MOVED = 43
/** A view of shared memory: enclosure, kind, first byte, bytes. */
export const SHARED = 44

/** A function that its sender passes: its number. */
export const CALLBACK = 20
/** An async iterable that its sender passes: its number. */
export const ITERABLE = 21

/** What msgpackr is given in the place of a value that it cannot carry, and gives in that place on the other side. */
export class Tagged {
  readonly parts: readonly unknown[]
  constructor(parts: readonly unknown[]) {
    this.parts = parts
  }
}

/**
 * Deeper values are refused on both sides: they would overflow the stack of whoever is called deep in it already. A graph of
 * any size passes as long as no way through it without repeats is longer.
 */
export const DEPTH_MAX = 500

/** msgpackr counts the keys of an object in 16 bits. */
export const KEYS_MAX = 0xffff

/** The typed arrays. */
export const BINARY_KINDS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const

/** Two bytes: the number of an object's keys (shapes.ts); its values follow. Only in messages of plain data. */
export const EXT_SHAPE = 0x53
/** Kind, offset from the beginning of the message, length: a large binary behind the body. Only in messages of plain data. */
export const EXT_CHUNK = 0x43
export const CHUNK_PARTS_BYTES = 9
/** Below this two copies of a binary cost less than a place of its own. */
export const CHUNK_BYTES_MIN = 1024

/** By the number that a chunk has for its kind. */
export const BINARY_PROTOTYPES: readonly object[] = [Buffer, ...BINARY_KINDS, ArrayBuffer].map((Kind) => Kind.prototype as object)
export const BUFFER_KIND = 0
/** Past the others: it has no chunks. */
export const DATA_VIEW_KIND = BINARY_PROTOTYPES.length
export const ARRAY_BUFFER_KIND = BINARY_PROTOTYPES.length - 1
