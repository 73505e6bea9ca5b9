// The same three methods for everybody.

/** @param {number} n */
export const add = (n) => n + 1

/** A handler that keeps its thread busy for 50 µs. @param {number} n */
export function work50(n) {
  for (const until = performance.now() + 0.05; performance.now() < until; );
  return n + 1
}

/** @param {Uint8Array} bytes */
export const echo = (bytes) => bytes

/** By trial division. @param {number} n */
export function isPrime(n) {
  if (n % 2 === 0) return n === 2
  for (let d = 3; d * d <= n; d += 2) if (n % d === 0) return false
  return n > 1
}

/** Work of so many microseconds, by the clock. @param {number} micros */
export function spin(micros) {
  for (const until = performance.now() + micros / 1_000; performance.now() < until; );
  return micros
}

export async function* count(n) {
  for (let i = 1; i <= n; i++) yield i
}

const PAGE_BYTES = 4_096

/** As whoever gets a buffer would: it looks at every page. */
export function touch(bytes) {
  let sum = 0
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) sum += bytes[at]
  return sum
}
