/**
 * About how many bytes a value takes: texts two for each character, numbers eight, what holds others a little more than those. What is in
 * it several times, or in itself, is there once.
 */
export function weightOf(value: unknown, depth = 0, seen = new Set<object>()): number {
  if (typeof value === 'string') return 16 + value.length * 2
  if (typeof value !== 'object' || value === null || seen.has(value)) return 8
  seen.add(value)
  if (ArrayBuffer.isView(value)) return 64 + value.byteLength
  if (value instanceof ArrayBuffer) return 64 + value.byteLength
  // Deeper than this it is a guess.
  if (depth > 16) return 64
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  return parts.reduce<number>((sum, part) => sum + 16 + weightOf(part, depth + 1, seen), 32)
}
