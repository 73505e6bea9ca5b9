import * as F from './layout.ts'

const TEXTS_KEPT = 1_024

/** What a frozen object has: the same for all that were made in the same way. */
export interface Shape {
  readonly keys: readonly string[]
  readonly places: ReadonlyMap<string, number>
}

export type FrozenName = readonly [number, number]

/** Makes what the user sees of an object. */
export type MakeView = (table: FrozenTable, kind: number, at: number) => unknown

/** A part of a frozen value: which memory, what it is, and where its header lies. */
export interface FrozenPlace {
  readonly table: FrozenTable
  readonly kind: number
  readonly at: number
}

/** The memory of one frozen value, as one thread reads it. Nothing is decoded before somebody asks for it. */
export class FrozenTable {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array
  readonly #floats: Float64Array
  readonly #bytes: Buffer
  readonly #makeView: MakeView
  readonly #shapes = new Map<number, Shape>()
  readonly #textCells = new Int32Array(TEXTS_KEPT)
  readonly #texts = new Array<string>(TEXTS_KEPT).fill('')

  constructor(memory: SharedArrayBuffer, makeView: MakeView) {
    this.memory = memory
    this.#makeView = makeView
    const cells = memory.byteLength / F.CELL_BYTES
    // With explicit lengths: views that follow a growing buffer are 10 to 30 times slower.
    this.words = new Int32Array(memory, 0, cells * 2)
    this.#floats = new Float64Array(memory, 0, cells)
    this.#bytes = Buffer.from(memory, 0, memory.byteLength)
  }

  /** Says in every thread which value it is. */
  get name(): FrozenName {
    return [this.words[F.NAME_CELL * 2]!, this.words[F.NAME_CELL * 2 + 1]!]
  }

  /** The first of a header's two numbers: a length, a size, a shape. */
  sizeAt(at: number): number {
    return this.words[at * 2]! >>> 0
  }

  read(cell: number): unknown {
    const high = this.words[cell * 2 + 1]!
    if (high >>> 0 < F.TAGGED) return this.#floats[cell]
    const at = this.words[cell * 2]! >>> 0
    switch (high & 0xff) {
      case F.TEXT:
        return this.text(at)
      case F.UNDEFINED:
        return undefined
      case F.NULL:
        return null
      case F.FALSE:
        return false
      case F.TRUE:
        return true
      case F.DATE:
        return new Date(this.#floats[at]!)
      case F.BIGINT:
        return BigInt(this.text(at))
      default:
        return this.#makeView(this, high & 0xff, at)
    }
  }

  /** Strings are made when they are looked at; those of the latest looks are kept. */
  text(at: number): string {
    const slot = at & (TEXTS_KEPT - 1)
    if (this.#textCells[slot] === at) return this.#texts[slot]!
    const text = this.#decode(at)
    this.#textCells[slot] = at
    this.#texts[slot] = text
    return text
  }

  #decode(at: number): string {
    const length = this.words[at * 2]! >>> 1
    const start = (at + 1) * F.CELL_BYTES
    const isWide = (this.words[at * 2]! & 1) !== 0
    return isWide ? this.#bytes.toString('utf16le', start, start + length * 2) : this.#bytes.toString('latin1', start, start + length)
  }

  shape(at: number): Shape {
    const known = this.#shapes.get(at)
    if (known !== undefined) return known
    const keys = Array.from({ length: this.sizeAt(at) }, (_, i) => this.read(at + 1 + i) as string)
    const shape = { keys, places: new Map(keys.map((key, i) => [key, i])) }
    this.#shapes.set(at, shape)
    return shape
  }

  /**
   * The number of a key in a map (`stride` 2) or a set (1), or −1.
   *
   * @param at its header
   */
  find(at: number, stride: number, key: unknown): number {
    const hash = F.hashKey(key)
    if (hash === undefined) return -1
    const { words } = this
    const mask = 2 ** words[at * 2 + 1]! - 1
    const index = at + 1 + this.sizeAt(at) * stride
    for (let slot = hash & mask, looks = 0; looks <= mask; slot = (slot + 1) & mask, looks++) {
      const number = words[(index + slot) * 2 + 1]! - 1
      if (number < 0) return -1
      if (words[(index + slot) * 2] === hash && this.#isKey(at + 1 + number * stride, key)) return number
    }
    return -1
  }

  #isKey(cell: number, key: unknown): boolean {
    if (typeof key !== 'string') return sameValueZero(this.read(cell), key)
    return this.words[cell * 2 + 1] === (F.TAGGED | F.TEXT) && this.#isText(this.words[cell * 2]! >>> 0, key)
  }

  /** Compared where it lies: to make a string of it would cost more than the rest of a look-up. */
  #isText(at: number, text: string): boolean {
    const header = this.words[at * 2]!
    const { length } = text
    if (header >>> 1 !== length) return false
    const bytes = this.#bytes
    const start = (at + 1) * F.CELL_BYTES
    if ((header & 1) !== 0) return this.text(at) === text
    for (let i = 0; i < length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  /** A copy. */
  bytesAt(at: number): Uint8Array<ArrayBuffer> {
    const start = (at + 1) * F.CELL_BYTES
    return new Uint8Array(this.#bytes.subarray(start, start + this.sizeAt(at)))
  }

  /** Where the bytes begin in the memory. */
  byteOffset(at: number): number {
    return (at + 1) * F.CELL_BYTES
  }
}

function sameValueZero(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b)
}
