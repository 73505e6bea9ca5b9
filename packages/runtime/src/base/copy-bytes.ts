/** From here on the detour pays (Node 20 to 26). */
const FILL_BYTES_MIN = 2048
const { fill } = Buffer.prototype

/**
 * `to.set(from, at)`. If either is in shared memory, `set` copies word by word, and byte by byte where the two are not
 * aligned alike: 1 MB takes 65 µs, or 270 to 500. A Buffer filled with exactly as many bytes as it has room for is a plain
 * copy of memory, and takes 25.
 */
export function copyBytes(to: Uint8Array, at: number, from: Uint8Array): void {
  if (from.length < FILL_BYTES_MIN) to.set(from, at)
  else fill.call(to, from, at, at + from.length)
}
