import { Worker } from 'node:worker_threads'
import { Queue } from '../../packages/runtime/src/mailbox/queue.ts'
import { installQueuePlatform } from '../../packages/runtime/src/mailbox/queue-thread.ts'
import { nodeQueuePlatform } from '../../packages/runtime/src/node/queue-platform.ts'
import { dice } from '../queue/kill-parts.ts'
import { busyFor } from '../queue/kill-rounds.ts'
import {
  COUNT,
  FAILED,
  FAULT,
  FAULTS,
  factsFor,
  ITEMS_MAX,
  type Item,
  isTaken,
  type KillBoot,
  READY,
  type Role,
  reportFault,
  SENT,
  takenFor,
  WAITS,
} from './kill-parts.ts'

/** What moves does so within milliseconds; a loaded machine may take a while. */
const STUCK_MS = 20_000
const KILL_WITHIN_MICROS = 3_000

interface Slot {
  readonly role: Role
  readonly queue: Queue<Item>
}

export interface QueueKillSummary {
  readonly kills: number
  readonly producers: number
  readonly consumers: number
  /** Of the threads killed: those that were in a put or a get. */
  readonly inWait: number
  readonly items: number
  /** In the hands of a consumer that was killed. */
  readonly lost: number
}

/**
 * Two public queues, and threads that put and take, blocking and not, which are terminated at random moments: one queue is
 * full most of the time, so that producers wait for room; in the other there is seldom an item, so that consumers sleep.
 */
export class QueueKillRounds {
  readonly #file: URL
  readonly #seed: number
  readonly #roll: () => number
  readonly #isReleasing: boolean
  readonly #slots: readonly Slot[]
  readonly #facts: Int32Array
  readonly #taken: Int32Array
  readonly #threads: { worker: Worker; incarnation: number }[] = []
  readonly #started: number[]
  readonly #count = { producers: 0, consumers: 0, inWait: 0 }
  /** The incarnations used up, of producers and of consumers. */
  readonly #next = { producers: 0, consumers: 0 }
  #failure: string | undefined

