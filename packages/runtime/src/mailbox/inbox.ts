import type { Arena } from '../queue/arena.ts'
import { pause } from '../queue/atomics.ts'
import { CORRUPT, EMPTY, FINISHED, LaneConsumer, type LanePosition, RECORD } from '../queue/lane-consumer.ts'
import type { LaneKind } from '../queue/layout.ts'
import { takeReady } from '../queue/ready.ts'
import { isTell } from './envelope.ts'

/** Records taken from one lane before the next one has its turn. */
const FAIR_SHARE = 64
/** Some 1 µs, where a pause takes 36 ns: three or four tells. */
const PAUSES = 32

export interface InboxEvents {
  /** The sender wrote over its own lane: the lane was dropped. */
  onCorrupt(sender: number): void
}

/** All lanes of one kind to one seat, read fairly: each in turn, `FAIR_SHARE` records at a time. */
export class Inbox {
  readonly #arena: Arena
  readonly #kind: LaneKind
  readonly #seat: number
  readonly #generation: number
  readonly #events: InboxEvents
  readonly #lanes = new Map<number, LaneConsumer>()
  readonly #ready: number[] = []
  /** Lanes that may have something; a lane is in here, or current, or has been seen empty since its ready bit was taken. */
  readonly #waiting: LaneConsumer[] = []
  #current: LaneConsumer | undefined
  #share = FAIR_SHARE
  readonly #lingers: boolean
  #mayLinger = false

  /** `lingers`: others send while this thread waits. */
  constructor(arena: Arena, kind: LaneKind, seat: number, generation: number, events: InboxEvents, lingers = false) {
    this.#arena = arena
    this.#kind = kind
    this.#seat = seat
    this.#generation = generation
    this.#events = events
    this.#lingers = lingers
  }

  /** The lane whose oldest record is next, or undefined. The record must be done before the next poll. */
  poll(): LaneConsumer | undefined {
    for (;;) {
      const lane = this.#share > 0 && this.#current !== undefined ? this.#current : this.#nextLane()
      if (lane === undefined) return undefined
      const found = lane.next()
      if (found === RECORD) {
        this.#share--
        this.#mayLinger = this.#lingers && isTell(lane)
        return lane
      }
      if (found === EMPTY && this.#mayLinger && this.#waiting.length === 0) {
        this.#linger()
        continue
      }
      this.#current = undefined
      if (found === CORRUPT) this.#refuse(lane)
      if (found === FINISHED) this.#finish(lane)
    }
  }

  /** Whether all that a dead sender had committed up to `target` has been begun. */
  hasBegun(sender: number, senderGeneration: number, target: LanePosition): boolean {
    const lane = this.#lanes.get(sender) ?? this.#attach(sender)
    return lane === undefined || lane.lane.senderGeneration !== senderGeneration || lane.hasBegun(target)
  }

  /**
   * Whoever has caught up with a sender of tells lets a moment go by, once, before it looks again. One that follows at the sender's
   * heels takes a cache line from it with each look, and every message costs both of them twice as much.
   */
  #linger(): void {
    this.#mayLinger = false
    for (let i = 0; i < PAUSES; i++) pause()
  }

  #nextLane(): LaneConsumer | undefined {
    if (this.#current !== undefined) this.#wait(this.#current)
    this.#current = undefined
    this.#collectReady()
    this.#current = this.#waiting.shift()
    if (this.#current !== undefined) this.#current.isWaiting = false
    this.#share = FAIR_SHARE
    return this.#current
  }

  #collectReady(): void {
    this.#ready.length = 0
    takeReady(this.#arena, this.#kind, this.#seat, this.#ready)
    for (const sender of this.#ready) {
      const lane = this.#laneOf(sender)
      if (lane?.isWaiting === false) this.#wait(lane)
    }
  }

  #wait(lane: LaneConsumer): void {
    this.#waiting.push(lane)
    lane.isWaiting = true
  }

  #laneOf(sender: number): LaneConsumer | undefined {
    const lane = this.#lanes.get(sender)
    if (lane === undefined) return this.#attach(sender)
    if (lane.isWaiting || lane.isCurrent()) return lane
    // It was drained, and its cell leads elsewhere: the seat of the sender has a new address.
    this.#lanes.delete(sender)
    return this.#attach(sender)
  }

  #attach(sender: number): LaneConsumer | undefined {
    const lane = LaneConsumer.attach(this.#arena, this.#kind, this.#seat, this.#generation, sender)
    if (lane !== undefined) this.#lanes.set(sender, lane)
    return lane
  }

  /** What it held is lost, and that is its sender's loss alone; its next incarnation opens another. */
  #refuse(lane: LaneConsumer): void {
    this.#finish(lane)
    this.#events.onCorrupt(lane.lane.sender)
  }

  #finish(lane: LaneConsumer): void {
    this.#lanes.delete(lane.lane.sender)
    lane.detach()
  }
}
