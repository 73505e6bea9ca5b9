import type { FromIsolate, WireDeadLetter } from '../isolate/isolate.ts'

/** Dead letters published one by one in one turn; a flood beyond that is counted. */
const LETTERS_PER_TURN = 256

/** Keeps an actor that tells into a full mailbox in a loop from flooding the control side with dead letters. */
export class LetterBox {
  readonly #post: (notice: FromIsolate) => void
  #published = 0
  #dropped = 0
  #turn: NodeJS.Immediate | undefined

  constructor(post: (notice: FromIsolate) => void) {
    this.#post = post
  }

  publish(letter: WireDeadLetter): void {
    this.#turn ??= setImmediate(() => this.flush())
    if (++this.#published <= LETTERS_PER_TURN) this.#post({ type: 'deadLetter', letter })
    else this.#dropped++
  }

  flush(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    this.#turn = undefined
    if (this.#dropped > 0) this.#post({ type: 'deadLettersDropped', count: this.#dropped })
    this.#published = this.#dropped = 0
  }
}
