import { Worker } from 'node:worker_threads'
import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import { DEFAULT_LIMITS } from '../../packages/runtime/src/base/limits.ts'
import type { Codec } from '../../packages/runtime/src/codec/codec.ts'
import type { WireDeadLetter } from '../../packages/runtime/src/isolate/isolate.ts'
import { copyOfReceived, PayloadReader } from '../../packages/runtime/src/mailbox/payload.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { BLOCK_BYTES, SEAT_SLEEPING } from '../../packages/runtime/src/queue/layout.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { markDying, wakeIfStalled } from '../../packages/runtime/src/queue/parking.ts'
import { openSeat, prepareSeat } from '../../packages/runtime/src/queue/seat.ts'
import { laneAtCell, segmentsOf } from '../../packages/runtime/src/queue/segment.ts'
import { Estate } from '../../packages/runtime/src/system/estate.ts'
import { forgetAll, noteBegun, noteHandled, passCancelled } from './kill-accounts.ts'
import {
  BUSY,
  dice,
  FACTS,
  FAILED,
  FAULT,
  FAULTS,
  GENERATION,
  HANDLED,
  INCARNATIONS_MAX,
  type KillBoot,
  kindOf,
  LAST,
  LIMITS,
  laneNumber,
  laneOf,
  READY,
  RECEIVERS,
  reportFault,
  SEATS,
  SENDERS,
  SENT,
  SLEEPY,
  stampIn,
} from './kill-parts.ts'
import { attach, blocksOf } from './rig.ts'

/** With an even seed so few that senders find none all the time. */
const BLOCKS_FEW = 64
const BLOCKS = 2_048
/** The control side's scan (D3). */
const SCAN_MS = 100
/** What moves does so within milliseconds; a loaded machine may take a while. */
const STUCK_MS = 20_000
const KILL_WITHIN_MICROS = 3_000
/** Of the kills: those with which an address ends. */
const ENDS = 0.3
/** Records that were set aside and of which it is not known what became of them. */
const UNTOLD_MAX = 10
/** So often what was begun is begun again. */
const REDELIVER = 2
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
  /** Addresses that have ended, with what was swept from their lanes. */
  readonly ends: number
  readonly swept: number
}

const KILLED: ExitReason = { kind: 'killed' }

/**
 * Threads that send and receive as isolates do, and sleep in real waits, and are terminated at random moments. What they leave
 * behind is settled as the control side does it; now and then the address of one receiver ends, and all lanes to it are new.
 */
export class KillRounds {
  readonly #file: URL
  readonly #seed: number
  readonly #roll: () => number
  readonly #arena: Arena
  readonly #facts = new Int32Array(new SharedArrayBuffer(FACTS * 4))
  readonly #threads = new Map<number, { worker: Worker; incarnation: number }>()
  readonly #payloads = new PayloadReader()
  readonly #estate: Estate
  /** Of whose address none has started yet. */
  readonly #isFirst = new Set<number>([...RECEIVERS, ...SENDERS])
  /** By sender: up to that incarnation, what it had sent in replies may have been nobody's. */
  readonly #unsweptUpTo = new Map<number, number>()
  #failure: string | undefined
  readonly #count = { senders: 0, receivers: 0, asleep: 0, unwarned: 0, inFlight: 0, ends: 0, swept: 0 }

