import { addExtension, Packr } from 'msgpackr/pack'
import { clearSource, Unpackr } from 'msgpackr/unpack'
import { UnreadableMessageError } from '../base/errors.ts'
import type { Encoded } from './encoded.ts'
import { isStackOverflow } from './refusal.ts'
import { EXT_DATE, EXT_TAGGED, Tagged } from './wire.ts'

/*
 * The only file that calls msgpackr, and the reasons for how it does.
 *
 * - msgpackr keeps its buffer and its extensions per module, not per instance. What we build holds a private copy of it, so
 *   the extensions that are overridden here are nobody else's. `./pack` and `./unpack` are its entries without native code.
 * - While a message is packed or unpacked nothing of the user's runs: it packs a copy, in which values that need more than
 *   msgpackr have been replaced (copier.ts), and they are made after it has read (reviver.ts).
 */

const SCRATCH_BYTES = 64 * 1024
/** A scratch buffer that one large message has grown is kept for a while, because large messages come in rows. */
const KEPT_BYTES_MAX = 1024 * 1024
const SMALL_IN_A_ROW_MAX = 64
/** msgpackr: return the buffer itself with `start` and `end`, and begin at the same place next time. */
const REUSED = 512 | 1024
const EXTENSIONS_MAX = 0xff
/** Of msgpackr's table of keys. */
const KEY_SLOTS = 4_096
/** Those of msgpackr that we use: undefined, large bigints, typed arrays. */
const KEPT_EXTENSIONS = [0x00, 0x42, 0x74]

const OPTIONS = { useRecords: false, mapsAsObjects: true, copyBuffers: true, moreTypes: true, useToJSON: false } as const

/** Whatever msgpackr is not meant to see: what comes here is the copier's copy, and holds nothing else. */
class Unexpected {
  static [Symbol.hasInstance](value: unknown): boolean {
    return !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)
  }
}

function refuseUnexpected(): never {
  throw new TypeError('it changed while it was being read')
}

function refuseExtension(): never {
  throw unreadable('it has an extension that is never written')
}

function readDate(time: unknown): Date {
  if (typeof time !== 'number') throw unreadable('a Date in it has no time')
  return new Date(time)
}

function readTagged(parts: unknown): Tagged {
  if (!Array.isArray(parts)) throw unreadable('an extension in it has no parts')
  return new Tagged(parts)
}

interface Machinery {
  readonly packr: Packr
  readonly unpackr: Unpackr
  /** What msgpackr gives for the byte that is never used: one object for all of them. */
  readonly neverUsed: unknown
}

let made: Machinery | undefined

/** Made for the first message that is not plain: an isolate starts sooner without it, and many never need it. */
function machinery(): Machinery {
  if (made !== undefined) return made
  for (let type = 1; type <= EXTENSIONS_MAX; type++) {
    if (!KEPT_EXTENSIONS.includes(type)) addExtension({ type, unpack: refuseExtension })
  }
  // The one that is registered last is asked first.
  addExtension({ Class: Unexpected, write: refuseUnexpected })
  addExtension({ Class: Date, type: EXT_DATE, write: (date: Date) => date.getTime(), read: readDate })
  addExtension({ Class: Tagged, type: EXT_TAGGED, write: ({ parts }: Tagged) => parts, read: readTagged })
  const packr = new Packr({ ...OPTIONS, writeFunction: refuseUnexpected })
  // A Map would be written as an object: this option is looked at for nothing else, and before one.
  Object.defineProperty(packr, 'mapAsEmptyObject', { get: refuseUnexpected })
  packr.useBuffer(Buffer.allocUnsafeSlow(SCRATCH_BYTES))
  const unpackr = new Unpackr({ ...OPTIONS })
  // Records (0x72) are built into msgpackr's reader: a table of them that cannot be written to refuses every definition.
  Object.assign(unpackr, { structures: Object.freeze(Object.assign([], { sharedLength: 0 })) })
  made = { packr, unpackr, neverUsed: unpackr.unpack(Buffer.of(0xc1)) }
  return made
}

/** Whether it stands for a byte that begins no value, in what `unpack` has given. */
export function isNeverUsed(value: unknown): boolean {
  return made !== undefined && value === made.neverUsed
}

/** What every message that is not packed in the middle of another is returned in. */
const encoded: { bytes: Uint8Array; start: number; end: number } = { bytes: new Uint8Array(0), start: 0, end: 0 }
let packing = 0
let smallInARow = 0

/** Throws whatever msgpackr throws; a value of which nothing is replaced may throw anything, because its getters run. */
export function pack(value: unknown): Encoded {
  packing++
  try {
    const bytes = machinery().packr.pack(value, REUSED) as Buffer & { start: number; end: number }
    const { start, end } = bytes
    if (packing > 1) return { bytes, start, end }
    if (bytes.length > KEPT_BYTES_MAX) shrink(end - start)
    encoded.bytes = bytes
    encoded.start = start
    encoded.end = end
    return encoded
  } finally {
    packing--
  }
}

/** One message of 64 MiB must not cost 64 MiB for ever. The message at hand keeps its buffer. */
function shrink(used: number): void {
  smallInARow = used > KEPT_BYTES_MAX ? 0 : smallInARow + 1
  if (smallInARow < SMALL_IN_A_ROW_MAX) return
  smallInARow = 0
  machinery().packr.useBuffer(Buffer.allocUnsafeSlow(SCRATCH_BYTES))
}

const NOTHING = new Uint8Array(0)
let lent: Uint8Array = NOTHING
let source: Buffer = Buffer.alloc(0)
const bounds = { start: 0, end: 0 }
let areKeysSpoiled = false

/**
 * Reads plain values and Tagged ones, which are to be revived. The buffers that are read from are few and come again and
 * again: msgpackr is faster with a Buffer that it has seen.
 */
export function unpack(bytes: Uint8Array, start: number, end: number): unknown {
  if (end <= start) throw unreadable('it ends too early')
  if (bytes !== lent) lend(bytes)
  bounds.start = start
  bounds.end = end
  try {
    if (areKeysSpoiled) restoreKeys()
    return machinery().unpackr.unpack(source, bounds)
  } catch (thrown) {
    // If the stack has ended at the wrong place, msgpackr believes that it is still reading.
    clearSource()
    areKeysSpoiled ||= isStackOverflow(thrown)
    throw thrown instanceof Error && thrown.message.startsWith('Data read') ? unreadable('bytes are left over') : thrown
  } finally {
    if (bytes.length > KEPT_BYTES_MAX) lend(NOTHING)
  }
}

/**
 * msgpackr keeps short keys in slots, found by their length and first bytes. If the stack ends while it fills one, it reads
 * that key as `undefined` from then on. Keys of two bytes reach every slot, and take the place of what is there.
 */
function restoreKeys(): void {
  const message = Buffer.from([0x81, 0xa2, 0, 0, 0xc0])
  const { unpackr } = machinery()
  for (let slot = 0; slot < KEY_SLOTS; slot++) {
    message.writeUInt16BE(slot, 2)
    unpackr.unpack(message)
  }
  areKeysSpoiled = false
}

function lend(bytes: Uint8Array): void {
  lent = bytes
  source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function unreadable(why: string, cause?: unknown): UnreadableMessageError {
  return new UnreadableMessageError(why, cause === undefined ? undefined : { cause })
}
