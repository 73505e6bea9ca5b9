/**
 * The wire format is MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md): every record is valid for any
 * reader of it, and test/codec/msgpack-interop.test.ts holds msgpackr against it in both directions.
 *
 * | value | form |
 * |---|---|
 * | null, boolean, number, string, bigint of 64 bits | as in MessagePack; an integer past 32 bits is a float 64, int 64 is always a bigint |
 * | Buffer | bin |
 * | array, object with Object.prototype | array, map with string keys |
 * | everything else | an extension of the types below, whose payload is again MessagePack where not said otherwise |
 */

export const FIXMAP = 0x80
export const FIXARRAY = 0x90
export const FIXSTR = 0xa0
export const NIL = 0xc0
export const FALSE = 0xc2
export const TRUE = 0xc3
export const BIN_8 = 0xc4
export const BIN_16 = 0xc5
export const BIN_32 = 0xc6
export const EXT_8 = 0xc7
export const EXT_16 = 0xc8
export const EXT_32 = 0xc9
export const FLOAT_32 = 0xca
export const FLOAT_64 = 0xcb
export const UINT_8 = 0xcc
export const UINT_16 = 0xcd
export const UINT_32 = 0xce
export const UINT_64 = 0xcf
export const INT_8 = 0xd0
export const INT_16 = 0xd1
export const INT_32 = 0xd2
export const INT_64 = 0xd3
export const FIXEXT_1 = 0xd4
export const FIXEXT_8 = 0xd7
export const FIXEXT_16 = 0xd8
export const STR_8 = 0xd9
export const STR_16 = 0xda
export const STR_32 = 0xdb
export const ARRAY_16 = 0xdc
export const ARRAY_32 = 0xdd
export const MAP_16 = 0xde
export const MAP_32 = 0xdf
export const NEGATIVE_FIXINT = 0xe0

/** One byte 0, as other libraries write it. */
export const EXT_UNDEFINED = 0x00
/** Two's complement, most significant byte first, as msgpackr writes it. */
export const EXT_BIGINT = 0x42
/** A registered class: its registered name, and what its codec made of the instance. */
export const EXT_CLASS = 0x63
/** A float 64: milliseconds, NaN for an invalid date. */
export const EXT_DATE = 0x44
/** See error-wire.ts. */
export const EXT_ERROR = 0x65
/** A whole message in which objects are repeated or contain themselves: they are numbered in the order in which they begin. */
export const EXT_GRAPH = 0x67
/** Keys and values in turn, up to the end of the payload. */
export const EXT_MAP = 0x4d
/** A map with string keys, for an object without a prototype. */
export const EXT_NULL_PROTOTYPE = 0x6e
/** The number of an object that has begun before; only within EXT_GRAPH. */
export const EXT_REPEAT = 0x70
/** Seat, generation, path. */
export const EXT_REF = 0x72
/** Source, flags, lastIndex. */
export const EXT_REGEXP = 0x78
/** Values up to the end of the payload. */
export const EXT_SET = 0x53
/** One byte of BINARY_KINDS, then the bytes in the order of this machine. */
export const EXT_BINARY = 0x74
/** The href. */
export const EXT_URL = 0x75
/** UTF-16 code units, low byte first: a string with lone surrogates, which UTF-8 cannot carry. */
export const EXT_UTF_16 = 0x73

/** Length of `c9 <length of 4> <type>`, the only header whose length can be filled in afterwards. */
export const EXT_32_HEAD_BYTES = 6

/**
 * Deeper values are refused on both sides: they would overflow the stack of whoever is called deep in it already. A graph of
 * any size passes as long as no way through it without repeats is longer.
 */
export const DEPTH_MAX = 500
/** Extensions and what is in them count separately where they are read; and a graph is one more. */
export const READ_DEPTH_MAX = 2 * DEPTH_MAX + 2

/** The order is the wire format: append only. msgpackr uses the same numbers. */
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
export const KIND_ARRAY_BUFFER = 16
export const KIND_DATA_VIEW = 17
