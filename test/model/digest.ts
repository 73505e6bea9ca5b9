import { Memory, View } from './shared-memory.ts'

/** Everything that can be reached from some values, as numbers: equal values give equal numbers, in the same order. */
export function digest(values: readonly unknown[], see: (number: number) => void): void {
  const seen = new Map<object, number>()
  for (const value of values) digestOne(value, seen, see)
}

function digestOne(value: unknown, seen: Map<object, number>, see: (number: number) => void): void {
  if (typeof value === 'number') return see(value)
  if (typeof value === 'string') return see(value.length)
  if (typeof value !== 'object' || value === null) return see(value === true ? 2 : typeof value === 'function' ? 1 : 0)
  const known = seen.get(value)
  if (known !== undefined) return see(known)
  seen.set(value, seen.size + 10)
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
