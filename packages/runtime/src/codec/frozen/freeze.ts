import type { FrozenBytes } from './bytes.ts'
import type { FrozenMap, FrozenSet } from './collections.ts'
import { VALUE_CELL } from './layout.ts'
import { type FrozenName, FrozenTable } from './table.ts'
import { thawed } from './thaw.ts'
import { makeView, placeOf } from './views.ts'
import { FrozenWriter } from './writer.ts'

type Scalar = string | number | bigint | boolean | null | undefined | Date

/**
 * What is seen of a frozen `T`: everything in it can be read, and nothing can be changed. Maps and Sets become FrozenMap and
 * FrozenSet, binaries FrozenBytes. Each look at an object makes a new view of it: compare what is in them, not the views.
 */
// biome-ignore format: a table.
export type Frozen<T> =
  T extends Scalar ? T
  : T extends ReadonlyMap<infer K, infer V> ? FrozenMap<K, Frozen<V>>
  : T extends ReadonlySet<infer V> ? FrozenSet<V>
  : T extends ArrayBufferView | ArrayBuffer ? FrozenBytes<T>
  : T extends readonly (infer V)[] ? FrozenArray<T, V>
  : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } & FrozenMark
  : T

/** Tuples keep their shape. */
type FrozenArray<T, V> = (number extends (T & readonly unknown[])['length']
  ? readonly Frozen<V>[]
  : { readonly [K in keyof T]: Frozen<T[K]> }) &
  FrozenMark

declare const frozen: unique symbol
/** For the compiler only: a frozen object can be sent to a method that takes one. */
export interface FrozenMark {
  readonly [frozen]: true
}

/**
 * Encodes a value once, into shared memory. What it returns is read in place, in every isolate that it is sent to: as an
 * argument, a result, or within either, it crosses as a handle of some bytes, and costs its memory once. Keys are found through
 * an index, strings are made when they are looked at. It takes plain objects, arrays, Map, Set, Date, binaries, and what is
 * none of these and has no parts; keys of a Map and members of a Set must have no parts. What is frozen already is returned.
 *
 * Its memory is free again when no isolate has a view of it: when their collectors have seen so, or they have ended.
 *
 * @throws {NotSendableError} with the path of what cannot be frozen
 */
export function freeze<T>(value: T): Frozen<T> {
  if (typeof value !== 'object' || value === null || placeOf(value) !== undefined) return value as Frozen<T>
  return tableIn(FrozenWriter.write(value)).read(VALUE_CELL) as Frozen<T>
}

/** A copy that can be changed, of a frozen value or of a part of one. What is not frozen is returned as it is. */
export function thaw<T>(value: T): Thawed<T> {
  return thawed(value) as Thawed<T>
}

/** What `freeze` was given, as far as that can be told. */
// biome-ignore format: a table.
export type Thawed<T> =
  T extends Scalar ? T
  : T extends FrozenMap<infer K, infer V> ? Map<K, Thawed<V>>
  : T extends FrozenSet<infer V> ? Set<V>
  : T extends FrozenBytes<infer B> ? B
  : T extends readonly (infer V)[] ? Thawed<V>[]
  : T extends object ? { -readonly [K in keyof T as K extends typeof frozen ? never : K]: Thawed<T[K]> }
  : T

const tables = new Map<string, WeakRef<FrozenTable>>()
const forgetTable = new FinalizationRegistry((name: string) => {
  if (tables.get(name)?.deref() === undefined) tables.delete(name)
})

/** One for each value and thread, as long as it is looked at: its strings and shapes are kept. Undefined: none is here. */
export function tableNamed(name: FrozenName): FrozenTable | undefined {
  return tables.get(String(name))?.deref()
}

export function tableIn(memory: SharedArrayBuffer): FrozenTable {
  const table = new FrozenTable(memory, makeView)
  const name = String(table.name)
  const known = tables.get(name)?.deref()
  if (known !== undefined) return known
  tables.set(name, new WeakRef(table))
  forgetTable.register(table, name)
  return table
}
