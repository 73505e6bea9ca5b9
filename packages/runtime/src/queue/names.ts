import type { Arena } from './arena.ts'
import { add, load, store } from './atomics.ts'
import * as L from './layout.ts'

/** The id of a name that is not interned: it travels in the payload. */
export const NO_NAME = 0

/**
 * Method names as numbers, the same for all threads: an append-only table in the arena. A slot is claimed by adding to the
 * count and published by storing its length last; a thread that dies in between leaves a hole. Two threads that intern
 * one name at the same moment give it two numbers, which harms nobody.
 */
export class Names {
  readonly #arena: Arena
  readonly #ids = new Map<string, number>()
  readonly #names: (string | undefined)[] = [undefined]
  #seen = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** NO_NAME when it is too long for a slot, or when the table is full. */
  idOf(name: string): number {
    return this.#ids.get(name) ?? this.#intern(name)
  }

  /** Undefined for an id that nobody has published: only nonsense in a lane has one. */
  nameOf(id: number): string | undefined {
    return this.#names[id] ?? this.#read(id)
  }

  #intern(name: string): number {
    this.#readNew()
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const bytes = new TextEncoder().encode(name)
    const isReadable = bytes.length > 0 && bytes.length <= L.NAME_BYTES_MAX && name.isWellFormed()
    const id = isReadable && this.#seen < L.NAMES_MAX - 1 ? add(this.#arena.words, L.HEAD_NAMES, 1) + 1 : NO_NAME
    if (id !== NO_NAME && id < L.NAMES_MAX) {
      this.#bytesOf(id).set(bytes)
      store(this.#arena.words, this.#slot(id), bytes.length)
    }
    const usable = id < L.NAMES_MAX ? id : NO_NAME
    this.#ids.set(name, usable)
    if (usable !== NO_NAME) this.#names[usable] = name
    return usable
  }

  #readNew(): void {
    const count = Math.min(load(this.#arena.words, L.HEAD_NAMES), L.NAMES_MAX - 1)
    for (let id = 1; id <= count; id++) this.#read(id)
    this.#seen = count
  }

  #read(id: number): string | undefined {
    if (!(id > 0 && id < L.NAMES_MAX)) return undefined
    if (this.#names[id] !== undefined) return this.#names[id]
    const length = load(this.#arena.words, this.#slot(id))
    if (length <= 0 || length > L.NAME_BYTES_MAX) return undefined
    const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytesOf(id).slice(0, length))
    this.#names[id] = name
    if (!this.#ids.has(name)) this.#ids.set(name, id)
    return name
  }

  #slot(id: number): number {
    return this.#arena.layout.namesAt + id * L.NAME_WORDS
  }

  #bytesOf(id: number): Uint8Array {
    return new Uint8Array(this.#arena.memory, (this.#slot(id) + 1) * 4, L.NAME_BYTES_MAX)
  }
}
