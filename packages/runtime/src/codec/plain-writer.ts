import { chunkAlign, type Encoded } from './encoded.ts'
import { isMarked } from './moved.ts'
import { hasInheritedKeys, isPlainKey, isPlainText } from './plain.ts'
import { SeenObjects } from './seen-objects.ts'
import { type ShapeNode, type ShapeTable, ShapeTree } from './shapes.ts'
import * as wire from './wire.ts'

const SCRATCH_BYTES = 64 * 1024
/** A scratch buffer that one large message has grown is kept for a while, because large messages come in rows. */
const KEPT_BYTES_MAX = 1024 * 1024
const SMALL_IN_A_ROW_MAX = 64
/** What any value but a long text or a binary takes at most. */
const VALUE_BYTES_MAX = 64
/** A longer text is written faster by the engine, if it is called for it. */
const LOOP_TEXT_MAX = 16
const FIX_TEXT_MAX = 31
/** Of the depths at which kinds of objects are remembered. */
const GUESSES_MASK = 7

/**
 * Plain data to MessagePack in one pass: null, undefined, booleans, numbers, texts, plain objects and arrays, binaries. That
 * is what most messages are, so this is made to be quick: it keeps no path, and gives up at the first thing that is not
 * certain. Whoever hears `false` asks the copier, which can carry more and knows why something cannot be sent.
 *
 * Each part of a value is read once. A getter may send a message in the middle of another: `isBusy` says so.
 */
export class PlainWriter {
  readonly #shapes: ShapeTree | undefined
  isBusy = false
  #bytes = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #view = viewOf(this.#bytes)
  #words = wordsOf(this.#bytes)
  #at = 0
  /** The last place at which any value but a long one can begin. */
  #lastStart = SCRATCH_BYTES - VALUE_BYTES_MAX
  #bytesMax = 0
  #smallInARow = 0
  #chunks: Uint8Array[] | undefined
  /** Where in the body the chunks' places are to be written. */
  #chunkPlaces: number[] = []
  #chunkBytes = 0
  readonly #seen = new SeenObjects()
  /** By depth: the shape of the last object there. */
  readonly #guesses = new Array<ShapeNode | undefined>(GUESSES_MASK + 1).fill(undefined)
  readonly #encoded: { bytes: Uint8Array; start: number; end: number; words: Int32Array; chunks: Uint8Array[] | undefined }

  constructor(shapes: ShapeTable | undefined) {
    this.#shapes = shapes === undefined ? undefined : new ShapeTree(shapes)
    this.#encoded = { bytes: this.#bytes, start: 0, end: 0, words: this.#words, chunks: undefined }
  }

  /** Undefined when the value is not plain, too large, or threw while it was read. What is returned is one object for all. */
  write(value: unknown, bytesMax: number): Encoded | undefined {
    return this.#write(value, bytesMax, false)
  }

  /** The same for an array that nobody but the caller has, as arguments are. It is a level like all others, as the reader sees it. */
  writeArgs(args: readonly unknown[], bytesMax: number): Encoded | undefined {
    return this.#write(args, bytesMax, true)
  }

  #write(value: unknown, bytesMax: number, isArgs: boolean): Encoded | undefined {
    this.isBusy = true
    this.#at = 0
    this.#bytesMax = bytesMax
    try {
      if (hasInheritedKeys() || !(isArgs ? this.#items(value as unknown[], 1) : this.#value(value, 0))) return undefined
      return this.#finish()
    } catch {
      return undefined
    } finally {
      this.#forget()
      this.isBusy = false
    }
  }

  #finish(): Encoded | undefined {
    const encoded = this.#encoded
    encoded.bytes = this.#bytes
    encoded.words = this.#words
    encoded.end = this.#at
    encoded.chunks = this.#chunks
    if (this.#chunks !== undefined) this.#placeChunks(this.#chunks)
    const tooLarge = this.#at + this.#chunkBytes > this.#bytesMax
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#shrink()
    return tooLarge ? undefined : encoded
  }

  /** Where they will be is known only now. */
  #placeChunks(chunks: readonly Uint8Array[]): void {
    let offset = this.#at
    for (let i = 0; i < chunks.length; i++) {
      offset = chunkAlign(offset)
      this.#view.setUint32(this.#chunkPlaces[i]!, offset)
      offset += chunks[i]!.length
    }
  }

