import { ByteReader, knownKey, unreadable } from './byte-reader.ts'
import { codecNamed } from './class-registry.ts'
import { readError } from './error-wire.ts'
import type { RefHooks } from './value-writer.ts'
import * as wire from './wire.ts'

/** A longer array grows with what is really there: a header must not be able to ask for more memory than it has bytes. */
const PREALLOCATED_MAX = 1_024
/** The scratch of a lane is read again and again; what is larger was made for one message. */
const KEPT_BYTES_MAX = 1024 * 1024
const NOTHING = new Uint8Array(0)
/** In the list of begun objects: an instance whose codec has not made it yet. */
const UNMADE: unique symbol = Symbol('unmade')

/**
 * Reads what a ValueWriter wrote, and anything else without harm: whatever the bytes are, the outcome is a value or an
 * UnreadableMessageError, no prototype is touched, and memory stays in proportion to the bytes.
 */
export class ValueReader extends ByteReader {
  readonly refs: RefHooks
  /** A reader in use must not be used by what a class codec calls: see Codec. */
  busy = false
  depth = 0
  /** Within EXT_GRAPH: every object begun so far, by its number. */
  begun: unknown[] | undefined

  constructor(refs: RefHooks) {
    super()
    this.refs = refs
  }

  readMessage(): unknown {
    this.depth = 0
    this.begun = undefined
    const value = this.readValue()
    if (this.at !== this.end) throw unreadable(`${this.end - this.at} bytes are left over`)
    return value
  }

  /** Nothing of a message is kept, and a large buffer only while it is read. */
  release(): void {
    this.begun = undefined
    if (this.bytes.length > KEPT_BYTES_MAX) this.begin(NOTHING, 0, 0)
  }

  readValue(): unknown {
    const { at } = this
    if (at >= this.end) throw unreadable('it ends too early')
    const tag = this.bytes[at]!
    this.at = at + 1
    if (tag < wire.FIXMAP) return tag
    if (tag >= wire.NEGATIVE_FIXINT) return tag - 0x1_00
    if (tag < wire.FIXARRAY) return this.readMap(tag & 0x0f)
    if (tag < wire.FIXSTR) return this.readArray(tag & 0x0f)
    if (tag < wire.NIL) return this.readString(tag & 0x1f)
    return this.readTagged(tag)
  }

  private readTagged(tag: number): unknown {
    switch (tag) {
      case wire.NIL:
        return null
      case wire.FALSE:
        return false
      case wire.TRUE:
        return true
      case wire.FLOAT_64:
        return this.readFloat64()
      case wire.UINT_8:
        return this.readUint8()
      case wire.UINT_16:
        return this.readUint16()
      case wire.UINT_32:
        return this.readUint32()
      case wire.STR_8:
        return this.readString(this.readUint8())
      case wire.STR_16:
        return this.readString(this.readUint16())
      case wire.STR_32:
        return this.readString(this.readUint32())
      case wire.ARRAY_16:
        return this.readArray(this.readUint16())
      case wire.ARRAY_32:
        return this.readArray(this.readUint32())
      case wire.MAP_16:
        return this.readMap(this.readUint16())
      case wire.MAP_32:
        return this.readMap(this.readUint32())
      default:
        return this.readRare(tag)
    }
  }

  private readRare(tag: number): unknown {
    switch (tag) {
      case wire.BIN_8:
        return this.readBuffer(this.readUint8())
      case wire.BIN_16:
        return this.readBuffer(this.readUint16())
      case wire.BIN_32:
        return this.readBuffer(this.readUint32())
      case wire.EXT_8:
        return this.readExtension(this.readUint8())
      case wire.EXT_16:
        return this.readExtension(this.readUint16())
      case wire.EXT_32:
        return this.readExtension(this.readUint32())
      default:
        if (tag >= wire.FIXEXT_1 && tag <= wire.FIXEXT_16) return this.readExtension(1 << (tag - wire.FIXEXT_1))
        return this.readNumberOf(tag)
    }
  }

  private enter(): void {
    if (++this.depth > wire.READ_DEPTH_MAX) throw unreadable(`it is nested more than ${wire.READ_DEPTH_MAX} levels deep`)
  }

  /** Gives an object its number. Everything with an identity is numbered before its parts are read. */
  noteBegun<T>(object: T): T {
    if (this.begun !== undefined) this.begun.push(object)
    return object
  }

  private readArray(length: number): unknown[] {
    this.enter()
    const array: unknown[] = this.noteBegun(length <= PREALLOCATED_MAX ? new Array(length) : [])
    for (let i = 0; i < length; i++) array[i] = this.readValue()
    this.depth--
    return array
  }

  private readMap(count: number): Record<string, unknown> {
    return this.readEntriesInto(this.noteBegun({}), count)
  }

  /** The last of two equal keys wins, as in an object literal. */
  private readEntriesInto(object: Record<string, unknown>, count: number): Record<string, unknown> {
    this.enter()
    for (let i = 0; i < count; i++) {
      const key = this.readKey()
      if (key.inherited) define(object, key.text, this.readValue())
      else object[key.text] = this.readValue()
    }
    this.depth--
    return object
  }

  private readKey(): ReturnType<typeof knownKey> {
    const tag = this.at < this.end ? this.bytes[this.at]! : 0
    if (tag >= wire.FIXSTR && tag < wire.NIL) {
      this.at++
      return this.readShortKey(tag & 0x1f)
    }
    return knownKey(this.readText())
  }

