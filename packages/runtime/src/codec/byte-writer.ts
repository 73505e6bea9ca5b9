import { MessageTooLargeError } from '../base/errors.ts'
import * as wire from './wire.ts'

const SCRATCH_BYTES = 64 * 1024
/** A scratch buffer that one large message has grown is kept for a while, because large messages come in rows. */
const KEPT_BYTES_MAX = 1024 * 1024
const SMALL_IN_A_ROW_MAX = 64
/** Below this many characters a loop beats the call into native code (60 characters: 150 against 95 ns; 30: 60 against 90). */
const LOOP_CHARS_MAX = 48
/** Room for any number, header or small extension: asked for once per value. */
const SLACK_BYTES = 32

/** Buffer's own way for strings; `write` is the documented form of the same and slower by a third. */
interface Utf8Buffer extends Buffer {
  utf8Write(text: string, at: number): number
}

/** MessagePack into one scratch buffer that grows. Numbers and strings are the hot path: few branches, no allocation. */
export class ByteWriter {
  bytes: Utf8Buffer = allocate(SCRATCH_BYTES)
  view: DataView = viewOf(this.bytes)
  at = 0
  /** For the text of errors. */
  call = ''
  bytesMax = 0
  smallInARow = 0

  begin(call: string, bytesMax: number): void {
    this.at = wire.EXT_32_HEAD_BYTES
    this.call = call
    this.bytesMax = bytesMax
  }

  /** Makes room for `count` more bytes. Refuses before it allocates what could not be sent anyway. */
  ensure(count: number): void {
    if (this.at + count > this.bytes.length) this.grow(this.at + count)
  }

  private grow(needed: number): void {
    this.checkSize(needed - SLACK_BYTES - wire.EXT_32_HEAD_BYTES)
    const bytes = allocate(Math.max(needed, this.bytes.length * 2))
    bytes.set(this.bytes.subarray(0, this.at))
    this.bytes = bytes
    this.view = viewOf(bytes)
  }

  checkSize(bytes: number): void {
    if (bytes > this.bytesMax) throw new MessageTooLargeError(this.call, bytes, this.bytesMax)
  }

  /** One message of 64 MiB must not cost 64 MiB for ever. */
  shrink(): void {
    if (this.bytes.length <= KEPT_BYTES_MAX) return
    this.smallInARow = this.at > KEPT_BYTES_MAX ? 0 : this.smallInARow + 1
    if (this.smallInARow < SMALL_IN_A_ROW_MAX) return
    this.smallInARow = 0
    this.bytes = allocate(SCRATCH_BYTES)
    this.view = viewOf(this.bytes)
  }

  /** For callers that write a value of unknown kind: afterwards any number or header fits. */
  ensureSlack(): void {
    if (this.at + SLACK_BYTES > this.bytes.length) this.grow(this.at + SLACK_BYTES)
  }

  writeByte(byte: number): void {
    this.bytes[this.at++] = byte
  }

  writeUint16(tag: number, value: number): void {
    const { bytes, at } = this
    bytes[at] = tag
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value
    this.at = at + 3
  }

  writeUint32(tag: number, value: number): void {
    this.bytes[this.at] = tag
    this.view.setUint32(this.at + 1, value)
    this.at += 5
  }

  writeNumber(value: number): void {
    // −0 is equal to its own `| 0`, and only a float can carry it.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) this.writeInteger(value)
    else this.writeFloat(value)
  }

  private writeInteger(value: number): void {
    if (value < 0) this.writeNegative(value)
    else if (value < 0x80) this.writeByte(value)
    else if (value < 0x1_00) this.writePair(wire.UINT_8, value)
    else if (value < 0x1_00_00) this.writeUint16(wire.UINT_16, value)
    else this.writeUint32(wire.UINT_32, value)
  }

  private writeNegative(value: number): void {
    if (value >= -0x20) this.writeByte(value)
    else if (value >= -0x80) this.writePair(wire.INT_8, value)
    else if (value >= -0x80_00) this.writeUint16(wire.INT_16, value)
    else this.writeUint32(wire.INT_32, value)
  }

