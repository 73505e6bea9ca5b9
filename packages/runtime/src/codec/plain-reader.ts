import { copyBytes } from '../base/copy-bytes.ts'
import { KNOWN_TEXT_MAX, KnownTexts } from './known-texts.ts'
import { largeBuffer } from './large-buffers.ts'
import { isPlainKey } from './plain.ts'
import { SHAPE_KEYS_MAX, type ShapeMaker, type ShapeTable, shapeMaker } from './shapes.ts'
import * as wire from './wire.ts'

/** The message is none of PlainWriter's, or no message at all: the other reader reads it, or says what is wrong with it. */
export const NOT_PLAIN: unique symbol = Symbol('not plain')

/** Thrown to get out of a value in a value. Not an Error: a stack would cost more than the reading. */
const GIVE_UP = NOT_PLAIN

/**
 * Reads what PlainWriter wrote, and MessagePack of plain data in general. Bytes are hostile: whatever they are, the outcome
 * is a plain value or NOT_PLAIN. Objects with a known shape are built at once, with their values in the right places.
 */
export class PlainReader {
  readonly #shapes: ShapeTable | undefined
  readonly #makers: (ShapeMaker | undefined)[] = []
  readonly #known = new KnownTexts()
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #lent: Uint8Array | undefined
  #start = 0
  #at = 0
  #end = 0
  #depth = 0
  #outside: Uint8Array | undefined
  /** Behind the last chunk; 0: there was none. */
  #chunksEnd = 0
  #isReading = false

  constructor(shapes: ShapeTable | undefined) {
    this.#shapes = shapes
  }

  /**
   * `outside`: the whole message, in which the body names the places of its chunks; undefined: `bytes` from `start` to `end`
   * is all of it.
   */
  read(bytes: Uint8Array, start: number, end: number, outside: Uint8Array | undefined): unknown {
    // A setter on Object.prototype can run code of the user's in the middle of a message.
    if (this.#isReading || end <= start) return NOT_PLAIN
    if (bytes !== this.#lent) this.#lend(bytes)
    this.#start = this.#at = start
    this.#end = end
    this.#depth = 0
    this.#outside = outside
    this.#chunksEnd = 0
    this.#isReading = true
    try {
      const value = this.value()
      return this.#isComplete() ? value : NOT_PLAIN
    } catch (thrown) {
      if (thrown === GIVE_UP || thrown instanceof RangeError) return NOT_PLAIN
      throw thrown
    } finally {
      this.#isReading = false
      this.#outside = undefined
      if (bytes.length > KEPT_BYTES_MAX) this.#lend(NOTHING)
    }
  }

  /** The next value. Public for the makers of shaped objects. */
  value(): unknown {
    const tag = this.#bytes[this.#at++]!
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    if (tag >= 0xa0 && tag < 0xc0) return this.#text(tag & 0x1f)
    switch (tag) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        this.#at += 8
        return this.#view.getFloat64(this.#at - 8)
      case 0xcc:
        return this.#bytes[this.#at++]
      case 0xcd:
        return this.#length(2)
      case 0xce:
        return this.#length(4)
      case 0xd2:
        this.#at += 4
        return this.#view.getInt32(this.#at - 4)
      case 0xd5:
        return this.#shaped()
      default:
        return this.#rare(tag)
    }
  }

  #rare(tag: number): unknown {
    switch (tag) {
      case 0xd4:
        return this.#undefinedOrDate()
      case 0xd9:
        return this.#text(this.#length(1))
      case 0xda:
        return this.#text(this.#length(2))
      case 0xdb:
        return this.#text(this.#length(4))
      case 0xdc:
        return this.#array(this.#length(2))
      case 0xdd:
        return this.#array(this.#length(4))
      case 0xde:
        return this.#map(this.#length(2))
      case 0xc4:
        return this.#buffer(this.#length(1))
      case 0xc5:
        return this.#buffer(this.#length(2))
      case 0xc7:
        return this.#chunk()
      default:
        if ((tag & 0xf0) === 0x90) return this.#array(tag & 0x0f)
        throw GIVE_UP
    }
  }

