import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Surroundings } from '../isolate/isolate.ts'

/** Under this symbol an isolate keeps what its actor's `import … from '@troupe/runtime'` gives. */
export const RUNTIME_KEY = '@troupe/runtime'

/** By this condition the package gives isolates that instead of its public entry (package.json, `exports`). */
export const ISOLATE_CONDITION = 'troupe-isolate'

/** What a worker knows at its birth. What is in shared memory is shared by all of them. */
export interface IsolateBirth {
  /** Its actor is still to come. */
  readonly isSpare: boolean
  readonly surroundings: Surroundings
  /** The runtime of isolates: where it lies, and its text, each byte a character. */
  readonly file: string
  readonly url: string
  readonly text: Uint8Array
  /** What V8 has compiled of it so far; undefined: nothing yet. */
  readonly code: Uint8Array | undefined
  /** It is this isolate that says what it has compiled (`Compiled`). */
  readonly givesCode: boolean
}

/** Said by the first isolate, when it has run most of what an isolate runs. */
export interface Compiled {
  readonly type: 'compiled'
  readonly code: Uint8Array
}

/**
 * The runtime of isolates is read once, and compiled once for all of them: parsing and compiling it is a good part of what
 * an isolate costs, in time and in memory. The code stays in memory, so it needs no place on disk, and it can not be that
 * of another text.
 */
export class RuntimeCode {
  readonly #file: URL
  #text: Uint8Array | undefined
  #code: Uint8Array | undefined
  #isComing = false

  constructor(file: URL) {
    this.#file = file
  }

  birth(isSpare: boolean, surroundings: Surroundings): IsolateBirth {
    this.#text ??= shared(readFileSync(this.#file))
    const givesCode = this.#code === undefined && !this.#isComing
    if (givesCode) this.#isComing = true
    return { isSpare, surroundings, file: fileURLToPath(this.#file), url: this.#file.href, text: this.#text, code: this.#code, givesCode }
  }

  keep({ code }: Compiled): void {
    this.#code = shared(code)
  }

  /** An isolate has ended: if it was to give its code and has not, another one does. */
  ended({ givesCode }: IsolateBirth): void {
    if (givesCode && this.#code === undefined) this.#isComing = false
  }
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}
