import { randomFillSync } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { EMPTY, LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES, WANTS_MESSAGES, WANTS_REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { Parking, wake } from '../../packages/runtime/src/queue/parking.ts'
import { markReady, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import {
  BUSY,
  dice,
  HANDLED,
  IDLE,
  INCARNATIONS_MAX,
  type KillBoot,
  kindOf,
  LAST,
  LIMITS,
  laneNumber,
  laneOf,
  OUT_OF_ORDER,
  READY,
  REFUSED,
  reportFault,
  SENDERS,
  SENT,
  SLEEPY,
  sizeOf,
  stamp,
  stampOf,
  TORN,
} from './kill-parts.ts'

const { memory, facts, seat, incarnation } = workerData as KillBoot
const arena = Arena.attach(memory)
const roll = dice(seat * 100_003 + incarnation)
const PARK_SYNC_MS = 20

/** Pushes as fast as it can, and says what was accepted: only after it was, so a kill in between hides one at most. */
function produce(): never {
  const outlets = [BUSY, SLEEPY].map((receiver) => {
    const producer = LaneProducer.open(arena, laneOf(seat, receiver), LIMITS)
    if (typeof producer === 'number') throw new Error(`not opened: ${producer}`)
    return { receiver, producer, sent: SENT + laneNumber(seat, receiver) * INCARNATIONS_MAX + incarnation, n: 0 }
  })
  const noise = randomFillSync(new Uint8Array(32 * 1024))
  Atomics.store(facts, READY + seat, incarnation)
  for (;;) {
    const outlet = outlets[roll() < 0.03 ? 1 : 0]!
    const bytes = sizeOf(roll())
    const payload = noise.subarray(outlet.n & 1_023, (outlet.n & 1_023) + bytes)
    const { producer, receiver } = outlet
    while (producer.reserve(bytes) !== PUSHED) pause(0.05)
    stamp(producer, incarnation, ++outlet.n, payload)
    producer.payload.set(payload, producer.payloadAt)
    if (producer.commit() !== PUSHED) throw new Error('stopped')
    Atomics.store(facts, outlet.sent, outlet.n)
    markReady(arena, kindOf(receiver), receiver, seat)
    wake(arena, receiver, kindOf(receiver) === MESSAGES ? WANTS_MESSAGES : WANTS_REPLIES)
    // Everybody falls asleep now and then, and leaves the processors to those who start.
    if (roll() < 0.005) pause(roll() * 2)
  }
}

/** Handles what comes: checks it, and says so before it is done. Then it sleeps, in the way of an actor, or of a blocking ask. */
class Receiver {
  readonly #kind = kindOf(seat)
  readonly #parking = new Parking(arena, seat)
  readonly #lanes: (LaneConsumer | undefined)[] = []
  readonly #waiting = new Set<number>(SENDERS)
  readonly #wants = kindOf(seat) === MESSAGES ? WANTS_MESSAGES : WANTS_REPLIES
  readonly #ready: number[] = []

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

  #work(): boolean {
    this.#ready.length = 0
    takeReady(arena, this.#kind, seat, this.#ready)
    for (const sender of this.#ready) this.#waiting.add(sender)
    for (const sender of this.#waiting) if (!this.#handleSome(sender)) this.#waiting.delete(sender)
    return this.#waiting.size > 0
  }

  /** False: the lane is empty. */
  #handleSome(sender: number): boolean {
    const lane = (this.#lanes[sender] ??= LaneConsumer.attach(arena, this.#kind, seat, 1, sender))
    for (let i = 0; i < 16; i++) {
      const found = lane?.next() ?? EMPTY
      if (found === RECORD) handle(lane!)
      else {
        if (found !== EMPTY) reportFault(facts, REFUSED, sender, 0, 0, found)
        return false
      }
    }
    return true
  }
}

function handle(lane: LaneConsumer): void {
  const { sender } = lane.lane
  const { incarnation: from, n, isWhole } = stampOf(lane)
  lane.begin()
  if (!isWhole) reportFault(facts, TORN, sender, from, n)
  const number = laneNumber(sender, seat)
  Atomics.store(facts, HANDLED + number * INCARNATIONS_MAX + from, n)
  // Kept in shared memory: it must hold across our own deaths too.
  const last = LAST + number * 4
  const isNext = from === facts[last] ? n === facts[last + 1]! + 1 : from > facts[last]! && n === 1
  if (!isNext) reportFault(facts, OUT_OF_ORDER, sender, from, n, facts[last]!, facts[last + 1]!)
  facts[last + 1] = n
  facts[last] = from
  Atomics.add(facts, last + 2, 1)
  lane.done()
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
