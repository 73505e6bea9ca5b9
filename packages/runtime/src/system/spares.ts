import type { Address } from '../base/address.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import { isDeferred } from '../base/script-url.ts'
import type { BootRecord, EmptyIsolate, IsolateEvents, Lodging, MakeIsolate, StartIsolate } from '../isolate/isolate.ts'
import { UNLIMITED } from '../supervisor/actor-limits.ts'
import { Tenancy } from './tenancy.ts'

/** No spare is made before nothing has been started for this long: whoever starts now needs the processors. */
const QUIET_MS = 10
/** Spares that ended in a row before they had loaded: something is wrong that one more would not mend. */
const FAILURES_MAX = 3
/** Modules of the actors that were started last: a restart, or one more of them, is what a spare will most likely be for. */
const EXPECTED_MAX = 8
/** What has not loaded after this ends with the control thread. */
const END_MS = 1_000

export interface SparePlan {
  /** How many are kept. */
  readonly spares: number
  /** Isolates in all, with and without an actor. */
  readonly isolatesMax: number
  /** The URLs of modules that actors will most likely have, before any has started. Asked once, when nothing else is to be done. */
  likely?(): readonly string[]
  /** The addresses that come next, without their paths, as far as that can be known; `count` at most. */
  coming(count: number): readonly Address[]
}

interface Spare {
  /** What its heap may grow to: fixed at its birth, so only an actor with the same limit may have it. */
  readonly heapMb: number
  readonly isolate: EmptyIsolate
  readonly ended: Promise<void>
  /** Whom it was told to prepare for. */
  lodging: Lodging | undefined
}

/**
 * Isolates that wait for an actor (D12). Whoever starts takes the oldest one, also one that is not yet loaded: it has a
 * head start. The next is made when nobody is starting, one at a time. An isolate that has had an actor is never used again.
 * For each limit of the heap that living actors have one more is kept, so that their restarts find one.
 */
export class Spares {
  readonly #name: string
  readonly #make: MakeIsolate
  readonly #clock: Clock
  readonly #plan: SparePlan
  #idle: Spare[] = []
  /** The one that is being made. */
  #loading: Spare | undefined
  #starting = 0
  /** The limits of those that have an actor. */
  readonly #occupied: number[] = []
  /** The URLs of their modules, the last one first. */
  readonly #expected: string[] = []
  #hasGuessed = false
  /** The one that will be taken next, and is prepared for all that is expected. */
  #next: Spare | undefined
  #failures = 0
  #cancelRefill: Cancel | undefined
  #hasEnded = false

  constructor(system: string, make: MakeIsolate, clock: Clock, plan: SparePlan) {
    this.#name = `${system}: isolate`
    this.#make = make
    this.#clock = clock
    this.#plan = plan
    this.#refill()
  }