  #forget(): void {
    this.#seen.forget()
    if (this.#chunks === undefined) return
    this.#chunks = undefined
    this.#chunkPlaces = []
    this.#chunkBytes = 0
  }

  /** One message of 64 MiB must not cost 64 MiB for ever. The message at hand keeps its buffer. */
  #shrink(): void {
    this.#smallInARow = this.#at > KEPT_BYTES_MAX ? 0 : this.#smallInARow + 1
    if (this.#smallInARow === SMALL_IN_A_ROW_MAX) this.#use(Buffer.allocUnsafeSlow(SCRATCH_BYTES))
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#words = wordsOf(bytes)
    this.#lastStart = bytes.length - VALUE_BYTES_MAX
    this.#smallInARow = 0
  }

  /** Room for `count` bytes more, and a value behind them. False: that would be more than the message may have. */
  #grow(count: number): boolean {
    const needed = this.#at + count + VALUE_BYTES_MAX
    if (needed <= this.#bytes.length) return true
    if (this.#at > this.#bytesMax) return false
    const longer = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    longer.set(this.#bytes.subarray(0, this.#at))
    this.#use(longer)
    return true
  }

  /** No switch over `typeof`: that calls a built-in for each value, comparisons do not. */
  #value(value: unknown, depth: number): boolean {
    if (this.#at > this.#lastStart && !this.#grow(0)) return false
    if (typeof value === 'number') {
      this.#number(value)
      return !(value === 0 && 1 / value < 0)
    }
    if (typeof value === 'string') return this.#text(value)
    if (typeof value === 'boolean') this.#bytes[this.#at++] = value ? 0xc3 : 0xc2
    else if (value === null) this.#bytes[this.#at++] = 0xc0
    else if (typeof value === 'object') return depth < wire.DEPTH_MAX && this.#object(value, depth + 1)
    else if (value === undefined) {
      this.#bytes[this.#at++] = 0xd4
      this.#bytes[this.#at++] = 0
      this.#bytes[this.#at++] = 0
    } else return false
    return true
  }

  /** Whole numbers in as few bytes as they need, all others as 64 bits. */
  #number(value: number): void {
    const bytes = this.#bytes
    if ((value | 0) !== value) {
      if (value >>> 0 === value) {
        bytes[this.#at] = 0xce
        this.#view.setUint32(this.#at + 1, value)
        this.#at += 5
        return
      }
      bytes[this.#at] = 0xcb
      this.#view.setFloat64(this.#at + 1, value)
      this.#at += 9
      return
    }
    if (value >= 0) {
      if (value < 0x80) bytes[this.#at++] = value
      else if (value < 0x100) {
        bytes[this.#at++] = 0xcc
        bytes[this.#at++] = value
      } else if (value < 0x10000) {
        bytes[this.#at++] = 0xcd
        bytes[this.#at++] = value >> 8
        bytes[this.#at++] = value & 0xff
      } else {
        bytes[this.#at] = 0xce
        this.#view.setUint32(this.#at + 1, value)
        this.#at += 5
      }
      return
    }
    if (value >= -0x20) bytes[this.#at++] = 0x100 + value
    else {
      bytes[this.#at] = 0xd2
      this.#view.setInt32(this.#at + 1, value)
      this.#at += 5
    }
  }

  #text(text: string): boolean {
    const { length } = text
    if (length > LOOP_TEXT_MAX) return this.#longText(text)
    const bytes = this.#bytes
    const at = this.#at + 1
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return this.#longText(text)
      bytes[at + i] = code
    }
    bytes[at - 1] = 0xa0 | length
    this.#at = at + length
    return true
  }

  /** The header is chosen by the bytes that the text may have at most, so that it is written where it will stay. */
  #longText(text: string): boolean {
    const bytesMax = text.length * 3
    if (text.length > this.#bytesMax || !this.#grow(bytesMax)) return false
    const header = bytesMax <= FIX_TEXT_MAX ? 1 : bytesMax < 0x100 ? 2 : bytesMax < 0x10000 ? 3 : 5
    const written = this.#bytes.write(text, this.#at + header, 'utf8')
    // As many bytes as characters: nothing but ASCII.
    if (written !== text.length && !isPlainText(text)) return false
    if (header === 1) this.#bytes[this.#at] = 0xa0 | written
    else this.#header(header, 0xd9, written)
    this.#at += header + written
    return true
  }

  /** A tag and a length of 1, 2 or 4 bytes; the tags of the three follow each other. */
  #header(bytes: number, tag: number, length: number): void {
    if (bytes === 2) {
      this.#bytes[this.#at] = tag
      this.#bytes[this.#at + 1] = length
    } else if (bytes === 3) {
      this.#bytes[this.#at] = tag + 1
      this.#view.setUint16(this.#at + 1, length)
    } else {
      this.#bytes[this.#at] = tag + 2
      this.#view.setUint32(this.#at + 1, length)
    }
  }

  #object(object: object, depth: number): boolean {
    if (this.#seen.isRepeat(object)) return false
    const prototype = Object.getPrototypeOf(object)
    if (prototype === Object.prototype) return Object.getOwnPropertySymbols(object).length === 0 && this.#record(object, depth)
    if (prototype === Array.prototype) return Array.isArray(object) && this.#array(object, depth)
    if (prototype === Date.prototype) return this.#date(object as Date)
    const kind = wire.BINARY_PROTOTYPES.indexOf(prototype)
    return kind >= 0 && this.#binary(object as ArrayBufferView | ArrayBuffer, kind)
  }

  /** Objects of one kind come in rows: it is taken for one of the kind that came before at this depth, and read once. */
  #record(object: object, depth: number): boolean {
    const guess = this.#guesses[depth & GUESSES_MASK]
    if (guess !== undefined) return this.#guessed(object, guess, depth)
    const shape = this.#shapes?.find(object)
    if (shape === undefined || this.#shapes!.idOf(shape) === 0) return this.#map(object, depth)
    this.#guesses[depth & GUESSES_MASK] = shape
    return this.#guessed(object, shape, depth)
  }

  #guessed(object: object, guess: ShapeNode, depth: number): boolean {
    const { keys, id } = guess
    const bytes = this.#bytes
    const start = this.#at
    const seen = this.#seen.count
    bytes[this.#at++] = 0xd5
    bytes[this.#at++] = wire.EXT_SHAPE
    bytes[this.#at++] = id >> 8
    bytes[this.#at++] = id & 0xff
    let place = 0
    for (const key in object) {
      if (key !== keys[place]) return this.#otherKeys(object, guess, place, start, seen, depth)
      if (!this.#value((object as Record<string, unknown>)[key], depth)) return false
      place++
    }
    return place === keys.length || this.#otherKeys(object, guess, place, start, seen, depth)
  }

  /** It begins as the guess does, with `same` keys and values that are written already, and is something else. */
  #otherKeys(object: object, guess: ShapeNode, same: number, start: number, seen: number, depth: number): boolean {
    const shape = this.#shapes!.find(object)
    const id = shape === undefined ? 0 : this.#shapes!.idOf(shape)
    this.#guesses[depth & GUESSES_MASK] = id === 0 ? undefined : shape
    if (id !== 0) {
      this.#bytes[start + 2] = id >> 8
      this.#bytes[start + 3] = id & 0xff
      return this.#rest(object, shape!.keys, guess.keys, same, depth)
    }
    // Objects within it would look as if they came twice.
    if (this.#seen.count !== seen) return false
    this.#at = start
    return this.#map(object, depth)
  }

  #rest(object: object, keys: readonly string[], writtenKeys: readonly string[], written: number, depth: number): boolean {
    let place = 0
    for (const key in object) {
      // A getter may have changed the object meanwhile.
      if (key !== keys[place]) return false
      if (place < written ? key !== writtenKeys[place] : !this.#value((object as Record<string, unknown>)[key], depth)) return false
      place++
    }
    return place === keys.length
  }

  #map(object: object, depth: number): boolean {
    const start = this.#at
    this.#at += 3
    let place = 0
    for (const key in object) {
      if (!isPlainKey(key, place++) || !this.#text(key) || !this.#value((object as Record<string, unknown>)[key], depth)) return false
      if (this.#at > this.#lastStart && !this.#grow(0)) return false
    }
    if (place > wire.KEYS_MAX) return false
    this.#bytes[start] = 0xde
    this.#view.setUint16(start + 1, place)
    return true
  }

  #array(array: readonly unknown[], depth: number): boolean {
    return !('index' in array || 'raw' in array) && this.#items(array, depth)
  }

  #items(array: readonly unknown[], depth: number): boolean {
    const { length } = array
    if (length < 0x10) this.#bytes[this.#at++] = 0x90 | length
    else {
      const header = length < 0x10000 ? 3 : 5
      this.#header(header, 0xdb, length)
      this.#at += header
    }
    for (let i = 0; i < length; i++) {
      const item = array[i]
      if ((item === undefined && !(i in array)) || !this.#value(item, depth)) return false
    }
    return array.length === length
  }

  /** A Date with a field of its own would arrive without it. */
  #date(date: Date): boolean {
    if (Reflect.ownKeys(date).length !== 0) return false
    this.#bytes[this.#at++] = 0xd4
    this.#bytes[this.#at++] = wire.EXT_DATE
    this.#bytes[this.#at++] = 0
    this.#number(Date.prototype.getTime.call(date))
    return true
  }

  /** What is empty may have been detached: the copier looks. Small binaries are a part of the body, large ones chunks. */
  #binary(binary: ArrayBufferView | ArrayBuffer, kind: number): boolean {
    const { byteLength } = binary
    if (isMarked(binary)) return false
    const own = ownBytes(binary)
    if (own === undefined || byteLength === 0) return false
    if (byteLength >= wire.CHUNK_BYTES_MIN) return this.#chunk(own, kind)
    if (kind !== wire.BUFFER_KIND || !this.#grow(byteLength)) return false
    const header = byteLength < 0x100 ? 2 : 3
    this.#header(header, 0xc4, byteLength)
    this.#bytes.set(own, this.#at + header)
    this.#at += header + byteLength
    return true
  }

  #chunk(own: Uint8Array, kind: number): boolean {
    this.#bytes[this.#at++] = 0xc7
    this.#bytes[this.#at++] = wire.CHUNK_PARTS_BYTES
    this.#bytes[this.#at++] = wire.EXT_CHUNK
    this.#bytes[this.#at++] = kind
    this.#chunkPlaces.push(this.#at)
    this.#view.setUint32(this.#at + 4, own.length)
    this.#at += 8
    this.#chunks ??= []
    this.#chunks.push(own)
    this.#chunkBytes = chunkAlign(this.#chunkBytes) + own.length
    return this.#chunkBytes <= this.#bytesMax
  }
}

/** Undefined for what only the copier may judge. */
function ownBytes(binary: ArrayBufferView | ArrayBuffer): Uint8Array | undefined {
  if (!ArrayBuffer.isView(binary)) return binary.resizable ? undefined : new Uint8Array(binary)
  return binary.buffer instanceof ArrayBuffer ? new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength) : undefined
}

function viewOf(bytes: Uint8Array): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length)
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
}
