import { Memory, View } from './shared-memory.ts'

/** Said before each value: 0 is not undefined, and not false. */
const KINDS = ['undefined', 'number', 'boolean', 'string', 'object', 'function']

/** Everything that can be reached from some values, as numbers: equal values give equal numbers, in the same order. */
export function digest(values: readonly unknown[], see: (number: number) => void): void {
  const seen = new Map<object, number>()
  for (const value of values) digestOne(value, seen, see)
}

function digestOne(value: unknown, seen: Map<object, number>, see: (number: number) => void): void {
  see(KINDS.indexOf(value === null ? 'undefined' : typeof value))
  if (typeof value === 'boolean') return see(Number(value))
  if (typeof value === 'number' && (value | 0) === value) return see(value)
  if (typeof value === 'number' || typeof value === 'string') return digestText(String(value), see)
  if (typeof value !== 'object' || value === null) return
  const known = seen.get(value)
  see(known ?? -1)
  if (known !== undefined) return
  seen.set(value, seen.size)
  if (value instanceof View) {
    see(value.base)
    return see(value.length)
  }
  // There is one memory, and what it holds is part of each state anyway.
  if (value instanceof Memory) return
  const parts: unknown[] = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  see(parts.length)
  for (const part of parts) digestOne(part, seen, see)
}

function digestText(text: string, see: (number: number) => void): void {
  see(text.length)
  for (let i = 0; i < text.length; i++) see(text.charCodeAt(i))
}
