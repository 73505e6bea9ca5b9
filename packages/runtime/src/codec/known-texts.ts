/** Texts of up to so many bytes are looked for among those that were read lately. */
export const KNOWN_TEXT_MAX = 16
const SLOTS = 1_024
/** Length, then the bytes. */
const SLOT_WORDS = 5
const NOT_ASCII = 0x80_80_80_80 | 0
/** A mask for 0 to 3 bytes of a big-endian word. */
const MASKS = [0, 0xff_00_00_00 | 0, 0xff_ff_00_00 | 0, 0xff_ff_ff_00 | 0]

/**
 * Short texts that were read lately, found by their bytes: keys, names and units come again and again, and the string that
 * is there already costs a sixth of making one. Bytes are compared four at a time.
 */
export class KnownTexts {
  readonly #slots = new Int32Array(SLOTS * SLOT_WORDS)
  readonly #texts = new Array<string>(SLOTS).fill('')

  /**
   * The text at `from`, of at most KNOWN_TEXT_MAX bytes; undefined when it is not ASCII. Reads KNOWN_TEXT_MAX bytes, so as
   * many must be there.
   */
  at(view: DataView, bytes: Buffer, from: number, length: number): string | undefined {
    let first = 0
    let second = 0
    let third = 0
    let fourth = 0
    if (length < 4) first = view.getInt32(from) & MASKS[length]!
    else {
      first = view.getInt32(from)
      if (length < 8) second = view.getInt32(from + 4) & MASKS[length & 3]!
      else {
        second = view.getInt32(from + 4)
        if (length < 12) third = view.getInt32(from + 8) & MASKS[length & 3]!
        else {
          third = view.getInt32(from + 8)
          fourth = view.getInt32(from + 12) & (length === KNOWN_TEXT_MAX ? -1 : MASKS[length & 3]!)
        }
      }
    }
    if (((first | second | third | fourth) & NOT_ASCII) !== 0) return undefined
    let hash = Math.imul(first ^ length, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77)
    hash ^= Math.imul(third, 0xc2b2ae3d) ^ Math.imul(fourth, 0x27d4eb2f)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const word = slot * SLOT_WORDS
    const slots = this.#slots
    if (
      slots[word] === length &&
      slots[word + 1] === first &&
      slots[word + 2] === second &&
      slots[word + 3] === third &&
      slots[word + 4] === fourth
    )
      return this.#texts[slot]
    const text = bytes.toString('latin1', from, from + length)
    slots[word] = length
    slots[word + 1] = first
    slots[word + 2] = second
    slots[word + 3] = third
    slots[word + 4] = fourth
    this.#texts[slot] = text
    return text
  }
}