  /** `isReleasing`: the queues are told which threads have ended. */
  constructor(file: URL, seed: number, kills: number, { isReleasing = true } = {}) {
    installQueuePlatform(nodeQueuePlatform)
    this.#file = file
    this.#seed = seed
    this.#roll = dice(seed)
    this.#isReleasing = isReleasing
    const full = Queue.create<Item>({ capacity: 64, bytesMax: 16 * 1024 })
    const empty = Queue.create<Item>({ capacity: 64, bytesMax: 16 * 1024 })
    this.#slots = [
      { role: 'flood', queue: full },
      { role: 'flood', queue: full },
      { role: 'consumer', queue: full },
      { role: 'consumer', queue: full },
      { role: 'trickle', queue: empty },
      { role: 'consumer', queue: empty },
      { role: 'consumer', queue: empty },
    ]
    this.#started = this.#slots.map(() => 0)
    this.#facts = factsFor(kills + this.#slots.length)
    this.#taken = takenFor(kills + this.#slots.length)
  }

  /** Throws with the first thing that is wrong. */
  async run(kills: number, onProgress: (summary: QueueKillSummary) => void = () => undefined): Promise<QueueKillSummary> {
    try {
      await Promise.all(this.#slots.map((_, slot) => this.#start(slot)))
      while (this.#kills() < kills) {
        await this.#bothMove()
        await Promise.all(this.#victims(kills - this.#kills()).map((slot) => this.#killAndRestart(slot)))
        onProgress(this.#summary(0))
      }
      await this.#finish()
      return this.#summary(this.#settleAccounts())
    } finally {
      await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
    }
  }

  #victims(max: number): number[] {
    const all = [...this.#slots.keys()].filter(() => this.#roll() < 0.5)
    return all.length === 0 ? this.#victims(max) : all.slice(0, max)
  }

  async #start(slot: number): Promise<void> {
    const { role, queue } = this.#slots[slot]!
    const incarnation = this.#next[role === 'consumer' ? 'consumers' : 'producers']++
    const boot: KillBoot = { handle: queue.handle, facts: this.#facts, taken: this.#taken, role, slot, incarnation }
    const worker = new Worker(this.#file, { workerData: boot })
    const { threadId } = worker
    worker.on('error', (error) => {
      this.#failure ??= String(error)
      reportFault(this.#facts, FAILED, incarnation, 0)
    })
    if (this.#isReleasing) worker.on('exit', () => queue.release(threadId))
    this.#threads[slot] = { worker, incarnation }
    const count = ++this.#started[slot]!
    await this.#until(() => Atomics.load(this.#facts, READY + slot) === count, `thread ${slot} does not start`)
  }

  async #killAndRestart(slot: number): Promise<void> {
    busyFor(this.#roll() * KILL_WITHIN_MICROS)
    if (Atomics.load(this.#facts, WAITS + slot) !== 0) this.#count.inWait++
    await this.#threads[slot]!.worker.terminate()
    this.#count[this.#slots[slot]!.role === 'consumer' ? 'consumers' : 'producers']++
    await this.#start(slot)
  }

  /** Whoever was killed, and wherever: on both queues somebody takes, or there is nobody left who puts. */
  async #bothMove(): Promise<void> {
    const queues = [...new Set(this.#slots.map(({ queue }) => queue))]
    const before = queues.map((queue) => this.#countOf(queue))
    const isMoving = (queue: Queue<Item>, i: number): boolean => this.#countOf(queue) > before[i]! || this.#isExhausted(queue)
    await this.#until(() => queues.every(isMoving), 'a queue is stuck')
  }

  #isExhausted(of: Queue<Item>): boolean {
    return this.#slots.every(({ role, queue }, slot) => {
      if (queue !== of || role === 'consumer') return true
      return Atomics.load(this.#facts, SENT + this.#threads[slot]!.incarnation) === ITEMS_MAX - 1
    })
  }

  #countOf(of: Queue<Item>): number {
    return this.#slots.reduce((sum, { queue }, slot) => sum + (queue === of ? Atomics.load(this.#facts, COUNT + slot) : 0), 0)
  }

  /** Nothing more is put: what is there is taken, and all who wait come to an end. */
  async #finish(): Promise<void> {
    const isConsumer = (slot: number): boolean => this.#slots[slot]!.role === 'consumer'
    await Promise.all(this.#threads.map(({ worker }, slot) => (isConsumer(slot) ? undefined : worker.terminate())))
    for (const { queue } of this.#slots) queue.close()
    await this.#until(() => this.#threads.every(({ worker }) => worker.threadId === -1), 'a consumer of a closed queue does not end')
    for (const { queue } of this.#slots) if (queue.size > 0) throw this.#fault(`${queue.size} items are left`)
  }

  /** Put is taken; one more may have been put by a thread that died before it could say so. Gives the items that are lost. */
  #settleAccounts(): number {
    let lost = 0
    for (let from = 0; from < this.#next.producers; from++) {
      const sent = this.#facts[SENT + from]!
      for (let n = 1; n < ITEMS_MAX; n++) {
        const wasTaken = isTaken(this.#taken, from, n)
        if (n <= sent && !wasTaken) lost++
        if (n > sent + 1 && wasTaken) throw this.#fault(`item ${n} of ${from} was taken, which has put ${sent}`)
      }
    }
    if (lost > this.#count.consumers) throw this.#fault(`${lost} items are lost with ${this.#count.consumers} consumers`)
    return lost
  }

  async #until(condition: () => boolean, otherwise: string): Promise<void> {
    const deadlineMs = performance.now() + STUCK_MS
    while (!condition()) {
      const found = Atomics.load(this.#facts, FAULT)
      if (found !== 0) throw this.#fault(`${FAULTS[found]}: ${this.#failure ?? this.#facts.subarray(FAULT + 1, FAULT + 3).join(' ')}`)
      if (performance.now() > deadlineMs) throw this.#fault(`${otherwise} (taken by slot: ${this.#facts.subarray(COUNT, READY).join(' ')})`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #fault(what: string): Error {
    return new Error(`${what}; after ${this.#kills()} kills with seed ${this.#seed}`)
  }

  #kills(): number {
    return this.#count.producers + this.#count.consumers
  }

  #summary(lost: number): QueueKillSummary {
    const items = this.#slots.reduce((sum, _, slot) => sum + this.#facts[COUNT + slot]!, 0)
    return { kills: this.#kills(), ...this.#count, items, lost }
  }
}

export function describeQueueSummary({ kills, producers, consumers, inWait, items, lost }: QueueKillSummary): string {
  return (
    `${kills} kills (${producers} producers, ${consumers} consumers, ${inWait} of them in a put or a get), ` +
    `${items} items, ${lost} in the hands of a consumer that was killed`
  )
}
