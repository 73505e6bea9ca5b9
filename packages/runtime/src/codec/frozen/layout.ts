/**
 * How a frozen value lies in its shared memory: cells of 8 bytes, which refer to each other by number. A cell is a number (64
 * bits), or one of the kinds below: then its high word is TAGGED with the kind, and its low word says where its parts begin.
 *
 *   text        length * 2 + (1: two bytes a character), its hash; then the characters
 *   array       length, 0; then the items
 *   record      the cell of its shape, 0; then the values
 *   shape       number of keys, 0; then the keys, each a text
 *   map, dict   size, bits of the index; then a key and a value for each entry; then the index
 *   set         size, bits of the index; then the members; then the index
 *   index       2 ** bits cells: the hash of a key, its number + 1 (0: nothing). Whoever finds the place taken looks at the next
 *   bytes       bytes, number of its class (wire.ts); then the bytes
 *   date        milliseconds, a number
 *   bigint      its decimal digits, a text
 *
 * It is written once, by a writer that nobody else sees (writer.ts), and never again.
 */
export const CELL_BYTES = 8
/** The value itself. */
export const VALUE_CELL = 0
/** Two random words, the same in every thread: who has the memory already needs not be given it again. */
export const NAME_CELL = 1
export const FIRST_FREE_CELL = 2
/** No number looks so: the only numbers above are not numbers, and those are written in one form. */
export const TAGGED = 0xfff80000
export const NOT_A_NUMBER = 0x7ff80000

export const UNDEFINED = 0
export const NULL = 1
export const FALSE = 2
export const TRUE = 3
export const TEXT = 4
export const ARRAY = 5
export const RECORD = 6
/** An object with more keys than a shape should have. */
export const DICT = 7
export const MAP = 8
export const SET = 9
export const BYTES = 10
export const DATE = 11
export const BIGINT = 12

/** Objects with more keys than this have an index. */
export const SHAPE_KEYS_MAX = 32

/** At most half of an index is taken. */
export function indexBits(size: number): number {
  return Math.max(1, Math.ceil(Math.log2(size * 2)))
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

/** Equal numbers are equal keys, and so are 0 and −0, as in a Map. */
export function hashNumber(value: number): number {
  if ((value | 0) === value) return mix(value | 0)
  float[0] = value
  return mix(halves[0]! ^ Math.imul(halves[1]!, 0x9e3779b1 | 0))
}

function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b | 0)
  return mixed ^ (mixed >>> 16)
}

/** undefined: it cannot be a key. What two values have in common beside their hash is compared. */
export function hashKey(key: unknown): number | undefined {
  switch (typeof key) {
    case 'string':
      return hashText(key)
    case 'number':
      return hashNumber(key)
    case 'bigint':
      return mix(hashText(String(key)) ^ BIGINT)
    case 'boolean':
      return mix(key ? TRUE : FALSE)
    case 'undefined':
      return mix(UNDEFINED)
    default:
      return key === null ? mix(NULL) : undefined
  }
}
