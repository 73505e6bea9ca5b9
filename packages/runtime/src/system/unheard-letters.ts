import type { DeadLetter } from '../base/events.ts'

/** Each is warned of once, and no more than so many. */
const WARNINGS_MAX = 32

/**
 * A told message that its receiver does not have, or does not take as it is, is a mistake in the program, and nobody hears of it who does not listen to
 * dead letters: that one becomes a warning of the process.
 */
export class UnheardLetters {
  readonly #warn: (text: string) => void
  readonly #warned = new Set<string>()

  constructor(warn: (text: string) => void) {
    this.#warn = warn
  }

  note({ to, from, method, why, detail }: DeadLetter): void {
    const key = `${to} ${method}`
    if ((why !== 'notAMessage' && why !== 'invalid') || this.#warned.has(key) || this.#warned.size >= WARNINGS_MAX) return
    this.#warned.add(key)
    this.#warn(`${detail} It was told by ${from}, and is a dead letter (said once; listen to system.events.on('deadLetter', …) for all).`)
  }
}
