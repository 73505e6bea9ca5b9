import { Worker } from 'node:worker_threads'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { BLOCK_BYTES, SEAT_SLEEPING } from '../../packages/runtime/src/queue/layout.ts'
import { markDying, wakeIfStalled } from '../../packages/runtime/src/queue/parking.ts'
import { markReady } from '../../packages/runtime/src/queue/ready.ts'
import { hasLane, openSeat, prepareSeat } from '../../packages/runtime/src/queue/seat.ts'
import { segmentsOf } from '../../packages/runtime/src/queue/segment.ts'
import {
  dice,
  FACTS,
  FAILED,
  FAULT,
  FAULTS,
  HANDLED,
  INCARNATIONS_MAX,
  type KillBoot,
  kindOf,
  LAST,
  laneNumber,
  laneOf,
  READY,
  RECEIVERS,
  reportFault,
  SEATS,
  SENDERS,
  SENT,
  stampOf,
} from './kill-parts.ts'
import { attach, blocksOf, reclaim } from './rig.ts'

const BLOCKS = 2_048
/** The control side's scan (D3). */
const SCAN_MS = 100
/** What moves does so within milliseconds; a loaded machine may take a while. */
const STUCK_MS = 20_000
const KILL_WITHIN_MICROS = 3_000
/** On Node 20 a notification of a thread that is terminated while it waits can crash the process: there it is woken first. */
const MAY_KILL_ASLEEP = Number(process.versions.node.split('.')[0]) >= 22

export interface KillSummary {
  readonly kills: number
  readonly senders: number
  readonly receivers: number
  /** Receivers that slept when they were killed, and how many of them without a warning. */
  readonly asleep: number
  readonly unwarned: number
  readonly records: number
  /** Begun and not done at a kill. */
  readonly inFlight: number
}

/** Threads that send and receive through real lanes and sleep in real waits, and are terminated at random moments. */
export class KillRounds {
  readonly #file: URL
  readonly #seed: number
  readonly #roll: () => number
  readonly #arena = Arena.create(SEATS, BLOCKS * BLOCK_BYTES)
  readonly #facts = new Int32Array(new SharedArrayBuffer(FACTS * 4))
  readonly #threads = new Map<number, { worker: Worker; incarnation: number }>()
  #failure: string | undefined
  readonly #count = { senders: 0, receivers: 0, asleep: 0, unwarned: 0, inFlight: 0 }

