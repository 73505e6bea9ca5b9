import { FrozenBytes } from './bytes.ts'
import { FrozenMap, FrozenSet } from './collections.ts'
import * as F from './layout.ts'
import type { FrozenPlace, FrozenTable, Shape } from './table.ts'

/*
 * Objects and arrays look and behave as what was frozen, so their views are Proxies.
 */

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Their prototypes tell them from plain data, also for the codec, and have all that plain data has. */
const RECORD_PROTOTYPE = Object.create(Object.prototype) as object
const ARRAY_PROTOTYPE = Object.create(Array.prototype) as object

/** Asked for this, a view leaves its place in `asked`: whoever gets hold of the symbol has nothing. */
const PLACE: unique symbol = Symbol('place')
let asked: FrozenPlace | undefined

class RecordTarget implements FrozenPlace {
  readonly table: FrozenTable
  readonly at: number
  readonly shape: Shape

  constructor(table: FrozenTable, at: number) {
    this.table = table
    this.at = at
    this.shape = table.shape(table.sizeAt(at))
  }

  get kind(): number {
    return F.RECORD
  }

  /** `this` is the Proxy. */
  [INSPECT](): unknown {
    return { ...this }
  }
}

class DictTarget implements FrozenPlace {
  readonly table: FrozenTable
  readonly at: number

  constructor(table: FrozenTable, at: number) {
    this.table = table
    this.at = at
  }

  get kind(): number {
    return F.DICT
  }

  [INSPECT](): unknown {
    return { ...this }
  }
}

class ArrayTarget extends Array<unknown> {
  readonly table: FrozenTable
  /** Arrays have an `at` of their own. */
  readonly place: number

  constructor(table: FrozenTable, at: number) {
    super()
    this.table = table
    this.place = at
  }

  [INSPECT](): unknown {
    return [...this]
  }
}

function refuse(): never {
  throw new TypeError('this value is frozen: nobody can change it. thaw(value) makes a copy that you can change.')
}

const UNCHANGEABLE = { set: refuse, defineProperty: refuse, deleteProperty: refuse, setPrototypeOf: refuse, preventExtensions: refuse }

function field(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: false }
}

const RECORDS: ProxyHandler<RecordTarget> = {
  ...UNCHANGEABLE,
  get(target, key) {
    const place = target.shape.places.get(key as string)
    if (place !== undefined) return target.table.read(target.at + 1 + place)
    return inherited(target, RECORD_PROTOTYPE, key)
  },
  has: (target, key) => target.shape.places.has(key as string) || key in RECORD_PROTOTYPE,
  ownKeys: (target) => [...target.shape.keys],
  getOwnPropertyDescriptor(target, key) {
    const place = target.shape.places.get(key as string)
    return place === undefined ? undefined : field(target.table.read(target.at + 1 + place))
  },
  getPrototypeOf: () => RECORD_PROTOTYPE,
}

const DICTS: ProxyHandler<DictTarget> = {
  ...UNCHANGEABLE,
  get({ table, at }, key) {
    const number = typeof key === 'string' ? table.find(at, 2, key) : -1
    return number < 0 ? inherited({ table, kind: F.DICT, at }, RECORD_PROTOTYPE, key) : table.read(at + 2 + number * 2)
  },
  has: ({ table, at }, key) => (typeof key === 'string' && table.find(at, 2, key) >= 0) || key in RECORD_PROTOTYPE,
  ownKeys: ({ table, at }) => Array.from({ length: table.sizeAt(at) }, (_, i) => table.read(at + 1 + i * 2) as string),
  getOwnPropertyDescriptor({ table, at }, key) {
    const number = typeof key === 'string' ? table.find(at, 2, key) : -1
    return number < 0 ? undefined : field(table.read(at + 2 + number * 2))
  },
  getPrototypeOf: () => RECORD_PROTOTYPE,
}

const ARRAYS: ProxyHandler<ArrayTarget> = {
  ...UNCHANGEABLE,
  get({ table, place }, key) {
    const index = indexOf(key)
    if (index >= 0) return index < table.sizeAt(place) ? table.read(place + 1 + index) : undefined
    return key === 'length' ? table.sizeAt(place) : inherited({ table, kind: F.ARRAY, at: place }, ARRAY_PROTOTYPE, key)
  },
  has({ table, place }, key) {
    const index = indexOf(key)
    return index >= 0 ? index < table.sizeAt(place) : key === 'length' || key in ARRAY_PROTOTYPE
  },
  ownKeys: ({ table, place }) => [...Array.from({ length: table.sizeAt(place) }, (_, i) => String(i)), 'length'],
  getOwnPropertyDescriptor({ table, place }, key) {
    // The target is an array, whose length is not configurable: it must be told as it is there.
    if (key === 'length') return { value: table.sizeAt(place), writable: true, enumerable: false, configurable: false }
    const index = indexOf(key)
    return index >= 0 && index < table.sizeAt(place) ? field(table.read(place + 1 + index)) : undefined
  },
  getPrototypeOf: () => ARRAY_PROTOTYPE,
}

function indexOf(key: string | symbol): number {
  if (typeof key !== 'string') return -1
  const first = key.charCodeAt(0)
  if (!(first >= 0x30 && first <= 0x39)) return -1
  const index = Number(key)
  return index >>> 0 === index && String(index) === key ? index : -1
}

function inherited(place: FrozenPlace, prototype: object, key: string | symbol): unknown {
  if (key !== PLACE) return Reflect.get(prototype, key)
  asked = place
  return undefined
}

export function makeView(table: FrozenTable, kind: number, at: number): unknown {
  switch (kind) {
    case F.RECORD:
      return new Proxy(new RecordTarget(table, at), RECORDS)
    case F.ARRAY:
      return new Proxy(new ArrayTarget(table, at), ARRAYS)
    case F.MAP:
      return new FrozenMap(table, at)
    case F.SET:
      return new FrozenSet(table, at)
    case F.BYTES:
      return new FrozenBytes(table, at)
    case F.DICT:
      return new Proxy(new DictTarget(table, at), DICTS)
    default:
      throw new TypeError('the memory of a frozen value has been written over')
  }
}

/** Where a view's part of a frozen value lies; undefined: it is none. */
export function placeOf(value: object): FrozenPlace | undefined {
  if (value instanceof FrozenMap) return FrozenMap.placeOf(value)
  if (value instanceof FrozenSet) return FrozenSet.placeOf(value)
  if (value instanceof FrozenBytes) return FrozenBytes.placeOf(value)
  if (!isFrozenRecord(value) && !isFrozenArray(value)) return undefined
  asked = undefined
  Reflect.get(value, PLACE)
  const place = asked as FrozenPlace | undefined
  asked = undefined
  return place
}

export function isFrozenRecord(value: object): boolean {
  return Object.getPrototypeOf(value) === RECORD_PROTOTYPE
}

export function isFrozenArray(value: object): boolean {
  return Object.getPrototypeOf(value) === ARRAY_PROTOTYPE
}

/** What the codec finds them by. */
export const FROZEN_PROTOTYPES: readonly object[] = [
  RECORD_PROTOTYPE,
  ARRAY_PROTOTYPE,
  FrozenMap.prototype,
  FrozenSet.prototype,
  FrozenBytes.prototype,
]
