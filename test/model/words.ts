import { mix } from './hash.ts'

export const THREADS_MAX = 6
export const WORDS_MAX = 1_536
/** Words of the model itself, behind the memory. */
export const SIZE_WORD = WORDS_MAX
export const STATUS_WORDS = WORDS_MAX + 1
export const SIGNAL_WORDS = STATUS_WORDS + THREADS_MAX
export const ALL_WORDS = SIGNAL_WORDS + 16

/** What the memory holds now. The hash is changed with each write, so that a state can be compared with all before it. */
export class Words {
  readonly #words = new Int32Array(ALL_WORDS)
  readonly #bytes = new Uint8Array(this.#words.buffer)
  hash1 = 0
  hash2 = 0

  reset(): void {
    this.hash1 = this.hash2 = 0
    this.#words.fill(0)
  }

  get(index: number): number {
    return this.#words[index]!
  }

  getByte(at: number): number {
    return this.#bytes[at]!
  }

  put(index: number, value: number): void {
    const old = this.#words[index]!
    if (old === value) return
    this.hash1 ^= mix(index * 2 + 1, old) ^ mix(index * 2 + 1, value)
    this.hash2 ^= mix(index * 2 + 0x5bd1, old) ^ mix(index * 2 + 0x5bd1, value)
    this.#words[index] = value
  }

  putByte(at: number, value: number): void {
    const shift = (at & 3) * 8
    this.put(at >> 2, (this.#words[at >> 2]! & ~(0xff << shift)) | ((value & 0xff) << shift))
  }
}
