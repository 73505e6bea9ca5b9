import { NotSendableError } from '../../base/errors.ts'
import { describe, pathOf, Refusal, type Step, whyNot } from '../refusal.ts'
import * as wire from '../wire.ts'
import { FrozenBytes } from './bytes.ts'
import { FrozenMap, FrozenSet } from './collections.ts'
import * as F from './layout.ts'
import { isFrozenArray, isFrozenRecord } from './views.ts'

const FIRST_CELLS = 8 * 1024
/** Short texts come again and again; long ones would only fill a table. */
const INTERNED_CHARS_MAX = 64

/** Lays one value out (layout.ts). Objects that are repeated, or contain themselves, lie there once. */
export class FrozenWriter {
  #words = new Int32Array(FIRST_CELLS * 2)
  #floats = new Float64Array(this.#words.buffer)
  #bytes = Buffer.from(this.#words.buffer)
  #next = F.FIRST_FREE_CELL
  readonly #texts = new Map<string, number>()
  readonly #shapes = new Map<string, number>()
  /** Kind and place of every object begun. */
  readonly #begun = new Map<object, readonly [kind: number, at: number]>()
  readonly #steps: Step[] = []

  /** @throws {NotSendableError} with the path of what cannot be frozen */
  static write(value: unknown): SharedArrayBuffer {
    const writer = new FrozenWriter()
    try {
      writer.#put(F.VALUE_CELL, value)
      writer.#header(F.NAME_CELL, ...randomName())
    } catch (thrown) {
      throw writer.#asError(thrown)
    }
    return writer.#finish()
  }

  #asError(thrown: unknown): unknown {
    if (thrown instanceof RangeError) return thrown
    const why = thrown instanceof Refusal ? thrown.message : `reading it threw ${describe(thrown)}.`
    const error = new NotSendableError(pathOf('value', this.#steps), why, 'freeze()')
    if (!(thrown instanceof Refusal)) error.cause = thrown
    return error
  }

  #finish(): SharedArrayBuffer {
    const bytes = this.#next * F.CELL_BYTES
    const memory = new SharedArrayBuffer(bytes)
    new Uint8Array(memory).set(this.#bytes.subarray(0, bytes))
    return memory
  }

  /** Returns the first of so many new cells. They are zero. */
  #claim(cells: number): number {
    const first = this.#next
    this.#next += cells
    if (this.#next > this.#floats.length) this.#grow()
    return first
  }

  #grow(): void {
    const words = new Int32Array(Math.max(this.#next, this.#floats.length * 2) * 2)
    words.set(this.#words)
    this.#words = words
    this.#floats = new Float64Array(words.buffer)
    this.#bytes = Buffer.from(words.buffer)
  }

  #tag(cell: number, kind: number, at = 0): void {
    this.#words[cell * 2] = at
    this.#words[cell * 2 + 1] = F.TAGGED | kind
  }

  #header(at: number, first: number, second: number): void {
    this.#words[at * 2] = first
    this.#words[at * 2 + 1] = second
  }

  #put(cell: number, value: unknown): void {
    switch (typeof value) {
      case 'number':
        return this.#putNumber(cell, value)
      case 'string':
        return this.#tag(cell, F.TEXT, this.#text(value))
      case 'boolean':
        return this.#tag(cell, value ? F.TRUE : F.FALSE)
      case 'undefined':
        return this.#tag(cell, F.UNDEFINED)
      case 'bigint':
        return this.#tag(cell, F.BIGINT, this.#text(String(value)))
      case 'object':
        return value === null ? this.#tag(cell, F.NULL) : this.#putObject(cell, value)
      default:
        throw new Refusal(whyNot(value))
    }
  }

