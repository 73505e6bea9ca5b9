import type { Address } from '../base/address.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import { weigh } from '../codec/enclosures.ts'
import type { EndNotice } from '../isolate/isolate.ts'
import { toWireReason } from '../isolate/wire-reason.ts'
import type { Arena } from '../queue/arena.ts'
import { busySeats } from '../queue/busy-seats.ts'
import { wakeIfStalled } from '../queue/parking.ts'
import { sleepMark } from '../queue/rest.ts'
import { forgetWaits } from '../queue/wait-graph.ts'
import { leaveLastWords } from '../ref/last-words.ts'
import type { ChildSpec } from '../supervisor/child-spec.ts'
import { besideArgs } from '../supervisor/wire-spec.ts'
import { ActorLife, type LifePorts } from './actor-life.ts'
import type { Estate, EstatePorts } from './estate.ts'
import { Relations } from './relations.ts'
import { HOST_SEAT, Seats } from './seats.ts'
import type { Watcher } from './watch-list.ts'

export interface ResidentPorts extends Pick<EstatePorts, 'publish'> {
  toHost(notice: EndNotice): void
  /** Runs a task on a later turn. */
  post(task: () => void): void
  /** A seat can be used again. */
  onSeatFree(): void
  onTerminated(address: Address, reason: ExitReason): void
  /** An incarnation has ended: nobody tells it anything any more. */
  onReaderGone(reader: Watcher): void
}

/** Who has an address now: names, seats, and the end of an address with all that belongs to it. */
export class Residents {
  readonly #arena: Arena
  readonly #codec: Codec
  readonly #ports: ResidentPorts
  readonly seats: Seats
  readonly #estate: Estate
  readonly relations: Relations
  /** Living addresses, by path. */
  readonly lives = new Map<string, ActorLife>()
  readonly #bySeat = new Map<number, Address>()
  /** At the last scan. */
  #busy = new Set<ActorLife>()
  /** Addresses that have ended, but whose lanes are still being read. */
  readonly #unsettled = new Map<Address, ActorLife>()

  constructor(arena: Arena, codec: Codec, estate: (ports: EstatePorts) => Estate, ports: ResidentPorts) {
    this.#arena = arena
    this.#codec = codec
    this.#ports = ports
    this.seats = new Seats(arena)
    this.#estate = estate({
      seats: () => this.seats.used(),
      pathOf: (seat) => this.pathOf(seat),
      publish: (letter) => ports.publish(letter),
    })
    this.relations = new Relations(codec, {
      lifeAt: (address) => this.at(address),
      sentTo: (dead, other) => this.#estate.sentTo(dead, other),
      toHost: (notice) => ports.toHost(notice),
      post: (task) => ports.post(task),
    })
    this.#bySeat.set(HOST_SEAT, this.relations.host.address)
  }

  pathOf(seat: number): string {
    return this.#bySeat.get(seat)?.path ?? '?'
  }

  /** Throws ActorLimitError when no seat is free. */
  open(path: string, spec: ChildSpec, ports: LifePorts): ActorLife {
    const address = this.seats.open(path)
    const life = new ActorLife(address, spec, ports)
    this.lives.set(path, life)
    this.#bySeat.set(address.seat, address)
    return life
  }

  /** Undefined when that address has ended, also if its name is in use again. */
  at(target: Address): ActorLife | undefined {
    const life = this.lives.get(target.path)
    return life?.address.seat === target.seat && life.address.generation === target.generation ? life : undefined
  }

  /** An isolate has really ended: it waits for nobody, and what it had begun is at an end. */
  afterIncarnation(life: ActorLife, reason: ExitReason): void {
    this.#ports.onReaderGone({ address: life.address, incarnation: life.incarnation })
    forgetWaits(this.#arena, life.address.seat)
    this.#estate.afterIncarnation(life.address, toWireReason(this.#codec, reason), life.spec.redeliver)
  }

  /** Its thread is stuck in native code: as far as others can see it has ended. */
  afterStuck(life: ActorLife, reason: ExitReason): void {
    this.#ports.onReaderGone({ address: life.address, incarnation: life.incarnation })
    forgetWaits(this.#arena, life.address.seat)
    this.#estate.rejectBegun(life.address, toWireReason(this.#codec, reason))
  }

  /** It has really ended: what it had begun is over, unless its address has ended before. */
  afterFreed(life: ActorLife): void {
    if (this.at(life.address) === life) this.#estate.afterIncarnation(life.address, { kind: 'killed' })
    this.#settle()
  }

  /** Ends the addresses at a path and below it. */
  endTree(path: string, reason: ExitReason): void {
    this.endBelow(path, reason)
    const life = this.lives.get(path)
    if (life !== undefined) this.#end(life, reason)
  }

  /** Each with its own reason, if it has one: a supervisor that ends with `shutdown` may have had to kill. */
  endBelow(path: string, reason: ExitReason): void {
    const below = path === '/' ? '/' : `${path}/`
    for (const life of [...this.lives.values()]) if (life.address.path.startsWith(below)) this.#end(life, life.lastExit ?? reason)
  }

  /**
   * The net under lost wake-ups (D3), and the reuse of seats. Called every SCAN_MS. Returns who is worth a look: those that
   * are busy, and those that were so the last time.
   */
  scan(): Iterable<ActorLife> {
    const before = this.#busy
    this.#busy = new Set()
    for (const seat of busySeats(this.#arena, this.seats.used())) {
      wakeIfStalled(this.#arena, seat)
      const address = this.#bySeat.get(seat)
      const life = address && this.at(address)
      if (life !== undefined) this.#busy.add(life)
    }
    this.#settle()
    return before.size === 0 ? this.#busy : new Set([...before, ...this.#busy])
  }

  /** Of the last scan: the same as after the one before if nobody was busy or woken since. Undefined: there is something to look at. */
  sleepMark(): number | undefined {
    if (this.#busy.size > 0 || this.#unsettled.size > 0) return undefined
    return sleepMark(
      this.#arena,
      [...this.lives.values()].map(({ address }) => address.seat),
    )
  }

  /** The name is free, and nothing is accepted any more, before anybody is told (G9). */
  #end(life: ActorLife, reason: ExitReason): void {
    const { address } = life
    this.lives.delete(address.path)
    leaveLastWords(this.#arena, address.seat, reason)
    this.#estate.endAddress(address, toWireReason(this.#codec, reason))
    this.relations.addressEnded(address, life.incarnation, reason)
    for (const thing of besideArgs(life.spec)) weigh(thing)
    this.#unsettled.set(address, life)
    this.#ports.onTerminated(address, reason)
    this.#settle()
  }

  #settle(): void {
    for (const [address, life] of this.#unsettled) {
      // A thread that is stuck may still write to what is its own.
      if (life.untilFree() !== undefined || !this.#estate.isSettled(address)) continue
      this.#unsettled.delete(address)
      this.#bySeat.delete(address.seat)
      this.seats.release(address.seat)
      this.#ports.onSeatFree()
    }
  }
}
