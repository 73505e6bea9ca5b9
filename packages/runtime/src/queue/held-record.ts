import { copyBytes } from '../base/copy-bytes.ts'
import type { Arena } from './arena.ts'
import { add, load, store } from './atomics.ts'
import * as L from './layout.ts'
import type { ReceivedRecord } from './received-record.ts'

/** One row of what an actor has set aside: the copy of a record, and how far it is. */
export class HeldRecord implements ReceivedRecord {
  readonly #arena: Arena
  readonly #seat: number
  readonly block: number
  readonly row: number
  readonly #at: number
  readonly words: Int32Array
  readonly envelopeAt: number
  payload: Uint8Array
  payloadAt: number
  /** Its place may be used for another one. */
  onFree: () => void = () => {}

  constructor(arena: Arena, seat: number, block: number, row: number) {
    this.#arena = arena
    this.#seat = seat
    this.block = block
    this.row = row
    this.#at = L.SEGMENT_HEADER_WORDS + row * L.HOLD_ROW_WORDS
    this.words = arena.blockWords(block, 1)
    this.envelopeAt = this.#at + L.HELD_ENVELOPE
    this.payload = arena.blockBytes(block, 1)
    this.payloadAt = (this.#at + L.HELD_PAYLOAD) * 4
    // What a free row says of a run was another's, and its blocks may be in use again.
    if (isTaken(this.stateNow()) && !this.isInline && this.isSound()) this.#seeRun()
  }

  stateNow(): number {
    return load(this.words, this.#at + L.HELD_STATE)
  }

  get number(): number {
    return this.words[this.#at + L.HELD_NUMBER]!
  }

  get lane(): { readonly sender: number; readonly senderGeneration: number } {
    return { sender: this.words[this.#at + L.HELD_SENDER]!, senderGeneration: this.words[this.#at + L.HELD_SENDER_GENERATION]! }
  }

  get isInline(): boolean {
    return this.words[this.#at + L.HELD_RUN] === 0
  }

  get payloadBytes(): number {
    return this.words[this.#at + L.HELD_PAYLOAD_BYTES]!
  }

  firstWordNow(): number {
    return load(this.words, this.envelopeAt)
  }

  /** The same words as those of the record; its payload goes into a run of blocks if there is one. */
  fill(record: ReceivedRecord, number: number, run: number, payloadBytes: number): void {
    const at = this.#at
    const { words } = this
    words[at + L.HELD_NUMBER] = number
    words[at + L.HELD_SENDER] = record.lane.sender
    words[at + L.HELD_SENDER_GENERATION] = record.lane.senderGeneration
    words[at + L.HELD_ORDINAL] = ordinalOf(record)
    words[at + L.HELD_RUN] = run + 1
    words[at + L.HELD_PAYLOAD_BYTES] = payloadBytes
    for (let i = 0; i < L.ENVELOPE_WORDS; i++) words[this.envelopeAt + i] = record.words[record.envelopeAt + i]!
    if (run >= 0) this.#seeRun()
    copyBytes(this.payload, this.payloadAt, record.payload.subarray(record.payloadAt, record.payloadAt + payloadBytes))
  }

  /** From here on it is what the state says, whatever happens to this thread. */
  mark(state: number): void {
    store(this.words, this.#at + L.HELD_STATE, state)
  }

  renumber(number: number): void {
    this.words[this.#at + L.HELD_NUMBER] = number
  }

  begin(): void {
    this.mark(L.BEGUN)
  }

  done(): void {
    this.mark(L.FREE)
    for (const block of this.runBlocks()) this.#arena.free(this.#seat, block, 1)
    this.onFree()
  }

  /** It was begun by a thread that has ended, and is to be begun again. `step`: as that of a lane's. */
  putBack(step: number): void {
    add(this.words, this.envelopeAt, step)
    this.mark(L.WAITING)
  }

  /** Whether the oldest record of that lane is the same message: its receiver died before it could let the lane go on. */
  isCopyOf(record: ReceivedRecord): boolean {
    const { sender, senderGeneration } = this.lane
    if (record.lane.sender !== sender || record.lane.senderGeneration !== senderGeneration) return false
    return ordinalOf(record) === this.words[this.#at + L.HELD_ORDINAL]
  }

  /** False when it makes no sense: its owner has scribbled over it. */
  isSound(): boolean {
    const { payloadBytes } = this
    if (payloadBytes < 0) return false
    if (this.isInline) return payloadBytes <= L.HELD_INLINE_BYTES_MAX
    const first = this.words[this.#at + L.HELD_RUN]! - 1
    const blocks = Math.ceil(payloadBytes / L.BLOCK_BYTES)
    if (first < 0 || blocks < 1 || first + blocks > this.#arena.blocksNow()) return false
    for (let i = 0; i < blocks; i++) if (this.#arena.ownerOf(first + i) !== this.#seat) return false
    return true
  }

  runBlocks(): number[] {
    const first = this.words[this.#at + L.HELD_RUN]! - 1
    return first < 0 ? [] : Array.from({ length: Math.ceil(this.payloadBytes / L.BLOCK_BYTES) }, (_, i) => first + i)
  }

  #seeRun(): void {
    const [first] = this.runBlocks()
    this.payload = this.#arena.blockBytes(first!, this.runBlocks().length)
    this.payloadAt = 0
  }
}

export function isTaken(state: number): boolean {
  return state === L.BEGUN || state === L.WAITING
}

/** Which record of its lane it is. */
function ordinalOf({ words, envelopeAt }: ReceivedRecord): number {
  return words[envelopeAt - L.RECORD_ENVELOPE + L.RECORD_ORDINAL]!
}
