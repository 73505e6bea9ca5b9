import { randomFillSync } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { readEnvelope, TELL } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Inbox } from '../../packages/runtime/src/mailbox/inbox.ts'
import { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { copyOfReceived, PayloadReader } from '../../packages/runtime/src/mailbox/payload.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import type { LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { PUSHED, STOPPED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES, WANTS_MESSAGES, WANTS_REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { Parking } from '../../packages/runtime/src/queue/parking.ts'
import { note, noteHandled, type RecordName } from './kill-accounts.ts'
import { Aside } from './kill-aside.ts'
import {
  BUSY,
  CANCELS,
  dice,
  GENERATION,
  IDLE,
  INCARNATIONS_MAX,
  type KillBoot,
  kindOf,
  LIMITS,
  laneNumber,
  READY,
  REFUSED,
  reportFault,
  SENT,
  SLEEPY,
  sizeOf,
  stamped,
  stampIn,
} from './kill-parts.ts'

const { memory, facts, seat, generation, incarnation, isFirst } = workerData as KillBoot
const arena = Arena.attach(memory)
const roll = dice(seat * 100_003 + incarnation)
const PARK_SYNC_MS = 20

/** Pushes as fast as it can, and says what was accepted: only after it was, so a kill in between hides one at most. */
function produce(): never {
  const outbox = new Outbox(arena, { seat, generation }, LIMITS)
  if (!isFirst) outbox.resume()
  const outlets = [BUSY, SLEEPY].map((receiver) => {
    return {
      receiver,
      to: Atomics.load(facts, GENERATION + receiver),
      sent: SENT + laneNumber(seat, receiver) * INCARNATIONS_MAX + incarnation,
      n: 0,
    }
  })
  const noise = randomFillSync(new Uint8Array(32 * 1024))
  Atomics.store(facts, READY + seat, incarnation)
  const calls: Cancellable[] = []
  let isRefused = false
  for (;;) {
    // Who is refused by one that ends goes on at once, with it and with others: their lanes have their memory from the same hands.
    const outlet = outlets[roll() < (isRefused ? 0.5 : 0.03) ? 1 : 0]!
    const { receiver } = outlet
    const body = noise.subarray(outlet.n & 1_023, (outlet.n & 1_023) + sizeOf(roll()))
    const n = outlet.n + 1
    const result = outbox.push(kindOf(receiver), receiver, outlet.to, TELL, 0, incarnation, n, 0, stamped(body, incarnation, n))
    isRefused = result === STOPPED
    if (result === PUSHED) {
      Atomics.store(facts, outlet.sent, (outlet.n = n))
      if (receiver === BUSY && roll() < 0.02) calls.push({ incarnation, n, cancel: outbox.cancelLast(receiver, incarnation) })
    } else if (!isRefused) pause(0.05)
    // That address has ended: the same record goes to the next one.
    if (result === STOPPED) outlet.to = Atomics.load(facts, GENERATION + receiver)
    if (roll() < 0.01) outbox.collect()
    if (roll() < 0.02) callOff(calls.splice(Math.floor(roll() * calls.length), 1)[0])
    // Everybody falls asleep now and then, and leaves the processors to those who start.
    if (roll() < 0.005) pause(roll() * 2)
  }
}

interface Cancellable extends RecordName {
  cancel(): void
}

/** Whoever finds it cancelled need not tell anybody of it. */
function callOff(call: Cancellable | undefined): void {
  if (call !== undefined && note(facts, CANCELS, laneNumber(seat, BUSY), call)) call.cancel()
}

/** Handles what comes: checks it, and says so before it is done. Then it sleeps, in the way of an actor, or of a blocking ask. */
class Receiver {
  readonly #parking = new Parking(arena, seat)
  readonly #inbox = new Inbox(arena, kindOf(seat), seat, generation, {
    onCorrupt: (sender) => reportFault(facts, REFUSED, sender, seat, incarnation),
  })
  readonly #payloads = new PayloadReader()
  readonly #aside = seat === BUSY ? new Aside(arena, facts, seat) : undefined
  readonly #wants = kindOf(seat) === MESSAGES ? WANTS_MESSAGES : WANTS_REPLIES

  run(): void {
    this.#parking.awake()
    for (;;) {
      if (this.#work() || this.#spin()) continue
      if (seat === SLEEPY && incarnation % 2 === 0) {
        this.#parking.parkSync(PARK_SYNC_MS)
        // It blocks for one answer only, and then sleeps as others do.
        if (this.#parking.hasWork(this.#wants)) continue
      }
      if (this.#parking.park(this.#wants, () => this.run())) return
    }
  }

  #spin(): boolean {
    for (let i = roll() < 0.3 ? 2_000 : 0; i > 0; i--) if (this.#parking.hasWork(this.#wants)) return true
    return false
  }

  /** False: there is nothing. */
  #work(): boolean {
    for (let i = 0; i < 32; i++) {
      const lane = this.#inbox.poll()
      if (lane === undefined) return false
      this.#handle(lane)
    }
    return true
  }

  #handle(lane: LaneConsumer): void {
    const { sender } = lane.lane
    const { correlation, deadline, attempt } = readEnvelope(lane)
    const stamp = stampIn(copyOfReceived(this.#payloads.read(lane)))
    lane.begin(false)
    const isWhole = stamp.isWhole && correlation === stamp.incarnation && deadline === stamp.n
    // Now and then some work, so that a kill meets a record that is begun.
    for (let i = roll() < 0.02 ? 20_000 : 0; i > 0; i--) this.#parking.isDying()
    noteHandled(facts, sender, seat, generation, { ...stamp, isWhole }, attempt)
    if (isWhole && roll() < 0.02) this.#aside?.put(lane, stamp)
    lane.done()
    if (roll() < 0.02) this.#aside?.takeOne()
  }
}

function pause(ms: number): void {
  Atomics.wait(facts, IDLE, 0, ms)
}

if (seat === BUSY || seat === SLEEPY) {
  // A wait on shared memory keeps no thread alive.
  setInterval(() => undefined, 1 << 30)
  Atomics.store(facts, READY + seat, incarnation)
  new Receiver().run()
} else produce()
