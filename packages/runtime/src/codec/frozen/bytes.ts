import * as wire from '../wire.ts'
import * as F from './layout.ts'
import type { FrozenPlace, FrozenTable } from './table.ts'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

type Readable = { readonly length: number; readonly [i: number]: number | bigint }

/** The bytes of a Buffer, an ArrayBuffer or a typed array, to be read one by one, or copied. */
export class FrozenBytes<T = Uint8Array> implements Iterable<number | bigint> {
  readonly #table: FrozenTable
  readonly #at: number
  /** Never given away: whoever has it can write. */
  readonly #items: Readable
  readonly byteLength: number

  /** Used by the runtime: freeze() makes them. */
  constructor(table: FrozenTable, at: number) {
    this.#table = table
    this.#at = at
    this.byteLength = table.sizeAt(at)
    this.#items = itemsOf(table.memory, table.byteOffset(at), this.byteLength, table.words[at * 2 + 1]!)
  }

  static placeOf(view: object): FrozenPlace | undefined {
    return #table in view ? { table: view.#table, kind: F.BYTES, at: view.#at } : undefined
  }

  /** Of the items; bytes for a Buffer and an ArrayBuffer. */
  get length(): number {
    return this.#items.length
  }

  /** As of an array: from the end when it is negative, undefined outside. */
  at(index: number): (T extends BigInt64Array | BigUint64Array ? bigint : number) | undefined {
    return this.#items[index < 0 ? this.length + index : index] as never
  }

  /** A copy, of the class that was frozen. */
  copy(): T {
    const bytes = this.#table.bytesAt(this.#at)
    return ofKind(bytes.buffer, this.#table.words[this.#at * 2 + 1]!) as T
  }

  *[Symbol.iterator](): Generator<T extends BigInt64Array | BigUint64Array ? bigint : number> {
    for (let i = 0; i < this.length; i++) yield this.#items[i] as never
  }

  get [Symbol.toStringTag](): string {
    return 'FrozenBytes'
  }

  [INSPECT](): unknown {
    return this.copy()
  }
}

function itemsOf(memory: SharedArrayBuffer, offset: number, bytes: number, kind: number): Readable {
  const Kind = wire.BINARY_KINDS[kind - 1] ?? Uint8Array
  return new Kind(memory as never, offset, bytes / Kind.BYTES_PER_ELEMENT)
}

function ofKind(buffer: ArrayBuffer, kind: number): unknown {
  if (kind === wire.ARRAY_BUFFER_KIND) return buffer
  if (kind === wire.BUFFER_KIND) return Buffer.from(buffer)
  return new wire.BINARY_KINDS[kind - 1]!(buffer)
}
