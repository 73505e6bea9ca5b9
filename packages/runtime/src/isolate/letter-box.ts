import type { WireDeadLetter } from './isolate.ts'

/** Dead letters published one by one in one turn; a flood beyond that is counted. */
export interface LetterQuota {
  readonly letters: number
  readonly bytes: number
}

export interface LetterBoxPorts {
  publish(letter: WireDeadLetter): void
  dropped(count: number): void
  nextTurn(task: () => void): void
}

/** Keeps a flood of dead letters (an actor that tells into a full mailbox in a loop, the sweep of a long mailbox) from being one. */
export class LetterBox {
  readonly #quota: LetterQuota
  readonly #ports: LetterBoxPorts
  #letters = 0
  #bytes = 0
  #dropped = 0
  #isTurnDue = false

  constructor(quota: LetterQuota, ports: LetterBoxPorts) {
    this.#quota = quota
    this.#ports = ports
  }

  publish(letter: WireDeadLetter): void {
    if (!this.#isTurnDue) {
      this.#isTurnDue = true
      this.#ports.nextTurn(() => {
        this.#isTurnDue = false
        this.flush()
      })
    }
    this.#letters++
    this.#bytes += letter.payload?.length ?? 0
    if (this.#letters <= this.#quota.letters && this.#bytes <= this.#quota.bytes) this.#ports.publish(letter)
    else this.#dropped++
  }

  flush(): void {
    if (this.#dropped > 0) this.#ports.dropped(this.#dropped)
    this.#letters = this.#bytes = this.#dropped = 0
  }
}
