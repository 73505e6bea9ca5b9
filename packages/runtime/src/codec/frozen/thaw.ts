import type { FrozenBytes } from './bytes.ts'
import { type FrozenMap, FrozenSet } from './collections.ts'
import * as F from './layout.ts'
import { placeOf } from './views.ts'

/** A copy of plain data, Maps, Sets and binaries, in which what was repeated, or circular, is so. */
export function thawed(value: unknown, made = new Map<string, unknown>()): unknown {
  const place = typeof value === 'object' && value !== null ? placeOf(value) : undefined
  if (place === undefined) return value
  const key = String(place.at)
  if (made.has(key)) return made.get(key)
  if (place.kind === F.BYTES) return (value as FrozenBytes).copy()
  return place.kind === F.MAP || place.kind === F.SET ? thawedCollection(value, key, made) : thawedFields(value as object, key, made)
}

function thawedCollection(value: unknown, key: string, made: Map<string, unknown>): unknown {
  if (value instanceof FrozenSet) {
    const set = new Set(value)
    made.set(key, set)
    return set
  }
  const map = new Map<unknown, unknown>()
  made.set(key, map)
  for (const [name, part] of value as FrozenMap<unknown, unknown>) map.set(name, thawed(part, made))
  return map
}

function thawedFields(value: object, key: string, made: Map<string, unknown>): unknown {
  const copy: object = Array.isArray(value) ? [] : {}
  made.set(key, copy)
  for (const name of Object.keys(value)) {
    const part = thawed((value as Record<string, unknown>)[name], made)
    // Not assigned: a key may be `__proto__`.
    Object.defineProperty(copy, name, { value: part, enumerable: true, writable: true, configurable: true })
  }
  return copy
}
