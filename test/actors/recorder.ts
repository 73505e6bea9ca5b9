import { Actor } from '@troupe/runtime'

/** Keeps what others tell it, in the order in which it came. */
export class Recorder extends Actor {
  static readonly module = import.meta.url
  readonly #noted: unknown[] = []

  note(what: unknown): void {
    this.#noted.push(what)
  }

  noted(): unknown[] {
    return this.#noted
  }
}
