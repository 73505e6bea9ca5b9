import { UnreadableMessageError } from '../base/errors.ts'
import * as wire from './wire.ts'

/** Buffer's own way to read UTF-8; `toString('utf8', …)` is the documented form of the same and slower by a quarter. */
const utf8Slice = (Buffer.prototype as unknown as { utf8Slice(start: number, end: number): string }).utf8Slice
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Up to so many bytes a call with that many arguments beats the call into native code (13: 32 against 83 ns). */
const SPELLED_MAX = 16
const KEY_SLOTS = 1_024

/** A property name that has been read before. */
interface KnownKey {
  readonly text: string
  /** Is it a member of Object.prototype? Assignment would then find a setter, or something frozen. */
  readonly inherited: boolean
}

/**
 * Reads the parts of MessagePack that have no parts themselves. Every length is checked against the end before anything is
 * allocated: the bytes come from another thread, which may have been broken when it wrote them.
 */
export class ByteReader {
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView | undefined
  at = 0
  end = 0
  readonly keys = new Array<KnownKey | undefined>(KEY_SLOTS).fill(undefined)

  begin(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = undefined
    }
    this.at = start
    this.end = end
  }

  /** Moves over `count` bytes and returns where they begin. */
  take(count: number): number {
    const { at } = this
    if (count > this.end - at) throw unreadable('it ends too early')
    this.at = at + count
    return at
  }

  readUint8(): number {
    return this.bytes[this.take(1)]!
  }

  readUint16(): number {
    const at = this.take(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  readUint32(): number {
    const at = this.take(4)
    return this.numbers().getUint32(at)
  }

  /** The numbers that take no more than their tag to know what they are. */
  readNumberOf(tag: number): number | bigint {
    const view = this.numbers()
    switch (tag) {
      case wire.FLOAT_32:
        return view.getFloat32(this.take(4))
      case wire.UINT_64:
        return view.getBigUint64(this.take(8))
      case wire.INT_8:
        return view.getInt8(this.take(1))
      case wire.INT_16:
        return view.getInt16(this.take(2))
      case wire.INT_32:
        return view.getInt32(this.take(4))
      case wire.INT_64:
        return view.getBigInt64(this.take(8))
      default:
        throw unreadable(`0x${tag.toString(16)} begins no value`)
    }
  }

  readFloat64(): number {
    const at = this.take(8)
    return this.numbers().getFloat64(at)
  }

  /** The same buffer comes again and again, and a DataView costs more than most messages. */
  private numbers(): DataView {
    return (this.view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength))
  }

  readString(length: number): string {
    const start = this.take(length)
    if (length > SPELLED_MAX) return this.readLongString(start, length)
    let bits = 0
    for (let i = 0; i < length; i++) bits |= this.bytes[start + i]!
    return bits < 0x80 ? spell(this.bytes, start, length) : this.readLongString(start, length)
  }

  /** U+FFFD stands for itself, or for bytes that are no UTF-8: that is looked at again, with a decoder that says so. */
  private readLongString(start: number, length: number): string {
    const text = utf8Slice.call(this.bytes, start, start + length)
    return text.includes('\uFFFD') ? this.readStrictly(start, length) : text
  }

  private readStrictly(start: number, length: number): string {
    try {
      return strict.decode(this.bytes.subarray(start, start + length))
    } catch {
      throw unreadable('a string in it is not UTF-8')
    }
  }

  readUtf16(length: number): string {
    if (length % 2 !== 0) throw unreadable('a string of code units has half a unit')
    const start = this.take(length)
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString('utf16le')
  }

  readBigInt(length: number): bigint {
    if (length === 0) throw unreadable('a bigint has no bytes')
    const start = this.take(length)
    const hex = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString('hex')
    return BigInt.asIntN(length * 8, BigInt(`0x${hex}`))
  }

  /** A copy in memory of its own, not of Node's pool: what a message holds must not change when the next one is read. */
  copyOut(length: number): Buffer {
    const start = this.take(length)
    const copy = Buffer.allocUnsafeSlow(length)
    copy.set(this.bytes.subarray(start, start + length))
    return copy
  }

  /** A short property name. The ones seen before are found by a few of their bytes and then compared with all of them. */
  readShortKey(length: number): KnownKey {
    const { bytes } = this
    const start = this.take(length)
    const slot = slotOf(bytes, start, length)
    const known = this.keys[slot]
    if (known !== undefined && isSpelled(known.text, bytes, start, length)) return known
    this.at = start
    const key = knownKey(this.readString(length))
    this.keys[slot] = key
    return key
  }
}

/** Never a property of what is being read: only of the objects this isolate has itself. */
export function knownKey(text: string): KnownKey {
  return { text, inherited: text in Object.prototype }
}

function slotOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 0
  const first = bytes[start]!
  const middle = bytes[start + (length >> 1)]!
  const last = bytes[start + length - 1]!
  return (length + first * 7 + middle * 31 + last * 127) & (KEY_SLOTS - 1)
}

/** Names outside ASCII have fewer characters than bytes: they are never equal here, and read anew each time. */
function isSpelled(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

export function unreadable(why: string, cause?: unknown): UnreadableMessageError {
  return new UnreadableMessageError(why, cause === undefined ? undefined : { cause })
}

const chars = String.fromCharCode

/** Up to 16 bytes of ASCII. Calls with a fixed number of arguments are what the compiler turns into plain stores. */
// biome-ignore format: a table.
function spell(b: Uint8Array, i: number, length: number): string {
  switch (length) {
    case 0: return ''
    case 1: return chars(b[i]!)
    case 2: return chars(b[i]!, b[i + 1]!)
    case 3: return chars(b[i]!, b[i + 1]!, b[i + 2]!)
    case 4: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!)
    case 5: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!)
    case 6: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!)
    case 7: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!)
    case 8: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!)
    case 9: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!)
    case 10: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!)
    case 11: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!)
    case 12: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!)
    case 13: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!, b[i + 12]!)
    case 14: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!, b[i + 12]!, b[i + 13]!)
    case 15: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!, b[i + 12]!, b[i + 13]!, b[i + 14]!)
    default: return chars(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!, b[i + 12]!, b[i + 13]!, b[i + 14]!, b[i + 15]!)
  }
}
