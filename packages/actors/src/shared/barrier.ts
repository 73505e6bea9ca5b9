import { Actor, type ActorRef, type AnyRef, InvalidArgumentError, type Signal } from '@troupe/runtime'
import { type Guest, GuestBook } from '../guest-book.ts'
import { type Turn, takeTurn } from '../turn.ts'
import { Visit, type Visitor } from '../visit.ts'

interface Arrival {
  readonly guest: Guest
  readonly ticket: number
}

/** Where `parties` wait for each other, again and again. One that dies while it waits has not arrived: its place is for somebody else. */
export class Barrier extends Actor {
  static readonly module = import.meta.url
  readonly #parties: number
  readonly #guests: GuestBook
  #arrived: Arrival[] = []
  /** The last tickets that went through, by guest: their news may have been lost. */
  readonly #through = new Map<Guest, number>()
  #rounds = 0

  constructor(parties: number) {
    super()
    if (!Number.isSafeInteger(parties) || parties < 1)
      throw new InvalidArgumentError(`Barrier: parties is ${parties}, and must be a whole number above 0.`)
    this.#parties = parties
    this.#guests = new GuestBook(this.context, (guest) => {
      this.#arrived = this.#arrived.filter((arrival) => arrival.guest !== guest)
      this.#through.delete(guest)
    })
  }

  hello(ref: AnyRef | undefined, incarnation: number): { readonly guest: number } {
    return { guest: this.#guests.admit(ref, incarnation).id }
  }

  arrive(guest: number, ticket: number): Turn<number> {
    const who = this.#guests.get(guest)
    if ((this.#through.get(who) ?? 0) >= ticket) return { got: this.#rounds }
    if (!this.#arrived.some((arrival) => arrival.guest === who && arrival.ticket === ticket)) this.#arrived.push({ guest: who, ticket })
    if (this.#arrived.length < this.#parties) return { bell: this.#guests.bellOf(who) }
    this.#open({ guest: who, ticket })
    return { got: this.#rounds }
  }

  /** It does not wait any more. */
  leave(guest: number, ticket: number): void {
    this.#arrived = this.#arrived.filter((arrival) => arrival.guest.id !== guest || arrival.ticket !== ticket)
  }

  /** How many wait now, and how often it has opened. */
  stats(): { readonly parties: number; readonly waiting: number; readonly rounds: number } {
    return { parties: this.#parties, waiting: this.#arrived.length, rounds: this.#rounds }
  }

  override onSignal(signal: Signal): void {
    this.#guests.onSignal(signal)
  }

  #open(last: Arrival): void {
    this.#rounds++
    const arrived = this.#arrived
    this.#arrived = []
    for (const { guest, ticket } of arrived) {
      this.#through.set(guest, Math.max(ticket, this.#through.get(guest) ?? 0))
      if (guest !== last.guest || ticket !== last.ticket) this.#guests.ring(guest, ticket, this.#rounds)
    }
  }
}

/** One isolate's way to a Barrier: `await gate.wait({ timeoutMs })`. */
export class Gate {
  readonly #barrier: ActorRef<Barrier>
  readonly #visit: Visit

  /** `visitor`: a system (its host), or an actor's `this.context`. */
  constructor(visitor: Visitor, barrier: ActorRef<Barrier>) {
    this.#barrier = barrier
    this.#visit = new Visit(visitor, barrier)
  }

  /** Until all parties wait; the number of the round. Rejects with LeaseTimeoutError (default after 30 000 ms): then it has left. */
  async wait({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<number> {
    const ports = {
      path: this.#barrier.path,
      ask: (ticket: number) => this.#visit.call((guest) => this.#barrier.ask.arrive(guest, ticket)),
      giveUp: (ticket: number) => {
        const { guest } = this.#visit
        if (guest !== undefined) this.#barrier.tell.leave(guest, ticket)
      },
    }
    return await takeTurn<number>(this.#visit, ports, this.#visit.newTicket(), timeoutMs)
  }
}