  private writePair(tag: number, byte: number): void {
    this.bytes[this.at++] = tag
    this.bytes[this.at++] = byte
  }

  writeFloat(value: number): void {
    this.bytes[this.at] = wire.FLOAT_64
    this.view.setFloat64(this.at + 1, value)
    this.at += 9
  }

  writeBigInt(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) this.write64(wire.INT_64, value)
    else if (BigInt.asUintN(64, value) === value) this.write64(wire.UINT_64, value)
    else this.writeLargeBigInt(value)
  }

  private write64(tag: number, value: bigint): void {
    this.bytes[this.at] = tag
    this.view.setBigUint64(this.at + 1, BigInt.asUintN(64, value))
    this.at += 9
  }

  private writeLargeBigInt(value: bigint): void {
    // Bits of the magnitude from its hexadecimal form, one for the sign, rounded up to bytes.
    const length = (value.toString(16).length * 4 + 1 + 7) >>> 3
    const hex = BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0')
    this.ensure(length + SLACK_BYTES)
    this.writeExtensionHead(wire.EXT_BIGINT, length)
    this.at += this.bytes.write(hex, this.at, 'hex')
  }

  writeString(text: string): void {
    const length = text.length
    if (length >= LOOP_CHARS_MAX) return this.writeLongString(text)
    this.ensure(length + SLACK_BYTES)
    const bytes = this.bytes
    let at = this.at
    if (length < 0x20) bytes[at++] = wire.FIXSTR | length
    else {
      bytes[at++] = wire.STR_8
      bytes[at++] = length
    }
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) return this.writeLongString(text)
      bytes[at++] = unit
    }
    this.at = at
  }

  /** UTF-8 has up to three bytes for a code unit: the size of the header is chosen for the most there could be. */
  private writeLongString(text: string): void {
    if (!text.isWellFormed()) return this.writeUtf16(text)
    const bytesMax = text.length * 3
    if (bytesMax >= 0x1_00_00) return this.writeHugeString(text)
    this.ensure(bytesMax + SLACK_BYTES)
    const headBytes = bytesMax < 0x1_00 ? 2 : 3
    const length = this.bytes.utf8Write(text, this.at + headBytes)
    if (headBytes === 2) this.writePair(wire.STR_8, length)
    else this.writeUint16(wire.STR_16, length)
    this.at += length
  }

  private writeHugeString(text: string): void {
    const length = Buffer.byteLength(text)
    this.ensure(length + SLACK_BYTES)
    this.writeUint32(wire.STR_32, length)
    this.at += this.bytes.utf8Write(text, this.at)
  }

  private writeUtf16(text: string): void {
    this.ensure(text.length * 2 + SLACK_BYTES)
    this.writeExtensionHead(wire.EXT_UTF_16, text.length * 2)
    this.at += this.bytes.write(text, this.at, 'utf16le')
  }

  writeBin(bytes: Uint8Array): void {
    const { length } = bytes
    this.ensure(length + SLACK_BYTES)
    if (length < 0x1_00) this.writePair(wire.BIN_8, length)
    else if (length < 0x1_00_00) this.writeUint16(wire.BIN_16, length)
    else this.writeUint32(wire.BIN_32, length)
    this.writeRaw(bytes)
  }

  /** The caller has made room. */
  writeRaw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** An extension whose length is known; the payload is the caller's to write, and to make room for. */
  writeExtensionHead(type: number, length: number): void {
    if (length < 0x1_00) this.writePair(wire.EXT_8, length)
    else if (length < 0x1_00_00) this.writeUint16(wire.EXT_16, length)
    else this.writeUint32(wire.EXT_32, length)
    this.writeByte(type)
  }

  /** An extension whose length is not known yet. Returns what `endExtension` needs. */
  beginExtension(type: number): number {
    this.ensureSlack()
    this.writeUint32(wire.EXT_32, 0)
    this.writeByte(type)
    return this.at
  }

  endExtension(payload: number): void {
    this.view.setUint32(payload - 5, this.at - payload)
  }
}

function allocate(length: number): Utf8Buffer {
  // Not from Node's pool: its neighbours are not ours to show.
  return Buffer.allocUnsafeSlow(length) as Utf8Buffer
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
