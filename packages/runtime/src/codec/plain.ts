const KNOWN_KEYS_MAX = 4_096
const RECENT_KEYS = 32
const KNOWN_KEY_CHARS_MAX = 64
const BYTE_ORDER_MARK = 0xfeff
const EMPTY = {}

/**
 * Decoders of UTF-8 eat a byte order mark at the beginning, and read U+FFFD for what is no UTF-8. Strings with either go
 * another way, so that one which is read with U+FFFD in it has been damaged.
 */
export function isPlainText(text: string): boolean {
  return text.charCodeAt(0) !== BYTE_ORDER_MARK && text.isWellFormed() && !text.includes('\uFFFD')
}

const knownKeys = new Set<string>()
const recentKeys = new Array<string>(RECENT_KEYS).fill('')

/**
 * Not those of Object.prototype: msgpackr would rename `__proto__`, and an assignment may find something frozen.
 *
 * @param place in its object: rows have the same keys in the same places, and comparing is faster than finding
 */
export function isPlainKey(key: string, place: number): boolean {
  const slot = place % RECENT_KEYS
  if (recentKeys[slot] === key) return true
  if (!knownKeys.has(key) && !isNewPlainKey(key)) return false
  if (key.length <= KNOWN_KEY_CHARS_MAX) recentKeys[slot] = key
  return true
}

function isNewPlainKey(key: string): boolean {
  if (key in Object.prototype || !isPlainText(key)) return false
  if (key.length <= KNOWN_KEY_CHARS_MAX && knownKeys.size < KNOWN_KEYS_MAX) knownKeys.add(key)
  return true
}

export function isPlainBigInt(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
}

/** Somebody has put enumerable properties on Object.prototype: `for in` finds them in every object. */
export function hasInheritedKeys(): boolean {
  for (const _ in EMPTY) return true
  return false
}