  constructor(file: URL, seed: number) {
    this.#file = file
    this.#seed = seed
    this.#roll = dice(seed)
    this.#arena = Arena.create(SEATS, (seed % 2 === 0 ? BLOCKS_FEW : BLOCKS) * BLOCK_BYTES)
    for (let seat = 1; seat < SEATS; seat++) this.#facts[GENERATION + seat] = openSeat(this.#arena, seat)
    // No ask is among the records: nothing is encoded.
    const limits = { ...DEFAULT_LIMITS, laneBytesMax: LIMITS.bytesMax, laneMessagesMax: LIMITS.messagesMax }
    this.#estate = new Estate(this.#arena, new Names(this.#arena), {} as Codec, limits, {
      seats: () => [...RECEIVERS, ...SENDERS],
      pathOf: String,
      publish: (letter) => this.#onLetter(letter),
    })
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
    const boot: KillBoot = {
      memory: this.#arena.memory,
      facts: this.#facts,
      seat,
      generation: this.#facts[GENERATION + seat]!,
      incarnation,
      isFirst: this.#isFirst.delete(seat),
    }
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
    if (isReceiver) this.#count.receivers++
    else this.#count.senders++
    this.#settle(seat)
    if (this.#roll() < ENDS) await this.#endAddress(seat)
    prepareSeat(this.#arena, seat, SENDERS)
    if (isAsleep) this.#count.asleep++
    if (isAsleep && !isWarned) this.#count.unwarned++
    await this.#start(seat)
  }

  async #kill(seat: number, isWarned: boolean): Promise<void> {
    if (isWarned) markDying(this.#arena, seat)
    await this.#threads.get(seat)!.worker.terminate()
  }

  /** As the control side does it: what was begun is at an end; what was sent is seen, who waits for it is woken, what was claimed is free. */
  #settle(seat: number): void {
    // A reply that was begun is nobody's business but its reader's; here it is the same as a message.
    if (seat === SLEEPY) for (const sender of SENDERS) this.#settleReply(sender)
    this.#estate.afterIncarnation(this.#addressOf(seat), KILLED, this.#roll() < 0.5 ? REDELIVER : 0)
    if (seat === BUSY) this.#passCancelled()
  }

  #passCancelled(): void {
    for (const sender of SENDERS) passCancelled(this.#facts, laneNumber(sender, BUSY), this.#threads.get(sender)!.incarnation)
  }

  #settleReply(sender: number): void {
    const lane = this.#laneOf(sender, SLEEPY)
    if (laneAtCell(this.#arena, kindOf(SLEEPY), SLEEPY, sender) === undefined || !wasBegun(this.#arena, lane)) return
    const consumer = attach(this.#arena, lane)
    const found = consumer.next()
    if (found !== RECORD) throw this.#fault(`a record was begun, and is not there: ${found}`)
    noteBegun(this.#facts, sender, SLEEPY, stampIn(copyOfReceived(this.#payloads.read(consumer))))
    consumer.done()
    this.#count.inFlight++
  }

  /** What waits is swept, and what it had sent is read; only then may there be another address in that seat. */
  async #endAddress(seat: number): Promise<void> {
    const dead = this.#addressOf(seat)
    if (seat === SLEEPY) for (const sender of SENDERS) this.#unsweptUpTo.set(sender, this.#threads.get(sender)!.incarnation)
    this.#estate.endAddress(dead, KILLED)
    if (seat === BUSY) this.#passCancelled()
    if (seat === BUSY) this.#settleAside()
    await this.#until(() => this.#estate.isSettled(dead), `what ${seat} had sent is not read`)
    const left = blocksOf(this.#arena, seat)
    if (left.length > 0) throw this.#fault(`${seat} has ended, and holds ${left.length} blocks`)
    this.#isFirst.add(seat)
    Atomics.store(this.#facts, GENERATION + seat, openSeat(this.#arena, seat))
    this.#count.ends++
  }

  /** A receiver that was killed as it set one aside, or was done with one, may have noted it all the same. */
  #settleAside(): void {
    const untold = SENDERS.reduce((sum, sender) => sum + forgetAll(this.#facts, laneNumber(sender, BUSY)), 0)
    if (untold > UNTOLD_MAX) throw this.#fault(`nobody is told of ${untold} records that were set aside`)
  }

  #onLetter({ from, payload, why }: WireDeadLetter): void {
    const stamp = stampIn(payload!)
    if (why === 'ended') {
      noteHandled(this.#facts, Number(from), BUSY, this.#facts[GENERATION + BUSY]!, stamp)
      this.#count.swept++
    } else {
      noteBegun(this.#facts, Number(from), BUSY, stamp)
      this.#count.inFlight++
    }
  }

  #addressOf(seat: number): { path: string; seat: number; generation: number } {
    return { path: String(seat), seat, generation: this.#facts[GENERATION + seat]! }
  }

  #laneOf(sender: number, receiver: number): ReturnType<typeof laneOf> {
    return laneOf(sender, this.#facts[GENERATION + sender]!, receiver, this.#facts[GENERATION + receiver]!)
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
      this.#settle(sender)
    }
    const isEmpty = (sender: number, receiver: number): boolean =>
      laneAtCell(this.#arena, kindOf(receiver), receiver, sender) === undefined ||
      attach(this.#arena, this.#laneOf(sender, receiver)).next() !== RECORD
    await this.#until(
      () => SENDERS.every((sender) => RECEIVERS.every((receiver) => isEmpty(sender, receiver))),
      'what was sent is not handled',
    )
    for (const receiver of RECEIVERS) {
      await this.#kill(receiver, true)
      this.#settle(receiver)
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
          const isUnswept = receiver === SLEEPY && incarnation <= (this.#unsweptUpTo.get(sender) ?? 0)
          if (handled !== sent + 1 && !(isUnswept ? handled < sent + 1 : handled === sent))
            throw this.#fault(`incarnation ${incarnation} of ${sender} sent ${sent} to ${receiver}, and ${handled} were handled`)
        }
      }
      // All is read by now: it can hold no more than its lanes.
      this.#settle(sender)
      const lanes = RECEIVERS.flatMap((receiver) => [...segmentsOf(this.#arena, this.#laneOf(sender, receiver))])
      const held = lanes.reduce((sum, { blocks }) => sum + blocks, 0)
      const found = blocksOf(this.#arena, sender).length
      if (found !== held) throw this.#fault(`${sender} holds ${found} blocks, and needs ${held}`)
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

export function describeSummary({ kills, senders, receivers, asleep, unwarned, records, inFlight, ends, swept }: KillSummary): string {
  return (
    `${kills} kills (${senders} senders, ${receivers} receivers, ${asleep} of them asleep, ${unwarned} of those without a warning), ` +
    `${records} records, ${inFlight} in flight at a kill, ${swept} swept at ${ends} ends of an address`
  )
}
