/** 64 bits as two unsigned 32-bit words: numbers add up faster than BigInts, and an index has millions of postings. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** Two multiplicative hashes with different constants, each finished with MurmurHash3's mixer (Appleby, public domain). */
export function hashText(text: string): Hash64 {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 0x9e3779b1)
    low = Math.imul(low ^ unit, 0x85ebca77)
  }
  return { high: mix(high ^ (low >>> 15)), low: mix(low ^ (high >>> 13)) }
}

/** MurmurHash3's finaliser: every bit of the input moves about half of the output's. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/**
 * A sum modulo 2^64 of one hash per posting. A sum does not depend on the order, nor on which shard holds what; and
 * unlike an exclusive or it does not lose what was added twice.
 */
export class Checksum {
  #high = 0
  #low = 0

  /** One posting: `term` occurs `count` times in `document`. */
  add(term: Hash64, document: Hash64, count: number): void {
    const high = mix(mix(term.high ^ count) ^ document.low)
    const low = mix(mix(term.low + count) ^ document.high ^ high)
    const sum = this.#low + low
    this.#low = sum >>> 0
    this.#high = (this.#high + high + (sum > 0xffff_ffff ? 1 : 0)) >>> 0
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0')
  }
}

/** The checksum of an index whose parts have these. */
export function addChecksums(parts: readonly string[]): string {
  const sum = parts.reduce((total, part) => total + BigInt(`0x${part}`), 0n)
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
}
