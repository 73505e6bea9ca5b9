import { copyOfReceived, PayloadReader } from '../../packages/runtime/src/mailbox/payload.ts'
import type { Arena } from '../../packages/runtime/src/queue/arena.ts'
import type { HeldRecord } from '../../packages/runtime/src/queue/held-record.ts'
import { HeldRecords } from '../../packages/runtime/src/queue/held-records.ts'
import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { WAITING } from '../../packages/runtime/src/queue/layout.ts'
import { forget, isNoted, note, type RecordName } from './kill-accounts.ts'
import { ASIDE, laneNumber, OUT_OF_ORDER, reportFault, stampIn, TORN } from './kill-parts.ts'

const MAX = 40

/** Some records are set aside, as an actor stashes messages, and begun again later, by this incarnation or the next. */
export class Aside {
  readonly #facts: Int32Array
  readonly #seat: number
  readonly #records: HeldRecords
  readonly #payloads = new PayloadReader()
  readonly #waiting: HeldRecord[]

  constructor(arena: Arena, facts: Int32Array, seat: number) {
    this.#facts = facts
    this.#seat = seat
    this.#records = new HeldRecords(arena, seat, MAX)
    this.#waiting = this.#records.waiting().map((record) => this.#records.adopt(record))
  }

  /** If there is room; then the lane may go on. */
  put(lane: LaneConsumer, name: RecordName): void {
    if (this.#records.isFull || !note(this.#facts, ASIDE, laneNumber(lane.lane.sender, this.#seat), name)) return
    const held = this.#records.hold(lane, WAITING, true)
    if (held !== undefined) this.#waiting.push(held)
  }

  takeOne(): void {
    const record = this.#waiting.shift()
    if (record === undefined) return
    record.begin()
    const stamp = stampIn(copyOfReceived(this.#payloads.read(record)))
    const { sender } = record.lane
    const number = laneNumber(sender, this.#seat)
    const fault = stamp.isWhole ? OUT_OF_ORDER : TORN
    if (!stamp.isWhole || !isNoted(this.#facts, ASIDE, number, stamp))
      reportFault(this.#facts, fault, sender, stamp.incarnation, stamp.n, -1)
    record.done()
    forget(this.#facts, number, stamp)
  }
}
