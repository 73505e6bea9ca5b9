import type { Arena } from './arena.ts'
import { add, load, store } from './atomics.ts'
import * as L from './layout.ts'

/** The id of a text that is not interned: it travels in the payload. */
export const NO_NAME = 0

/** Where a table of texts lies, in words of shared memory. */
export interface TablePlace {
  /** The word that counts them. */
  readonly countWord: number
  /** The first slot: a word for the length, then the bytes. */
  readonly firstWord: number
  readonly slotWords: number
  readonly slots: number
}

/**
 * Texts as numbers, the same for all threads: an append-only table in shared memory. A slot is claimed by adding to the
 * count and published by storing its length last; a thread that dies in between leaves a hole. Two threads that intern
 * one text at the same moment give it two numbers, which harms nobody.
 */
class InternedTexts {
  readonly #words: Int32Array
  readonly #place: TablePlace
  readonly #bytesMax: number
  readonly #ids = new Map<string, number>()
  readonly #texts: (string | undefined)[] = [undefined]
  #seen = 0

  constructor(words: Int32Array, place: TablePlace) {
    this.#words = words
    this.#place = place
    this.#bytesMax = (place.slotWords - 1) * 4
  }

  /** NO_NAME when it is too long for a slot, or when the table is full. */
  idOf(text: string): number {
    return this.#ids.get(text) ?? this.#intern(text)
  }

  /** Undefined for an id that nobody has published: only nonsense in a lane has one. */
  textOf(id: number): string | undefined {
    return this.#texts[id] ?? this.#read(id)
  }

  #intern(text: string): number {
    this.#readNew()
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const { countWord, slots } = this.#place
    const bytes = new TextEncoder().encode(text)
    const isReadable = bytes.length > 0 && bytes.length <= this.#bytesMax && text.isWellFormed()
    const id = isReadable && this.#seen < slots - 1 ? add(this.#words, countWord, 1) + 1 : NO_NAME
    if (id !== NO_NAME && id < slots) {
      this.#bytesOf(id).set(bytes)
      store(this.#words, this.#slot(id), bytes.length)
    }
    const usable = id < slots ? id : NO_NAME
    this.#ids.set(text, usable)
    if (usable !== NO_NAME) this.#texts[usable] = text
    return usable
  }

  #readNew(): void {
    const count = Math.min(load(this.#words, this.#place.countWord), this.#place.slots - 1)
    for (let id = 1; id <= count; id++) this.#read(id)
    this.#seen = count
  }

  #read(id: number): string | undefined {
    if (!(id > 0 && id < this.#place.slots)) return undefined
    if (this.#texts[id] !== undefined) return this.#texts[id]
    const length = load(this.#words, this.#slot(id))
    if (length <= 0 || length > this.#bytesMax) return undefined
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytesOf(id).slice(0, length))
    this.#texts[id] = text
    if (!this.#ids.has(text)) this.#ids.set(text, id)
    return text
  }

  #slot(id: number): number {
    return this.#place.firstWord + id * this.#place.slotWords
  }

  #bytesOf(id: number): Uint8Array {
    return new Uint8Array(this.#words.buffer, this.#words.byteOffset + (this.#slot(id) + 1) * 4, this.#bytesMax)
  }
}

/** The names of methods: a record carries a number, and an upgraded actor still gets the right method (D9). */
export class Names {
  readonly #texts: InternedTexts

  constructor(arena: Arena) {
    const { namesAt: firstWord } = arena.layout
    this.#texts = new InternedTexts(arena.words, { countWord: L.HEAD_NAMES, firstWord, slotWords: L.NAME_WORDS, slots: L.NAMES_MAX })
  }

  idOf(name: string): number {
    return this.#texts.idOf(name)
  }

  nameOf(id: number): string | undefined {
    return this.#texts.textOf(id)
  }
}

/** The keys of objects, for the codec: an object's keys are one number, and its values follow. */
export class ShapeNames {
  readonly #texts: InternedTexts

  constructor(words: Int32Array, place: TablePlace) {
    this.#texts = new InternedTexts(words, place)
  }

  /** The one that all of a system have in common. */
  static of(arena: Arena): ShapeNames {
    const { shapesAt: firstWord } = arena.layout
    return new ShapeNames(arena.words, { countWord: L.HEAD_SHAPES, firstWord, slotWords: L.SHAPE_WORDS, slots: L.SHAPES_MAX })
  }

  idOf(keys: readonly string[]): number {
    return this.#texts.idOf(JSON.stringify(keys))
  }

  keysOf(id: number): readonly string[] | undefined {
    return keysIn(this.#texts.textOf(id))
  }
}

/** Anybody may have scribbled over the table. */
function keysIn(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  try {
    const keys: unknown = JSON.parse(text)
    return Array.isArray(keys) && keys.every((key) => typeof key === 'string') ? keys : undefined
  } catch {
    return undefined
  }
}
