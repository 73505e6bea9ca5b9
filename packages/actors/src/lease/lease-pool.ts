import { Actor, type AnyRef, type Queue, type Signal } from '@troupe/runtime'
import { type BellMessage, GuestBook } from '../guest-book.ts'
import { checkOptions, checkWhole } from '../options.ts'
import type { Turn } from '../turn.ts'
import { type Slot, SlotBook, type Waiter } from './slot-book.ts'

export interface LeasePoolOptions {
  /** Leases at one time, of all isolates together. */
  readonly size: number
  /**
   * Milliseconds after a restart of the pool in which those who hold leases say so, and nobody else gets one. Default 2 000. Longer
   * than any holder blocks its thread.
   */
  readonly recoverMs?: number
}

/** A lease, or an idle resource, that is held since before the pool was restarted. */
export interface Claim {
  readonly slot: number
  /** Undefined: it is idle. */
  readonly ticket: number | undefined
}

export interface PoolStats {
  readonly size: number
  readonly held: number
  readonly waiting: number
  /** Idle resources, in whatever isolate. */
  readonly idle: number
}

/** At the bell, for the ticket 0: destroy the idle resource of that slot, and say so. */
export interface Recall {
  readonly recall: number
}

/**
 * Counts leases of something that is limited for all isolates together, and cannot move between them: connections, licences,
 * places. Each isolate makes its own resources (see `Leases`), and never more than there are slots exist at a time. Who waits is
 * served in the order of coming. What a borrower held when it died is free again.
 */
export class LeasePool extends Actor {
  static readonly module = import.meta.url
  readonly #guests: GuestBook
  readonly #book: SlotBook
  readonly #recoverMs: number

  constructor(options: LeasePoolOptions) {
    super()
    const { size, recoverMs = 2_000 } = checkOptions(options, { size: true, recoverMs: true }, 'LeasePool')
    checkWhole(size, 'LeasePool: size')
    this.#recoverMs = recoverMs
    this.#guests = new GuestBook(this.context, (guest) => this.#book.left(guest))
    this.#book = new SlotBook(size, {
      granted: (waiter, slot) => this.#granted(waiter, slot),
      recall: (guest, slot) => void this.#guests.ring(guest, 0, { recall: slot.index } satisfies Recall),
      nowMs: () => performance.now(),
    })
  }

  override onStart(): void {
    if (this.context.incarnation === 1) return
    this.#book.isOpen = false
    setTimeout(() => {
      this.#book.isOpen = true
      this.#book.serve()
    }, this.#recoverMs)
  }

  hello(ref: AnyRef | undefined, incarnation: number): { readonly guest: number } {
    return { guest: this.#guests.admit(ref, incarnation).id }
  }

  /** Those who were here before a restart: which of their claims hold. */
  claim(guest: number, claims: readonly Claim[]): boolean[] {
    const who = this.#guests.get(guest)
    return claims.map(({ slot, ticket }) => this.#book.claim(ticket === undefined ? undefined : { guest: who, ticket }, who, slot))
  }

  /** Asking again with the same ticket changes nothing. */
  borrow(guest: number, ticket: number): Turn<number> {
    const who = this.#guests.get(guest)
    const slot = this.#book.borrow({ guest: who, ticket })
    return slot === undefined ? { bell: this.#guests.bellOf(who) } : { got: slot.index }
  }

  giveBack(guest: number, ticket: number, isGone: boolean): void {
    const who = this.#guests.find(guest)
    if (who !== undefined) this.#book.giveBack({ guest: who, ticket }, isGone)
  }

  /** Nobody waits for that ticket any more, and what it may have got was not used. */
  giveUp(guest: number, ticket: number): void {
    const who = this.#guests.find(guest)
    if (who !== undefined) this.#book.giveUp({ guest: who, ticket })
  }

  vacated(guest: number, slot: number): void {
    const who = this.#guests.find(guest)
    if (who !== undefined) this.#book.vacated(who, slot)
  }

  /** Whether the guest is known, where it hears of recalls (`bell`: if it can be told of any), and of which it may not have heard. */
  keepAlive(guest: number, bell: boolean): { readonly bell: Queue<BellMessage> | undefined; readonly recalls: number[] } {
    const who = this.#guests.get(guest)
    const recalls = this.#book.slots.filter(({ home, isRecalled }) => home === who && isRecalled).map(({ index }) => index)
    return { bell: bell ? this.#guests.bellOf(who) : who.bell, recalls }
  }

  stats(): PoolStats {
    const idle = this.#book.slots.filter(({ holder, home }) => holder === undefined && home !== undefined).length
    return { size: this.#book.slots.length, held: this.#book.held, waiting: this.#book.waiting, idle }
  }

  override onSignal(signal: Signal): void {
    this.#guests.onSignal(signal)
  }

  #granted({ guest, ticket }: Waiter, { index }: Slot): void {
    // When the bell is full it hears of it when it asks again.
    this.#guests.ring(guest, ticket, index)
  }
}
