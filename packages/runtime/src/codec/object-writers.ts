import { Refusal } from './refusal.ts'
import type { ValueWriter } from './value-writer.ts'
import * as wire from './wire.ts'

/**
 * One writer per built-in class, found by prototype. Every one reads the value through the class's own methods: an instance
 * may have shadowed them, and a fake (`Object.create(Date.prototype)`) is told by the TypeError they throw.
 */
type Write = (writer: ValueWriter, object: never) => void

export function builtInWriter(prototype: object): ((writer: ValueWriter, object: object) => void) | undefined {
  return WRITERS.get(prototype) as ((writer: ValueWriter, object: object) => void) | undefined
}

const WRITERS = new Map<object, Write>([
  [Date.prototype, writeDate],
  [RegExp.prototype, writeRegExp],
  [URL.prototype, writeUrl],
  [Map.prototype, writeMap],
  [Set.prototype, writeSet],
  [ArrayBuffer.prototype, writeArrayBuffer],
  [DataView.prototype, writeDataView],
  [Buffer.prototype, writeBuffer],
])
wire.BINARY_KINDS.forEach((kind, number) => {
  WRITERS.set(kind.prototype, (writer: ValueWriter, array: ArrayBufferView) => writeBinary(writer, number, bytesOfTypedArray(array)))
})

const TypedArray: object = Object.getPrototypeOf(Uint8Array.prototype)
const getter = (prototype: object, name: string) => Object.getOwnPropertyDescriptor(prototype, name)!.get!

const { getTime } = Date.prototype
const mapEntries = Map.prototype.entries
const setValues = Set.prototype.values
const { slice } = ArrayBuffer.prototype
const sourceOf = getter(RegExp.prototype, 'source')
const flagsOf = getter(RegExp.prototype, 'flags')
const hrefOf = getter(URL.prototype, 'href')
const typedBuffer = getter(TypedArray, 'buffer')
const typedOffset = getter(TypedArray, 'byteOffset')
const typedLength = getter(TypedArray, 'byteLength')
const viewBuffer = getter(DataView.prototype, 'buffer')
const viewOffset = getter(DataView.prototype, 'byteOffset')
const viewLength = getter(DataView.prototype, 'byteLength')
const resizable = getter(ArrayBuffer.prototype, 'resizable')

/** A Date with a field of its own would arrive without it. */
function refuseExtras(object: object): void {
  const extra = Object.keys(object)[0] ?? Object.getOwnPropertySymbols(object)[0]
  if (extra !== undefined) throw new Refusal(`it has a property of its own, ${String(extra)}, which would be lost.`)
}

function writeDate(writer: ValueWriter, date: Date): void {
  refuseExtras(date)
  writer.writeExtensionHead(wire.EXT_DATE, 9)
  writer.writeFloat(getTime.call(date))
}

function writeRegExp(writer: ValueWriter, pattern: RegExp): void {
  refuseExtras(pattern)
  const payload = writer.beginExtension(wire.EXT_REGEXP)
  writer.writeString(sourceOf.call(pattern))
  writer.writeString(flagsOf.call(pattern))
  writer.writeValue(pattern.lastIndex)
  writer.endExtension(payload)
}

function writeUrl(writer: ValueWriter, url: URL): void {
  refuseExtras(url)
  const payload = writer.beginExtension(wire.EXT_URL)
  writer.writeString(hrefOf.call(url))
  writer.endExtension(payload)
}

function writeMap(writer: ValueWriter, map: Map<unknown, unknown>): void {
  refuseExtras(map)
  const payload = writer.beginExtension(wire.EXT_MAP)
  const depth = writer.enter()
  let number = 0
  for (const [key, value] of mapEntries.call(map)) {
    writer.steps[depth] = { of: 'key', at: number++ }
    writer.writeValue(key)
    writer.steps[depth] = { of: 'value', at: key }
    writer.writeValue(value)
  }
  writer.forgetStep(depth)
  writer.leave(depth)
  writer.endExtension(payload)
}

function writeSet(writer: ValueWriter, set: Set<unknown>): void {
  refuseExtras(set)
  const payload = writer.beginExtension(wire.EXT_SET)
  const depth = writer.enter()
  let number = 0
  for (const value of setValues.call(set)) {
    writer.steps[depth] = { of: 'member', at: number++ }
    writer.writeValue(value)
  }
  writer.forgetStep(depth)
  writer.leave(depth)
  writer.endExtension(payload)
}

function writeArrayBuffer(writer: ValueWriter, buffer: ArrayBuffer): void {
  refuseExtras(buffer)
  if (resizable.call(buffer)) throw new Refusal('it is a resizable ArrayBuffer. Send buffer.slice().')
  writeBinary(writer, wire.KIND_ARRAY_BUFFER, bytesOf(buffer, 0, buffer.byteLength))
}

function writeDataView(writer: ValueWriter, view: DataView): void {
  refuseExtras(view)
  writeBinary(writer, wire.KIND_DATA_VIEW, bytesOf(viewBuffer.call(view), viewOffset.call(view), viewLength.call(view)))
}

function writeBuffer(writer: ValueWriter, buffer: Buffer): void {
  writer.writeBin(bytesOfTypedArray(buffer))
}

/** The view's own bytes, never its neighbours in the buffer: a Buffer's is shared with half the process. */
function writeBinary(writer: ValueWriter, kind: number, bytes: Uint8Array): void {
  writer.ensure(bytes.length + wire.EXT_32_HEAD_BYTES + 1)
  writer.writeExtensionHead(wire.EXT_BINARY, bytes.length + 1)
  writer.writeByte(kind)
  writer.writeRaw(bytes)
}

function bytesOfTypedArray(array: ArrayBufferView): Uint8Array {
  return bytesOf(typedBuffer.call(array), typedOffset.call(array), typedLength.call(array))
}

function bytesOf(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  if (buffer instanceof SharedArrayBuffer) throw new Refusal('it is a view of shared memory. Use share(…).')
  if (length === 0) refuseDetached(buffer)
  return new Uint8Array(buffer, offset, length)
}

/** A detached buffer looks empty. `detached` is not there on every Node; `slice` throws. */
function refuseDetached(buffer: ArrayBuffer): void {
  try {
    slice.call(buffer, 0, 0)
  } catch {
    throw new Refusal('its bytes have been moved elsewhere (the ArrayBuffer is detached).')
  }
}
