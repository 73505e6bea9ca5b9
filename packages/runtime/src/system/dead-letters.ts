import type { DeadLetter } from '../base/events.ts'
import type { Codec } from '../codec/codec.ts'
import type { WireDeadLetter } from '../isolate/isolate.ts'
import { fromWireReason } from '../isolate/wire-reason.ts'
import type { AnyRef } from '../ref/ref-types.ts'

const BYTES_MAX = 16 * 1024 * 1024

export interface DeadLetterPorts {
  codec(): Codec
  publish(letter: DeadLetter): void
  tell(to: AnyRef, method: string, args: readonly unknown[]): boolean
}

/**
 * The dead letters of a system, for those who come later than the event: the latest `limits.deadLettersMax`, and at most
 * 16 MiB of them. They live in the host's memory, and end with the system.
 */
export class DeadLetters {
  readonly #max: number
  readonly #ports: DeadLetterPorts
  #letters: DeadLetter[] = []
  #bytes = 0
  #forgotten = 0

  /** Used by the system. */
  constructor(max: number, ports: DeadLetterPorts) {
    this.#max = max
    this.#ports = ports
  }

  /** Used by the system: reads a letter as it has come, keeps it, and tells those who listen. */
  receive({ payload, carries, ...wire }: WireDeadLetter): void {
    const reason = wire.reason === undefined ? undefined : fromWireReason(this.#ports.codec(), wire.reason)
    const letter = { ...wire, from: String(wire.from), args: this.#readArgs(payload, carries), reason }
    this.#add(letter)
    this.#ports.publish(letter)
  }

  /** Whoever wrote over its own lane has sent nonsense: that harms nobody here. */
  #readArgs(payload: Uint8Array | undefined, carries: boolean | undefined): readonly unknown[] | undefined {
    if (payload === undefined) return undefined
    try {
      const args = this.#ports.codec().decode(payload, 0, payload.length) as unknown[]
      return carries === true ? args.slice(0, -1) : args
    } catch {
      return undefined
    }
  }

  #add(letter: DeadLetter): void {
    this.#letters.push(letter)
    this.#bytes += keptBytes(letter)
    while (this.#letters.length > this.#max || this.#bytes > BYTES_MAX) {
      this.#bytes -= keptBytes(this.#letters.shift()!)
      this.#forgotten++
    }
  }

  /** Those that are kept, oldest first. */
  list(): readonly DeadLetter[] {
    return [...this.#letters]
  }

  /** How many had to give way to later ones. */
  get forgotten(): number {
    return this.#forgotten
  }

  /**
   * Tells an actor the kept letters once more, oldest first, as new messages of the host; `which` chooses, by default all that
   * have their arguments (above 64 KiB they are not kept). Returns how many it accepted: those are not dead any more. It ends
   * at the first that is refused, which stays. Whether a letter with `why: 'crashed'` took effect before is unknown: replay
   * only what may happen twice.
   */
  replay(to: AnyRef, which: (letter: DeadLetter) => boolean = () => true): number {
    const chosen = this.#letters.filter((letter) => letter.args !== undefined && letter.method !== '?' && which(letter))
    const accepted = new Set<DeadLetter>()
    for (const letter of chosen) {
      if (!this.#ports.tell(to, letter.method, letter.args!)) break
      accepted.add(letter)
    }
    this.#keep((letter) => !accepted.has(letter))
    return accepted.size
  }

  /** Forgets the letters, or those that `which` chooses. Returns how many. */
  clear(which: (letter: DeadLetter) => boolean = () => true): number {
    const before = this.#letters.length
    this.#keep((letter) => !which(letter))
    return before - this.#letters.length
  }

  #keep(which: (letter: DeadLetter) => boolean): void {
    this.#letters = this.#letters.filter(which)
    this.#bytes = this.#letters.reduce((sum, letter) => sum + keptBytes(letter), 0)
  }
}

function keptBytes({ args, bytes }: DeadLetter): number {
  return args === undefined ? 0 : bytes
}
