import type { Copier } from './copier.ts'
import { Refusal } from './refusal.ts'
import * as wire from './wire.ts'
import { Tagged } from './wire.ts'

/**
 * One way for each built-in class, found by prototype. Every one reads the value through the class's own methods: an instance
 * may have shadowed them, and a fake (`Object.create(Date.prototype)`) is told by the TypeError they throw.
 */
type Copy = (copier: Copier, object: never) => unknown

export function builtInCopy(prototype: object): ((copier: Copier, object: object) => unknown) | undefined {
  return COPIES.get(prototype) as ((copier: Copier, object: object) => unknown) | undefined
}

const getter = (prototype: object, name: string) => Object.getOwnPropertyDescriptor(prototype, name)!.get!
const sourceOf = getter(RegExp.prototype, 'source')
const flagsOf = getter(RegExp.prototype, 'flags')
const hrefOf = getter(URL.prototype, 'href')
const isResizable = getter(ArrayBuffer.prototype, 'resizable')

const COPIES = new Map<object, Copy>([
  [Date.prototype, copyDate],
  [RegExp.prototype, copyRegExp],
  [URL.prototype, copyUrl],
  [Map.prototype, copyMap],
  [Set.prototype, copySet],
  [ArrayBuffer.prototype, checkArrayBuffer],
  [DataView.prototype, checkDataView],
  ...[Buffer, ...wire.BINARY_KINDS].map((Kind) => [Kind.prototype as object, checkView] as const),
])

/** A Date with a field of its own would arrive without it. */
function refuseExtras(object: object): void {
  const extra = Object.keys(object)[0] ?? Object.getOwnPropertySymbols(object)[0]
  if (extra !== undefined) throw new Refusal(`it has a property of its own, ${String(extra)}, which would be lost.`)
}

function copyDate(_: Copier, date: Date): Date {
  refuseExtras(date)
  return new Date(Date.prototype.getTime.call(date))
}

function copyRegExp(copier: Copier, pattern: RegExp): Tagged {
  refuseExtras(pattern)
  const { lastIndex } = pattern
  return new Tagged([wire.REGEXP, copier.copyText(sourceOf.call(pattern)), copier.copyText(flagsOf.call(pattern)), copier.copy(lastIndex)])
}

function copyUrl(copier: Copier, url: URL): Tagged {
  refuseExtras(url)
  return new Tagged([wire.URL_KIND, copier.copyText(hrefOf.call(url))])
}

function copyMap(copier: Copier, map: Map<unknown, unknown>): Tagged {
  refuseExtras(map)
  const parts: unknown[] = [wire.MAP]
  const entered = copier.enter()
  let number = 0
  for (const [key, value] of Map.prototype.entries.call(map)) {
    parts.push(copier.copyPart(entered, { of: 'key', at: number++ }, key))
    parts.push(copier.copyPart(entered, { of: 'value', at: key }, value))
  }
  copier.leave(entered)
  return new Tagged(parts)
}

function copySet(copier: Copier, set: Set<unknown>): Tagged {
  refuseExtras(set)
  const parts: unknown[] = [wire.SET]
  const entered = copier.enter()
  let number = 0
  for (const value of Set.prototype.values.call(set)) parts.push(copier.copyPart(entered, { of: 'member', at: number++ }, value))
  copier.leave(entered)
  return new Tagged(parts)
}

/** Bytes are not copied here: msgpackr does, and takes a view's own, never its neighbours in the buffer. */
function checkView(copier: Copier, view: ArrayBufferView): ArrayBufferView {
  if (view.buffer instanceof SharedArrayBuffer)
    throw new Refusal('it is a view of shared memory. To have both sides see it, send share(array); otherwise send a copy.')
  if (view.byteLength === 0) refuseDetached(view.buffer)
  copier.count(view.byteLength)
  return view
}

function checkDataView(copier: Copier, view: DataView): ArrayBufferView {
  refuseExtras(view)
  return checkView(copier, view)
}

function checkArrayBuffer(copier: Copier, buffer: ArrayBuffer): ArrayBuffer {
  refuseExtras(buffer)
  if (isResizable.call(buffer)) throw new Refusal('it is a resizable ArrayBuffer. Send buffer.slice().')
  refuseDetached(buffer)
  copier.count(buffer.byteLength)
  return buffer
}

/** A detached buffer looks empty. `detached` is not there on every Node; `slice` throws. */
function refuseDetached(buffer: ArrayBuffer): void {
  try {
    ArrayBuffer.prototype.slice.call(buffer, 0, 0)
  } catch {
    throw new Refusal('its bytes have been moved elsewhere (the ArrayBuffer is detached).')
  }
}