  #putNumber(cell: number, value: number): void {
    if (Number.isNaN(value)) this.#header(cell, 0, F.NOT_A_NUMBER)
    else this.#floats[cell] = value
  }

  #text(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const { length } = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is one byte in Latin-1.
    const isNarrow = /^[\u0000-\u00ff]*$/.test(text)
    const at = this.#claim(1 + Math.ceil((isNarrow ? length : length * 2) / F.CELL_BYTES))
    this.#header(at, length * 2 + (isNarrow ? 0 : 1), F.hashText(text))
    this.#bytes.write(text, (at + 1) * F.CELL_BYTES, isNarrow ? 'latin1' : 'utf16le')
    if (length <= INTERNED_CHARS_MAX) this.#texts.set(text, at)
    return at
  }

  #putObject(cell: number, object: object): void {
    const begun = this.#begun.get(object)
    if (begun !== undefined) return this.#tag(cell, ...begun)
    if (this.#steps.length >= wire.DEPTH_MAX) throw new Refusal(`it is nested more than ${wire.DEPTH_MAX} levels deep.`)
    const prototype: object | null = Object.getPrototypeOf(object)
    if (Array.isArray(object) && (prototype === Array.prototype || isFrozenArray(object))) return this.#putArray(cell, object)
    if (prototype === Object.prototype || prototype === null || isFrozenRecord(object)) return this.#putPlain(cell, object)
    if (prototype === Map.prototype || object instanceof FrozenMap) return this.#putMap(cell, object as Map<unknown, unknown>)
    if (prototype === Set.prototype || object instanceof FrozenSet) return this.#putSet(cell, object as Set<unknown>)
    if (prototype === Date.prototype) return this.#putDate(cell, object as Date)
    if (object instanceof FrozenBytes) return this.#put(cell, object.copy())
    const kind = prototype === null ? -1 : wire.BINARY_PROTOTYPES.indexOf(prototype)
    if (kind >= 0) return this.#putBytes(cell, object as ArrayBuffer, kind)
    throw new Refusal(whyNot(object))
  }

  #begin(cell: number, object: object, kind: number, at: number): void {
    this.#begun.set(object, [kind, at])
    this.#tag(cell, kind, at)
  }

  #putPart(cell: number, step: Step, part: unknown): void {
    this.#steps.push(step)
    this.#put(cell, part)
    this.#steps.pop()
  }

  #putArray(cell: number, array: readonly unknown[]): void {
    const { length } = array
    const at = this.#claim(1 + length)
    this.#header(at, length, 0)
    this.#begin(cell, array, F.ARRAY, at)
    for (let i = 0; i < length; i++) {
      if (array[i] === undefined && !(i in array)) {
        this.#steps.push(i)
        throw new Refusal('it is a hole in a sparse array. Fill it, or use a Map.')
      }
      this.#putPart(at + 1 + i, i, array[i])
    }
  }

  #putPlain(cell: number, object: object): void {
    const [symbol] = Object.getOwnPropertySymbols(object)
    if (symbol !== undefined) throw new Refusal(`it has a key that is a symbol, ${describe(symbol)}, which would be lost.`)
    const keys = Object.keys(object)
    const source = object as Record<string, unknown>
    if (keys.length > F.SHAPE_KEYS_MAX) {
      const entries = keys.map((key) => [key, source[key]] as const)
      return this.#putEntries(cell, object, F.DICT, entries, (key) => String(key))
    }
    const shape = this.#shape(keys)
    const at = this.#claim(1 + keys.length)
    this.#header(at, shape, 0)
    this.#begin(cell, object, F.RECORD, at)
    keys.forEach((key, i) => void this.#putPart(at + 1 + i, key, source[key]))
  }

  #shape(keys: readonly string[]): number {
    const name = JSON.stringify(keys)
    const known = this.#shapes.get(name)
    if (known !== undefined) return known
    const at = this.#claim(1 + keys.length)
    this.#header(at, keys.length, 0)
    keys.forEach((key, i) => void this.#put(at + 1 + i, key))
    this.#shapes.set(name, at)
    return at
  }

  #putMap(cell: number, map: Map<unknown, unknown>): void {
    this.#putEntries(cell, map, F.MAP, [...map], (key) => ({ of: 'value', at: key }))
  }

  #putEntries(
    cell: number,
    of: object,
    kind: number,
    entries: readonly (readonly [unknown, unknown])[],
    step: (key: unknown) => Step,
  ): void {
    const { length } = entries
    const bits = F.indexBits(length)
    const at = this.#claim(1 + length * 2 + 2 ** bits)
    this.#header(at, length, bits)
    this.#begin(cell, of, kind, at)
    entries.forEach(([key, value], i) => {
      this.#putKey(at + 1 + i * 2, at + 1 + length * 2, bits, i, key)
      this.#putPart(at + 2 + i * 2, step(key), value)
    })
  }

  #putSet(cell: number, set: Set<unknown>): void {
    const { size } = set
    const bits = F.indexBits(size)
    const at = this.#claim(1 + size + 2 ** bits)
    this.#header(at, size, bits)
    this.#begin(cell, set, F.SET, at)
    let i = 0
    for (const member of set) this.#putKey(at + 1 + i, at + 1 + size, bits, i++, member)
  }

  #putKey(cell: number, index: number, bits: number, number: number, key: unknown): void {
    const hash = F.hashKey(key)
    if (hash === undefined) {
      this.#steps.push({ of: 'key', at: number })
      throw new Refusal('only strings, numbers, bigints, booleans, null and undefined can be found again: objects are no keys here.')
    }
    this.#put(cell, key)
    const mask = 2 ** bits - 1
    let slot = hash & mask
    while (this.#words[(index + slot) * 2 + 1] !== 0) slot = (slot + 1) & mask
    this.#header(index + slot, hash, number + 1)
  }

  #putDate(cell: number, date: Date): void {
    const at = this.#claim(1)
    this.#putNumber(at, Date.prototype.getTime.call(date))
    this.#begin(cell, date, F.DATE, at)
  }

  #putBytes(cell: number, binary: ArrayBuffer | ArrayBufferView, kind: number): void {
    const own = ArrayBuffer.isView(binary)
      ? new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength)
      : new Uint8Array(binary, 0, binary.byteLength)
    const at = this.#claim(1 + Math.ceil(own.length / F.CELL_BYTES))
    this.#header(at, own.length, kind)
    this.#begin(cell, binary, F.BYTES, at)
    this.#bytes.set(own, (at + 1) * F.CELL_BYTES)
  }
}

function randomName(): [number, number] {
  const [first, second] = crypto.getRandomValues(new Int32Array(2))
  return [first!, second!]
}
