import { DEPTH_MAX } from './wire.ts'

/** Up to so many objects a loop over an array finds a repeat faster than a Set does. */
const LISTED_MAX = 32
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

/**
 * Can msgpackr have the value as it is? Most values of most programs, so this is made to be quick: it keeps no path, and
 * says no at the first thing that is not certain. Whoever hears a no asks the Copier, which knows why.
 */
export class PlainCheck {
  /** In use: what a getter calls must take another one. */
  busy = false
  /** Less than the message will have. */
  private bytes = 0
  private seen = new Array<object | undefined>(LISTED_MAX).fill(undefined)
  private seenCount = 0
  private seenBeyond: Set<object> | undefined

  isPlain(value: unknown, bytesMax: number): boolean {
    this.busy = true
    try {
      return !hasInheritedKeys() && this.isPlainValue(value, 0) && this.bytes <= bytesMax
    } catch {
      return false
    } finally {
      this.forget()
      this.busy = false
    }
  }

  private forget(): void {
    for (let i = 0; i < this.seenCount; i++) this.seen[i] = undefined
    this.seenCount = 0
    this.seenBeyond = undefined
    this.bytes = 0
  }

  private isPlainValue(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        this.bytes += value.length
        return isPlainText(value)
      case 'number':
        return value !== 0 || 1 / value > 0
      case 'object':
        return value === null || (depth < DEPTH_MAX && this.isPlainObject(value, depth + 1))
      case 'boolean':
      case 'undefined':
        return true
      case 'bigint':
        return isPlainBigInt(value)
      default:
        return false
    }
  }

  private isPlainObject(object: object, depth: number): boolean {
    if (this.isRepeat(object)) return false
    const prototype = Object.getPrototypeOf(object)
    if (prototype === Object.prototype) return this.isPlainRecord(object as Record<string, unknown>, depth)
    if (prototype === Array.prototype) return Array.isArray(object) && this.isPlainArray(object, depth)
    if (prototype === Date.prototype) return Reflect.ownKeys(object).length === 0 && typeof Date.prototype.getTime.call(object) === 'number'
    return prototype === Buffer.prototype && this.isPlainBuffer(object as Buffer)
  }

  private isPlainRecord(object: Record<string, unknown>, depth: number): boolean {
    if (Object.getOwnPropertySymbols(object).length !== 0) return false
    let place = 0
    for (const key in object) {
      if (!isPlainKey(key, place++) || !this.isPlainValue(object[key], depth)) return false
    }
    this.bytes += place
    return true
  }

  private isPlainArray(array: readonly unknown[], depth: number): boolean {
    if ('index' in array || 'raw' in array) return false
    for (let i = 0; i < array.length; i++) {
      const item = array[i]
      if ((item === undefined && !(i in array)) || !this.isPlainValue(item, depth)) return false
      this.bytes++
    }
    return true
  }

  /** What is empty may have been detached. */
  private isPlainBuffer(buffer: Buffer): boolean {
    this.bytes += buffer.length
    return buffer.length > 0 && buffer.constructor === Buffer && buffer.buffer instanceof ArrayBuffer
  }

  private isRepeat(object: object): boolean {
    if (this.seenBeyond !== undefined) return this.seenBeyond.size === this.seenBeyond.add(object).size
    const { seen, seenCount } = this
    for (let i = 0; i < seenCount; i++) if (seen[i] === object) return true
    if (seenCount === LISTED_MAX) this.seenBeyond = new Set(seen as object[]).add(object)
    else seen[this.seenCount++] = object
    return false
  }
}