  constructor(file: URL, seed: number) {
    this.#file = file
    this.#seed = seed
    this.#roll = dice(seed)
    for (let seat = 1; seat < SEATS; seat++) openSeat(this.#arena, seat)
  }

  /** Throws with the first thing that is wrong. */
  async run(kills: number, onProgress: (summary: KillSummary) => void = () => undefined): Promise<KillSummary> {
    const scan = setInterval(() => this.#scan(), SCAN_MS)
    try {
      await Promise.all([...RECEIVERS, ...SENDERS].map((seat) => this.#start(seat)))
      while (this.#kills() < kills) {
        await this.#allLanesMove()
        await Promise.all(this.#victims(kills - this.#kills()).map((seat) => this.#killAndRestart(seat)))
        onProgress(this.#summary())
      }
      await this.#drain()
      this.#settleAccounts()
      return this.#summary()
    } finally {
      clearInterval(scan)
      await Promise.all([...this.#threads.keys()].map((seat) => this.#kill(seat, true)))
    }
  }

  /** One of them, or several at the same time. */
  #victims(max: number): number[] {
    const all = [...RECEIVERS, ...SENDERS].filter(() => this.#roll() < 0.6)
    return all.length === 0 ? this.#victims(max) : all.slice(0, max)
  }

  async #start(seat: number): Promise<void> {
    const incarnation = (this.#threads.get(seat)?.incarnation ?? 0) + 1
    if (incarnation >= INCARNATIONS_MAX) throw new Error(`one run has at most ${INCARNATIONS_MAX} incarnations of a thread`)
    const boot: KillBoot = { memory: this.#arena.memory, facts: this.#facts, seat, incarnation }
    const worker = new Worker(this.#file, { workerData: boot })
    worker.on('error', (error) => {
      this.#failure ??= String(error)
      reportFault(this.#facts, FAILED, seat, incarnation)
    })
    this.#threads.set(seat, { worker, incarnation })
    await this.#until(() => Atomics.load(this.#facts, READY + seat) === incarnation, `thread ${seat} does not start`)
  }

  async #killAndRestart(seat: number): Promise<void> {
    const isReceiver = RECEIVERS.some((receiver) => receiver === seat)
    busyFor(this.#roll() * KILL_WITHIN_MICROS)
    const isAsleep = isReceiver && Atomics.load(this.#arena.words, this.#arena.seatWord(seat, SEAT_SLEEPING)) !== 0
    const isWarned = !MAY_KILL_ASLEEP || this.#roll() < 0.5
    await this.#kill(seat, isWarned)
    if (isReceiver) {
      this.#count.receivers++
      this.#standInForReceiver(seat)
    } else {
      this.#count.senders++
      this.#standInForSender(seat)
    }
    if (isAsleep) this.#count.asleep++
    if (isAsleep && !isWarned) this.#count.unwarned++
    await this.#start(seat)
  }

  async #kill(seat: number, isWarned: boolean): Promise<void> {
    if (isWarned) markDying(this.#arena, seat)
    await this.#threads.get(seat)!.worker.terminate()
  }

  /** As the control side does it: what was begun is at an end, and the next incarnation finds every lane. */
  #standInForReceiver(receiver: number): void {
    for (const sender of SENDERS) {
      const lane = laneOf(sender, receiver)
      if (!wasBegun(this.#arena, lane)) continue
      const consumer = attach(this.#arena, lane)
      const found = consumer.next()
      if (found !== RECORD) throw this.#fault(`a record was begun, and is not there: ${found}`)
      const { incarnation, n, isWhole } = stampOf(consumer)
      if (!isWhole) throw this.#fault(`a record is torn: ${n} of incarnation ${incarnation} of ${sender}`)
      // Its handler had said so, or had not come to it: for whoever comes next it is over (G5).
      const number = laneNumber(sender, receiver)
      this.#facts[HANDLED + number * INCARNATIONS_MAX + incarnation] = n
      this.#facts[LAST + number * 4 + 1] = n
      this.#facts[LAST + number * 4] = incarnation
      consumer.done()
      this.#count.inFlight++
    }
    prepareSeat(this.#arena, receiver, SENDERS)
  }

  /** What it had sent is seen, who waits for it is woken, what it had claimed is free. */
  #standInForSender(sender: number): void {
    for (const receiver of RECEIVERS) {
      if (hasLane(this.#arena, kindOf(receiver), receiver, sender)) markReady(this.#arena, kindOf(receiver), receiver, sender)
      wakeIfStalled(this.#arena, receiver)
    }
    reclaim(
      this.#arena,
      sender,
      RECEIVERS.map((receiver) => laneOf(sender, receiver)),
    )
    prepareSeat(this.#arena, sender, [])
  }

  #scan(): void {
    for (const receiver of RECEIVERS) wakeIfStalled(this.#arena, receiver)
  }

  async #allLanesMove(): Promise<void> {
    const before = this.#handledByLane()
    await this.#until(() => this.#handledByLane().every((handled, lane) => handled !== before[lane]), 'a lane is stuck')
  }

  async #drain(): Promise<void> {
    for (const sender of SENDERS) {
      await this.#kill(sender, true)
      this.#standInForSender(sender)
    }
    const isEmpty = (sender: number, receiver: number): boolean => attach(this.#arena, laneOf(sender, receiver)).next() !== RECORD
    await this.#until(
      () => SENDERS.every((sender) => RECEIVERS.every((receiver) => isEmpty(sender, receiver))),
      'what was sent is not handled',
    )
    for (const receiver of RECEIVERS) {
      await this.#kill(receiver, true)
      this.#standInForReceiver(receiver)
    }
  }

  /** Accepted is handled; one more may have been committed by a sender that died before it could say so. */
  #settleAccounts(): void {
    for (const sender of SENDERS) {
      for (const receiver of RECEIVERS) {
        const at = laneNumber(sender, receiver) * INCARNATIONS_MAX
        for (let incarnation = 1; incarnation <= this.#threads.get(sender)!.incarnation; incarnation++) {
          const sent = this.#facts[SENT + at + incarnation]!
          const handled = this.#facts[HANDLED + at + incarnation]!
          if (handled !== sent && handled !== sent + 1)
            throw this.#fault(`incarnation ${incarnation} of ${sender} sent ${sent} to ${receiver}, and ${handled} were handled`)
        }
      }
      const lanes = RECEIVERS.map((receiver) => laneOf(sender, receiver))
      const held = lanes.flatMap((lane) => [...segmentsOf(this.#arena, lane)]).reduce((sum, { blocks }) => sum + blocks, 0)
      reclaim(this.#arena, sender, lanes)
      if (blocksOf(this.#arena, sender).length !== held) throw this.#fault(`blocks of ${sender} are lost`)
    }
  }

  async #until(condition: () => boolean, otherwise: string): Promise<void> {
    const deadlineMs = performance.now() + STUCK_MS
    while (!condition()) {
      const found = this.#facts[FAULT]!
      if (found !== 0) throw this.#fault(`${FAULTS[found]}: ${this.#failure ?? this.#facts.subarray(FAULT + 1, READY).join(' ')}`)
      if (performance.now() > deadlineMs) throw this.#fault(`${otherwise} (handled by lane: ${this.#handledByLane().join(' ')})`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #fault(what: string): Error {
    return new Error(`${what}; after ${this.#kills()} kills with seed ${this.#seed}`)
  }

  #handledByLane(): number[] {
    return [0, 1, 2, 3].map((lane) => Atomics.load(this.#facts, LAST + lane * 4 + 2))
  }

  #summary(): KillSummary {
    return { kills: this.#kills(), ...this.#count, records: this.#handledByLane().reduce((sum, handled) => sum + handled, 0) }
  }

  #kills(): number {
    return this.#count.senders + this.#count.receivers
  }
}

/** The kill comes from a busy thread: one that slept would wake when the scheduler likes. */
export function busyFor(micros: number): void {
  for (const untilMs = performance.now() + micros / 1_000; performance.now() < untilMs; );
}

export function describeSummary({ kills, senders, receivers, asleep, unwarned, records, inFlight }: KillSummary): string {
  return (
    `${kills} kills (${senders} senders, ${receivers} receivers, ${asleep} of them asleep, ${unwarned} of those without a warning), ` +
    `${records} records, ${inFlight} in flight at a kill`
  )
}
