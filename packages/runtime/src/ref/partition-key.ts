/** How a key finds its partition among those named 0, 1, 2 …. All senders must agree, so the spec of the supervisor says it. */
export const PARTITION_BY = ['rendezvous', 'modulo'] as const
export type PartitionBy = (typeof PARTITION_BY)[number]

export type PartitionKey = string | number | bigint

/** The index of the name that a key belongs to; −1 when there is none. The same in every thread and on every Node. */
export function partitionOf(key: PartitionKey, names: readonly string[], by: PartitionBy): number {
  if (names.length === 0) return -1
  return by === 'modulo' ? modulo(key, names.length) : rendezvous(String(key), names)
}

/** A whole number is its own hash, as in Elixir's PartitionSupervisor: consecutive ids are spread evenly. */
function modulo(key: PartitionKey, count: number): number {
  if (typeof key === 'bigint') return Math.abs(Number(key % BigInt(count)))
  return (Number.isSafeInteger(key) ? Math.abs(key as number) : hash(String(key))) % count
}

/** Highest random weight (Thaler and Ravishankar, 1998): who is added takes its share of each, and nobody else moves. */
function rendezvous(key: string, names: readonly string[]): number {
  const seed = hash(key)
  let best = 0
  let most = -1
  for (let i = 0; i < names.length; i++) {
    const weight = mixed(seed ^ Math.imul(hash(names[i]!), 0x9e3779b1))
    if (weight > most) [best, most] = [i, weight]
  }
  return best
}

/** FNV-1a over UTF-16 units, then mixed: its low bits alone are too much alike for keys that are. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mixed(h)
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
