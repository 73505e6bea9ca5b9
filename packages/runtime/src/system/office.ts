import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { EnclosureHooks, EnclosureName } from '../codec/enclosures.ts'
import type { Destination, OfficePort, Sealed, ToOffice } from '../isolate/office-line.ts'
import type { Arena } from '../queue/arena.ts'
import { hasBeenSent } from '../queue/lane-closing.ts'
import type { LaneIdentity } from '../queue/segment.ts'
import { WaitWord } from '../queue/wait-word.ts'
import type { Watcher } from './watch-list.ts'

/** What one message has beside it. */
interface Deposit {
  readonly line: number
  readonly to: Destination
  readonly sealed: Sealed
  readonly bytes: number
}

interface Line {
  readonly owner: Watcher
  readonly port: OfficePort
  readonly answered: WaitWord
  /** Numbers rise: what is not above it has been brought. */
  latest: number
}

export interface OfficePorts {
  readonly clock: Clock
}

const OPENING_MS = 200

/**
 * Where what travels beside messages is kept (G4): moved buffers and ports, shared memory. It outlives its sender, and its
 * receiver's incarnations; a message that is never read leaves nothing here. It lives on the control thread.
 */
export class Office implements EnclosureHooks {
  readonly #arena: Arena
  readonly #ports: OfficePorts
  readonly #lines = new Map<number, Line>()
  readonly #deposits = new Map<string, Deposit>()
  /** Who came before what they ask for. */
  readonly #waiting = new Map<string, Line>()
  /** Who did not want what is still to come, on a line that nobody knows yet. */
  readonly #dropped = new Set<string>()

  constructor(arena: Arena, ports: OfficePorts) {
    this.#arena = arena
    this.#ports = ports
  }

  addLine(owner: Watcher, number: number, words: Int32Array, port: OfficePort): void {
    const line = { owner, port, answered: new WaitWord(words, 0), latest: 0 }
    this.#lines.set(number, line)
    port.onMessage((message) => this.#serve(number, line, message))
  }

  /** Of all messages that are not read yet. */
  inTransit(): { readonly messages: number; readonly bytes: number } {
    for (const [number, line] of this.#lines) this.#drain(number, line)
    let bytes = 0
    for (const deposit of this.#deposits.values()) bytes += deposit.bytes
    return { messages: this.#deposits.size, bytes }
  }

  /** The control side itself sends nothing of the kind, and reads nothing. */
  nextName(): EnclosureName {
    return { line: 0, number: 0 }
  }

  take(): undefined {
    return undefined
  }

  drop(name: EnclosureName): void {
    const key = keyOf(name)
    const deposit = this.#find(key, name)
    if (deposit !== undefined) return this.#forget(key, deposit)
    if (this.#lines.has(name.line)) return
    this.#dropped.add(key)
    this.#ports.clock.after(OPENING_MS, () => this.#dropped.delete(key))
  }

  /** An incarnation has ended: what it had brought for a message that it could not send any more is nobody's. */
  readerGone(reader: Watcher): void {
    for (const [number, line] of this.#lines) {
      if (!isSame(line.owner, reader)) continue
      this.#drain(number, line)
      line.port.close()
      this.#lines.delete(number)
      for (const [key, taker] of this.#waiting) if (key.startsWith(`${number}:`)) this.#answer(taker, key, undefined)
      for (const [key, deposit] of this.#deposits) {
        if (deposit.line === number && !hasBeenSent(this.#arena, laneTo(deposit.to, reader.address), deposit.to.position))
          this.#forget(key, deposit)
      }
    }
  }

  /** Nobody will read what was sent there. */
  addressEnded({ seat, generation }: Address): void {
    for (const [key, deposit] of this.#deposits) {
      if (deposit.to.seat === seat && deposit.to.generation === generation) this.#forget(key, deposit)
    }
  }

  /** Reads what has come, but was not told yet. */
  #drain(number: number, line: Line): void {
    for (const message of line.port.drain()) this.#serve(number, line, message)
  }

  #serve(number: number, line: Line, message: ToOffice): void {
    switch (message.type) {
      case 'deposit':
        return this.#deposit(number, line, message)
      case 'take':
        return this.#take(line, message.name)
      case 'drop':
        return this.drop(message.name)
    }
  }

  #deposit(line: number, from: Line, { number, to, sealed, bytes }: ToOffice & { type: 'deposit' }): void {
    from.latest = number
    const key = keyOf({ line, number })
    this.#deposits.set(key, { line, to, sealed, bytes })
    if (this.#dropped.delete(key)) return this.#forget(key, this.#deposits.get(key)!)
    const taker = this.#waiting.get(key)
    if (taker !== undefined) this.#answer(taker, key, this.#deposits.get(key))
  }

  /** It was posted before its message, but on another port: it may be still to come. */
  #find(key: string, { line }: EnclosureName): Deposit | undefined {
    const bringer = this.#lines.get(line)
    if (!this.#deposits.has(key) && bringer !== undefined) this.#drain(line, bringer)
    return this.#deposits.get(key)
  }

  #take(taker: Line, name: EnclosureName): void {
    const key = keyOf(name)
    const deposit = this.#find(key, name)
    const bringer = this.#lines.get(name.line)
    if (deposit !== undefined || (bringer !== undefined && bringer.latest >= name.number)) return this.#answer(taker, key, deposit)
    this.#waiting.set(key, taker)
    // A line that nobody knows has ended long ago, or it was opened a moment ago, and says so in a moment.
    if (bringer === undefined)
      this.#ports.clock.after(OPENING_MS, () => {
        if (this.#waiting.get(key) === taker && !this.#lines.has(name.line)) this.#answer(taker, key, undefined)
      })
  }

  #answer(taker: Line, key: string, deposit: Deposit | undefined): void {
    this.#waiting.delete(key)
    this.#deposits.delete(key)
    taker.port.post({ sealed: deposit?.sealed })
    taker.answered.wake()
  }

  #forget(key: string, deposit: Deposit): void {
    this.#deposits.delete(key)
    deposit.sealed.close()
  }
}

function keyOf({ line, number }: EnclosureName): string {
  return `${line}:${number}`
}

function isSame(a: Watcher, b: Watcher): boolean {
  return a.address.seat === b.address.seat && a.address.generation === b.address.generation && a.incarnation === b.incarnation
}

function laneTo({ kind, seat, generation }: Destination, sender: Address): LaneIdentity {
  return { kind, receiver: seat, receiverGeneration: generation, sender: sender.seat, senderGeneration: sender.generation }
}
