/** Up to so many objects a loop over an array finds a repeat faster than a Set does. */
const LISTED_MAX = 32

/** The objects of one message: one that comes twice is for the copier, which knows how to say so. */
export class SeenObjects {
  readonly #listed = new Array<object | undefined>(LISTED_MAX).fill(undefined)
  #count = 0
  #beyond: Set<object> | undefined

  get count(): number {
    return this.#beyond === undefined ? this.#count : this.#beyond.size
  }

  isRepeat(object: object): boolean {
    if (this.#beyond !== undefined) return this.#beyond.size === this.#beyond.add(object).size
    const listed = this.#listed
    const count = this.#count
    for (let i = 0; i < count; i++) if (listed[i] === object) return true
    if (count === LISTED_MAX) this.#beyond = new Set(listed as object[]).add(object)
    else listed[this.#count++] = object
    return false
  }

  /** Nothing is kept from the garbage collector. */
  forget(): void {
    for (let i = 0; i < this.#count; i++) this.#listed[i] = undefined
    this.#count = 0
    this.#beyond = undefined
  }
}