  readText(): string {
    const text = this.readValue()
    if (typeof text !== 'string') throw unreadable(`it has a ${typeof text} where a string must be`)
    return text
  }

  /** For an error: fields of its own, which may have any name but are never assigned, because a class may have setters. */
  readFieldsInto(object: object): void {
    if (this.readUint8() !== wire.MAP_32) throw unreadable('an error in it has no fields')
    const count = this.readUint32()
    for (let i = 0; i < count; i++) define(object, this.readText(), this.readValue())
  }

  private readBuffer(length: number): Buffer {
    return this.noteBegun(this.copyOut(length))
  }

  /** The payload is read with its own end as the end, so that nothing in it can reach beyond. */
  private readExtension(length: number): unknown {
    const type = this.readUint8()
    const { end } = this
    const payloadEnd = this.at + length
    if (payloadEnd > end) throw unreadable('an extension in it ends too early')
    this.enter()
    this.end = payloadEnd
    const value = this.readPayload(type, length)
    if (this.at !== payloadEnd) throw unreadable('an extension in it has bytes left over')
    this.end = end
    this.depth--
    return value
  }

  private readPayload(type: number, length: number): unknown {
    switch (type) {
      case wire.EXT_UNDEFINED:
        return void this.take(length)
      case wire.EXT_BIGINT:
        return this.readBigInt(length)
      case wire.EXT_UTF_16:
        return this.readUtf16(length)
      case wire.EXT_DATE:
        return this.noteBegun(new Date(this.readNumber()))
      case wire.EXT_BINARY:
        return this.noteBegun(this.readBinary(length))
      case wire.EXT_URL:
        return this.noteBegun(new URL(this.readText()))
      case wire.EXT_REGEXP:
        return this.noteBegun(this.readRegExp())
      case wire.EXT_REF:
        return this.readRef()
      default:
        return this.readCompound(type)
    }
  }

  private readCompound(type: number): unknown {
    switch (type) {
      case wire.EXT_GRAPH:
        return this.readGraph()
      case wire.EXT_REPEAT:
        return this.readRepeat()
      case wire.EXT_MAP:
        return this.readMapInto(this.noteBegun(new Map()))
      case wire.EXT_SET:
        return this.readSetInto(this.noteBegun(new Set()))
      case wire.EXT_NULL_PROTOTYPE:
        return this.readNullPrototype()
      case wire.EXT_CLASS:
        return this.readInstance()
      case wire.EXT_ERROR:
        return readError(this)
      default:
        throw unreadable(`it has an extension of the unknown type ${type}`)
    }
  }

  private readBinary(length: number): ArrayBuffer | ArrayBufferView {
    const kind = this.readUint8()
    const buffer = this.copyOut(length - 1).buffer as ArrayBuffer
    if (kind === wire.KIND_ARRAY_BUFFER) return buffer
    if (kind === wire.KIND_DATA_VIEW) return new DataView(buffer)
    const Kind = wire.BINARY_KINDS[kind]
    if (Kind === undefined) throw unreadable(`it has binary data of the unknown kind ${kind}`)
    return new Kind(buffer)
  }

  private readRegExp(): RegExp {
    const pattern = new RegExp(this.readText(), this.readText())
    pattern.lastIndex = this.readNumber()
    return pattern
  }

  private readRef(): object {
    const seat = this.readIndex()
    const generation = this.readIndex()
    return this.refs.fromWire({ path: this.readText(), seat, generation })
  }

  private readNumber(): number {
    const value = this.readValue()
    if (typeof value !== 'number') throw unreadable(`it has a ${typeof value} where a number must be`)
    return value
  }

  private readIndex(): number {
    const value = this.readNumber()
    if (!Number.isSafeInteger(value) || value < 0) throw unreadable('a number in it is out of its range')
    return value
  }

  private readGraph(): unknown {
    if (this.begun !== undefined) throw unreadable('it has a graph within a graph')
    this.begun = []
    return this.readValue()
  }

  private readRepeat(): unknown {
    const number = this.readIndex()
    const { begun } = this
    if (begun === undefined || number >= begun.length || begun[number] === UNMADE)
      throw unreadable('it refers to an object that it does not have')
    return begun[number]
  }

  private readMapInto(map: Map<unknown, unknown>): Map<unknown, unknown> {
    while (this.at < this.end) map.set(this.readValue(), this.readValue())
    return map
  }

  private readSetInto(set: Set<unknown>): Set<unknown> {
    while (this.at < this.end) set.add(this.readValue())
    return set
  }

  private readNullPrototype(): object {
    const object: Record<string, unknown> = this.noteBegun(Object.create(null))
    const tag = this.readUint8()
    if (tag >= wire.FIXMAP && tag < wire.FIXARRAY) return this.readEntriesInto(object, tag & 0x0f)
    if (tag === wire.MAP_32) return this.readEntriesInto(object, this.readUint32())
    throw unreadable('an object without a prototype has no properties')
  }

  private readInstance(): unknown {
    const name = this.readText()
    const codec = codecNamed(name)
    if (codec === undefined)
      throw unreadable(
        `it has an instance of "${name}", which is not registered here. Call registerClass in the module that declares the class.`,
      )
    const number = this.begun === undefined ? 0 : this.begun.push(UNMADE) - 1
    const instance = codec.decode(this.readValue())
    if (this.begun !== undefined) this.begun[number] = instance
    return instance
  }
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}
