import * as F from './layout.ts'
import type { FrozenPlace, FrozenTable } from './table.ts'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** A Map that nobody can change: a key is found without anything else being read. */
export class FrozenMap<K, V> implements ReadonlyMap<K, V> {
  readonly #table: FrozenTable
  readonly #at: number

  /** Used by the runtime: freeze() makes them. */
  constructor(table: FrozenTable, at: number) {
    this.#table = table
    this.#at = at
  }

  static placeOf(view: object): FrozenPlace | undefined {
    return #table in view ? { table: view.#table, kind: F.MAP, at: view.#at } : undefined
  }

  get size(): number {
    return this.#table.sizeAt(this.#at)
  }

  get(key: K): V | undefined {
    const number = this.#table.find(this.#at, 2, key)
    return number < 0 ? undefined : (this.#table.read(this.#at + 2 + number * 2) as V)
  }

  has(key: K): boolean {
    return this.#table.find(this.#at, 2, key) >= 0
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this)
  }

  *entries(): MapIterator<[K, V]> {
    for (let i = 0; i < this.size; i++) yield [this.#key(i), this.#table.read(this.#at + 2 + i * 2) as V]
  }

  *keys(): MapIterator<K> {
    for (let i = 0; i < this.size; i++) yield this.#key(i)
  }

  *values(): MapIterator<V> {
    for (let i = 0; i < this.size; i++) yield this.#table.read(this.#at + 2 + i * 2) as V
  }

  #key(i: number): K {
    return this.#table.read(this.#at + 1 + i * 2) as K
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  get [Symbol.toStringTag](): string {
    return 'FrozenMap'
  }

  [INSPECT](): unknown {
    return new Map(this)
  }
}

/** A Set that nobody can change. */
export class FrozenSet<T> implements Iterable<T> {
  readonly #table: FrozenTable
  readonly #at: number

  /** Used by the runtime: freeze() makes them. */
  constructor(table: FrozenTable, at: number) {
    this.#table = table
    this.#at = at
  }

  static placeOf(view: object): FrozenPlace | undefined {
    return #table in view ? { table: view.#table, kind: F.SET, at: view.#at } : undefined
  }

  get size(): number {
    return this.#table.sizeAt(this.#at)
  }

  has(member: T): boolean {
    return this.#table.find(this.#at, 1, member) >= 0
  }

  forEach(callback: (value: T, again: T, set: FrozenSet<T>) => void): void {
    for (const member of this) callback(member, member, this)
  }

  *values(): SetIterator<T> {
    for (let i = 0; i < this.size; i++) yield this.#table.read(this.#at + 1 + i) as T
  }

  keys(): SetIterator<T> {
    return this.values()
  }

  *entries(): SetIterator<[T, T]> {
    for (const member of this) yield [member, member]
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.values()
  }

  get [Symbol.toStringTag](): string {
    return 'FrozenSet'
  }

  [INSPECT](): unknown {
    return new Set(this)
  }
}
