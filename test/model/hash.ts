/** States are compared by hashes: each is kept twice, mixed differently, so that two states rarely look the same. */
export function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85eb_ca6b)
  h ^= h >>> 13
  h = Math.imul(h + value, 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
