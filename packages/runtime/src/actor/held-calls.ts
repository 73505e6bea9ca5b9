import { BudgetExceededError, HeldFullError } from '../base/errors.ts'
import { ASK, cancelWaiting, readEnvelope } from '../mailbox/envelope.ts'
import type { Arena } from '../queue/arena.ts'
import { HeldRecord } from '../queue/held-record.ts'
import { HeldRecords } from '../queue/held-records.ts'
import { hasHeld } from '../queue/hold-blocks.ts'
import { BEGUN, WAITING } from '../queue/layout.ts'
import type { ReceivedRecord } from '../queue/received-record.ts'
import type { Asker } from '../ref/asides.ts'
import type { Call } from './call.ts'

export interface Keeping {
  readonly arena: Arena
  readonly seat: number
  /** So many at a time. */
  readonly max: number
  /** Its asks may be begun again after its death, so their arguments are kept. */
  readonly redelivers: boolean
}

/** Calls that an actor has begun and set aside: it takes other messages while they last. They are in nobody's lane any more. */
export class HeldCalls {
  readonly #keeping: Keeping
  #records: HeldRecords | undefined
  /** By who asked: a cancelled ask is found at once among thousands. */
  readonly #asked = new Map<string, Call>()
  /** Those of them that want to hear when nobody waits for them any more. */
  readonly #listening = new Set<Call>()
  /** What a predecessor has left to be begun before all else, oldest first. */
  #waiting: HeldRecord[] = []
  /** Of those, unstashed since one was taken: what is unstashed next is younger. */
  #unstashed = 0
  /** What this incarnation has put back, oldest first. */
  readonly #stashed: HeldRecord[] = []

  constructor(keeping: Keeping) {
    this.#keeping = keeping
    if (!hasHeld(keeping.arena, keeping.seat)) return
    this.#records = this.#made()
    this.#waiting = this.#records.waiting().map((record) => this.#records!.adopt(record))
  }

  /** Something is to be begun before what is in the lanes. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  get stashed(): number {
    return this.#stashed.length
  }

  /** Puts a call back, as if it had not been begun; its record waits until it is unstashed, or for the next incarnation. */
  stash(call: Call, text: string): void {
    const record = call.record!
    const held = record instanceof HeldRecord ? record : this.#taken(record, WAITING, true, text)
    if (record === held) this.#records!.putLast(held)
    else {
      record.done()
      call.moveTo(held)
    }
    this.#stashed.push(held)
  }

  /** The oldest ones are begun next, in the order in which they were stashed. */
  unstash(count: number): number {
    const again = this.#stashed.splice(0, count)
    this.#waiting = [...this.#waiting.slice(0, this.#unstashed), ...again, ...this.#waiting.slice(this.#unstashed)]
    this.#unstashed += again.length
    return again.length
  }

  /** One that waits is not begun any more, if its caller says so. */
  cancelWaiting({ seat, generation, incarnation, correlation }: Asker): void {
    for (const record of [...this.#stashed, ...this.#waiting]) {
      const envelope = readEnvelope(record)
      const { sender, senderGeneration } = record.lane
      if (sender !== seat || senderGeneration !== generation || envelope.epoch !== incarnation) continue
      if (envelope.kind === ASK && envelope.correlation === correlation) cancelWaiting(record)
    }
  }

  takeWaiting(): HeldRecord {
    this.#unstashed = 0
    return this.#waiting.shift()!
  }

  /** Takes a call out of its lane, so that the lane can go on. Throws HeldFullError, BudgetExceededError. */
  hold(call: Call, text: string): void {
    const record = call.record!
    if (!(record instanceof HeldRecord)) {
      const held = this.#taken(record, BEGUN, !call.isAsked || this.#keeping.redelivers, text)
      record.done()
      call.moveTo(held)
    }
    if (!call.isAsked) return
    this.#asked.set(keyOf(call.asker()!), call)
    if (call.isListening) this.#listening.add(call)
    else call.onListening = () => this.#listening.add(call)
  }

  /** It is done. */
  release(call: Call): void {
    const asker = call.asker()
    if (asker !== undefined) this.#asked.delete(keyOf(asker))
    this.#listening.delete(call)
    if (!call.isStashed) call.record?.done()
    call.end()
  }

  find(asker: Asker): Call | undefined {
    return this.#asked.get(keyOf(asker))
  }

  /** The dead tell nobody that they have given up: called when this actor is woken because of a death. */
  lookAtCallers(): void {
    if (this.#listening.size > 0) for (const call of this.#listening) call.lookAtCaller()
  }

  /** Their actor has ended, and its thread has not. */
  abandonAll(): void {
    for (const call of this.#asked.values()) call.abandon()
  }

  /** Replies that nobody waits for need no place. */
  #sweep(): void {
    for (const call of this.#asked.values()) if (call.reply !== undefined && call.isCancelled) this.release(call)
  }

  #taken(record: ReceivedRecord, state: typeof BEGUN | typeof WAITING, withPayload: boolean, text: string): HeldRecord {
    const records = (this.#records ??= this.#made())
    if (records.isFull) this.#sweep()
    if (records.isFull) throw new HeldFullError(text, this.#keeping.max)
    const held = records.hold(record, state, withPayload)
    if (held === undefined) throw new BudgetExceededError(text)
    return held
  }

  #made(): HeldRecords {
    const { arena, seat, max } = this.#keeping
    return new HeldRecords(arena, seat, max)
  }
}

/** Each incarnation numbers its asks from 1 on, and one that was set aside may outlive who asked. */
function keyOf({ seat, generation, incarnation, correlation }: Asker): string {
  return `${seat}:${generation}:${incarnation}:${correlation}`
}
