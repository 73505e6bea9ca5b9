import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Surroundings } from '../isolate/isolate.ts'

/** Under this symbol an isolate keeps what its actor's `import … from '@troupe/runtime'` gives. */
export const RUNTIME_KEY = '@troupe/runtime'

/** By this condition the package gives isolates that instead of its public entry (package.json, `exports`). */
export const ISOLATE_CONDITION = 'troupe-isolate'

/** A script of the runtime of isolates, in memory that all of them share. */
export interface SharedScript {
  /** Where it lies. */
  readonly file: string
  /** Each byte a character. */
  readonly text: Uint8Array
  /** What V8 has compiled of it so far; undefined: nothing yet. */
  readonly code: Uint8Array | undefined
}

/** What a worker knows at its birth. */
export interface IsolateBirth {
  /** Its actor is still to come. */
  readonly isSpare: boolean
  readonly surroundings: Surroundings
  /** Of the runtime. */
  readonly url: string
  /** What every isolate runs. */
  readonly core: SharedScript
  /** What is evaluated when something of it is wanted. */
  readonly later: SharedScript
  /** It is this isolate that says what it has compiled (`Compiled`). */
  readonly givesCode: boolean
}

/** Said by the first isolate, when it has run most of what an isolate runs. */
export interface Compiled {
  readonly type: 'compiled'
  readonly core: Uint8Array
  readonly later: Uint8Array
}

/**
 * The runtime of isolates is read once, and compiled once for all of them: parsing and compiling it is a good part of what
 * an isolate costs, in time and in memory. The code stays in memory, so it needs no place on disk, and it can not be that
 * of another text.
 */
export class RuntimeCode {
  readonly #url: URL
  readonly #laterUrl: URL
  #core: SharedScript | undefined
  #later: SharedScript | undefined
  #isComing = false

  constructor(core: URL, later: URL) {
    this.#url = core
    this.#laterUrl = later
  }

  birth(isSpare: boolean, surroundings: Surroundings): IsolateBirth {
    const core = (this.#core ??= scriptIn(this.#url))
    const later = (this.#later ??= scriptIn(this.#laterUrl))
    const givesCode = core.code === undefined && !this.#isComing
    if (givesCode) this.#isComing = true
    return { isSpare, surroundings, url: this.#url.href, core, later, givesCode }
  }

  keep({ core, later }: Compiled): void {
    this.#core = { ...this.#core!, code: shared(core) }
    this.#later = { ...this.#later!, code: shared(later) }
  }

  /** An isolate has ended: if it was to give its code and has not, another one does. */
  ended({ givesCode }: IsolateBirth): void {
    if (givesCode && this.#core?.code === undefined) this.#isComing = false
  }
}

function scriptIn(url: URL): SharedScript {
  return { file: fileURLToPath(url), text: shared(readFileSync(url)), code: undefined }
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}