  #lend(bytes: Uint8Array): void {
    this.#lent = bytes
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Behind the body there is nothing, or the chunks. A value that was read beyond the end is seen here, too. */
  #isComplete(): boolean {
    return this.#at === this.#end || (this.#at < this.#end && this.#outside === undefined && this.#chunksEnd > 0)
  }

  #length(bytes: number): number {
    this.#at += bytes
    if (bytes === 1) return this.#bytes[this.#at - 1]!
    return bytes === 2 ? this.#view.getUint16(this.#at - 2) : this.#view.getUint32(this.#at - 4)
  }

  #undefinedOrDate(): undefined | Date {
    const type = this.#bytes[this.#at]
    if (this.#bytes[this.#at + 1] !== 0 || (type !== 0 && type !== wire.EXT_DATE)) throw GIVE_UP
    this.#at += 2
    if (type === 0) return undefined
    const time = this.value()
    if (typeof time !== 'number') throw GIVE_UP
    return new Date(time)
  }

  #text(length: number): string {
    const from = this.#at
    if (length > this.#end - from) throw GIVE_UP
    this.#at = from + length
    if (length > KNOWN_TEXT_MAX || from + KNOWN_TEXT_MAX > this.#bytes.length) return this.#utf8(from, length)
    return this.#known.at(this.#view, this.#bytes, from, length) ?? this.#utf8(from, length)
  }

  /** U+FFFD is read for what is no UTF-8, and nobody writes it in this way. */
  #utf8(from: number, length: number): string {
    const text = this.#bytes.toString('utf8', from, from + length)
    if (text.includes('\uFFFD')) throw GIVE_UP
    return text
  }

  #enter(): void {
    if (++this.#depth > wire.DEPTH_MAX) throw GIVE_UP
  }

  #array(length: number): unknown[] {
    if (length > this.#end - this.#at) throw GIVE_UP
    this.#enter()
    // Most are the arguments of a call. What begins empty is given room for 17 by its first element.
    const array: unknown[] = length === 1 ? [this.value()] : length === 2 ? [this.value(), this.value()] : []
    for (let i = array.length; i < length; i++) array.push(this.value())
    this.#depth--
    return array
  }

  #map(count: number): object {
    if (count * 2 > this.#end - this.#at) throw GIVE_UP
    this.#enter()
    const object: Record<string, unknown> = {}
    for (let place = 0; place < count; place++) {
      const key = this.value()
      if (typeof key !== 'string' || !isPlainKey(key, place)) throw GIVE_UP
      object[key] = this.value()
    }
    this.#depth--
    return object
  }

  #shaped(): object {
    if (this.#bytes[this.#at++] !== wire.EXT_SHAPE) throw GIVE_UP
    const id = this.#length(2)
    this.#enter()
    const object = (this.#makers[id] ?? this.#maker(id))(this)
    this.#depth--
    return object
  }

  #maker(id: number): ShapeMaker {
    const keys = this.#shapes?.keysOf(id)
    if (keys === undefined || !areShape(keys)) throw GIVE_UP
    return (this.#makers[id] = shapeMaker(keys))
  }

  #buffer(length: number): Buffer {
    const from = this.#at
    // Undefined where the bytes end before the length.
    if (!(length <= this.#end - from)) throw GIVE_UP
    this.#at = from + length
    const own = Buffer.allocUnsafeSlow(length)
    own.set(this.#bytes.subarray(from, this.#at))
    return own
  }

  #chunk(): unknown {
    if (this.#bytes[this.#at] !== wire.CHUNK_PARTS_BYTES || this.#bytes[this.#at + 1] !== wire.EXT_CHUNK) throw GIVE_UP
    const kind = this.#bytes[this.#at + 2]!
    const offset = this.#view.getUint32(this.#at + 3)
    const length = this.#view.getUint32(this.#at + 7)
    this.#at += 11
    const source = this.#outside ?? this.#bytes.subarray(this.#start, this.#end)
    // They follow each other, so that no message can have more of them than it has bytes.
    if (kind > wire.ARRAY_BUFFER_KIND || offset < this.#chunksEnd || offset + length > source.length) throw GIVE_UP
    this.#chunksEnd = offset + length
    const own = largeBuffer(length)
    copyBytes(own, 0, source.subarray(offset, offset + length))
    return binaryOf(own, kind)
  }
}

const KEPT_BYTES_MAX = 1024 * 1024
const NOTHING = new Uint8Array(0)

function binaryOf(own: Buffer, kind: number): unknown {
  if (kind === wire.BUFFER_KIND) return own
  if (kind === wire.ARRAY_BUFFER_KIND) return own.buffer
  return new wire.BINARY_KINDS[kind - 1]!(own.buffer as ArrayBuffer)
}

/** The table lies in shared memory, where anybody could write. */
function areShape(keys: readonly string[]): boolean {
  return keys.length <= SHAPE_KEYS_MAX && new Set(keys).size === keys.length && keys.every(isPlainKey)
}
