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
