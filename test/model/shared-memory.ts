import { ModelError } from './model-error.ts'
import { WORDS_MAX } from './words.ts'

/** Plain accesses, as the machine sees them. Outside of a view, reads give nothing and writes do nothing. */
export interface PlainAccess {
  getPlain(view: View, at: number): number | undefined
  setPlain(view: View, at: number, value: number): void
}

/** Stands for a SharedArrayBuffer. */
export class Memory {
  readonly bytesMax: number

  constructor({ maxByteLength }: { readonly maxByteLength: number }) {
    if (maxByteLength > WORDS_MAX * 4) throw new ModelError(`${maxByteLength} bytes are too much for the model`)
    this.bytesMax = maxByteLength
  }
}

/** Stands for a typed array on shared memory. */
export class View {
  readonly #access: PlainAccess
  readonly base: number
  readonly length: number
  readonly isBytes: boolean

  constructor(access: PlainAccess, base: number, length: number, isBytes: boolean) {
    this.#access = access
    this.base = base
    this.length = length
    this.isBytes = isBytes
  }

  /** The word that an element lies in. */
  wordAt(at: number): number {
    return this.isBytes ? (this.base + at) >> 2 : this.base + at
  }

  fill(value: number, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#access.setPlain(this, i, value)
  }

  set(values: Uint8Array, at: number): void {
    values.forEach((value, i) => {
      this.#access.setPlain(this, at + i, value)
    })
  }

  subarray(from: number, to: number): Uint8Array {
    return Uint8Array.from({ length: to - from }, (_, i) => this.#access.getPlain(this, from + i)!)
  }

  slice(from: number, to: number): Uint8Array {
    return this.subarray(from, to)
  }
}