  /** How an actor's isolate is started, with a spare or without. */
  readonly start: StartIsolate = (boot, events) => {
    this.#starting++
    this.#occupied.push(boot.heapMb)
    const tenancy = new Tenancy(boot, this.#counting(boot.heapMb, events), (record) => this.#makeCold(record))
    const spare = this.#takeIdle(boot)
    if (spare !== undefined && spare === this.#loading) this.#loading = undefined
    tenancy.moveInto(spare?.isolate)
    this.#expect(boot.url)
    return tenancy
  }

  /** One that ends will probably be followed: meanwhile a spare makes what its next incarnation needs. */
  readonly prepare = (lodging: Lodging, heapMb: number): void => {
    const spare = this.#loaded().find((one) => one.heapMb === heapMb)
    if (spare !== undefined) prepare(spare, lodging)
  }

  /** Other addresses are free now than before. */
  seatsChanged(): void {
    if (!this.#hasEnded) this.#refillSoon()
  }

  /** Ends all that are idle, and resolves when they have ended. No more are made. */
  async end(): Promise<void> {
    this.#hasEnded = true
    this.#cancelRefill?.()
    const idle = this.#idle
    this.#idle = []
    for (const { isolate } of idle) isolate.end()
    const isLate = new Promise((resolve) => this.#clock.after(END_MS, () => resolve(undefined)))
    await Promise.race([Promise.all(idle.map(({ ended }) => ended)), isLate])
  }

  #expect(url: string): void {
    if (!isDeferred(url)) return
    const at = this.#expected.indexOf(url)
    if (at < 0) this.#next = undefined
    if (at < 0) for (const spare of this.#idle) if (spare !== this.#loading) spare.isolate.expect(url, false)
    this.#expected.splice(at < 0 ? EXPECTED_MAX - 1 : at, 1)
    this.#expected.unshift(url)
  }

  #prepareNext(): void {
    const next = this.#idle.find((spare) => spare.heapMb === UNLIMITED.heapMb && spare !== this.#loading)
    if (next === this.#next) return
    this.#next = next
    for (const url of this.#expected) next?.isolate.expect(url, true)
  }

  #guess(): void {
    if (this.#hasGuessed) return
    this.#hasGuessed = true
    const likely = this.#plan.likely?.() ?? []
    const unknown = likely.filter((url) => isDeferred(url) && !this.#expected.includes(url))
    this.#expected.push(...unknown.slice(0, EXPECTED_MAX - this.#expected.length))
  }

  #makeCold(boot: BootRecord): EmptyIsolate {
    return this.#make({ name: boot.self.path, isSpare: false, heapMb: boot.heapMb }, { onLoaded: () => undefined, onExit: () => undefined })
  }

  #counting(heapMb: number, events: IsolateEvents): IsolateEvents {
    let isStarting = true
    const started = (): void => {
      if (isStarting) this.#starting--
      isStarting = false
      this.#refillSoon()
    }
    return {
      onNotice: (notice) => {
        if (notice.type === 'ready') started()
        events.onNotice(notice)
      },
      onExit: (exit) => {
        this.#occupied.splice(this.#occupied.indexOf(heapMb), 1)
        started()
        events.onExit(exit)
      },
    }
  }

  #refillSoon(): void {
    this.#cancelRefill?.()
    this.#cancelRefill = this.#clock.after(QUIET_MS, () => this.#refill())
  }

  #refill(): void {
    if (this.#starting === 0) {
      this.#dropUnwanted()
      this.#prepareNext()
      this.#lodge()
    }
    const heapMb = this.#wanted()
    if (heapMb === undefined || this.#hasEnded || this.#loading !== undefined || this.#starting > 0 || this.#failures >= FAILURES_MAX)
      return
    let exited!: () => void
    const ended = new Promise<void>((resolve) => (exited = resolve))
    const isolate = this.#make(
      { name: this.#name, isSpare: true, heapMb },
      {
        onLoaded: () => {
          this.#failures = 0
          this.#guess()
          for (const url of this.#expected) isolate.expect(url, false)
          this.#hasLoaded(spare)
        },
        onExit: () => {
          exited()
          this.#lost(spare)
        },
      },
    )
    const spare: Spare = { heapMb, isolate, ended, lodging: undefined }
    this.#loading = spare
    this.#idle.push(spare)
  }

  #loaded(): readonly Spare[] {
    return this.#idle.filter((spare) => spare !== this.#loading)
  }

  /** Each of them makes ready for an address that comes next: the oldest, which is taken first, for the first. */
  #lodge(): void {
    const spares = this.#loaded()
    const coming = this.#plan.coming(spares.length)
    for (const [i, spare] of spares.entries()) {
      const self = coming[i]
      if (self !== undefined && !isFor(spare, { self, incarnation: 1 })) prepare(spare, { self, incarnation: 1 })
    }
  }

  /** The limit of the spare that should be made next; undefined: there are enough. */
  #wanted(): number | undefined {
    const { spares, isolatesMax } = this.#plan
    if (spares === 0 || this.#idle.length + this.#occupied.length >= isolatesMax) return undefined
    const idleOf = (heapMb: number): number => this.#idle.filter((spare) => spare.heapMb === heapMb).length
    if (idleOf(UNLIMITED.heapMb) < spares) return UNLIMITED.heapMb
    return this.#occupied.find((heapMb) => idleOf(heapMb) === 0)
  }

  /** Nobody lives any more who could use it. */
  #dropUnwanted(): void {
    const isWanted = ({ heapMb }: Spare): boolean => heapMb === UNLIMITED.heapMb || this.#occupied.includes(heapMb)
    for (const { isolate } of this.#idle.filter((spare) => spare !== this.#loading && !isWanted(spare))) isolate.end()
    this.#idle = this.#idle.filter((spare) => spare === this.#loading || isWanted(spare))
  }

  /** The one that has prepared for it, or the oldest. */
  #takeIdle(boot: BootRecord): Spare | undefined {
    const fitting = this.#idle.filter((spare) => spare.heapMb === boot.heapMb)
    const taken = fitting.find((spare) => isFor(spare, boot)) ?? fitting[0]
    if (taken !== undefined) this.#idle.splice(this.#idle.indexOf(taken), 1)
    return taken
  }

  #hasLoaded(spare: Spare): void {
    if (this.#loading === spare) this.#loading = undefined
    if (!this.#hasEnded) this.#refillSoon()
  }

  /** It ended by itself; nobody lived there, so nobody is told. */
  #lost(spare: Spare): void {
    this.#idle = this.#idle.filter((other) => other !== spare)
    if (this.#loading === spare) this.#failures++
    this.#hasLoaded(spare)
  }
}

function prepare(spare: Spare, lodging: Lodging): void {
  spare.lodging = lodging
  spare.isolate.prepare(lodging)
}

function isFor({ lodging }: Spare, { self, incarnation }: Lodging): boolean {
  return (
    lodging !== undefined &&
    lodging.self.seat === self.seat &&
    lodging.self.generation === self.generation &&
    lodging.incarnation === incarnation
  )
}
