import { ActorDownError, type ActorRef, type AnyRef, type Queue } from '@troupe/runtime'
import { type BellMessage, UnknownGuestError } from './guest-book.ts'

/** Who uses a service: a system (its host), or an actor's `this.context`. */
export type Visitor = { readonly self: AnyRef; readonly incarnation: number } | { readonly name: string }

/** What every service with guests has. */
export interface Hospitable {
  hello(ref: AnyRef | undefined, incarnation: number): { readonly guest: number }
}

/** A service that dies with every call is not asked for ever. */
const ATTEMPTS = 5

/**
 * One thread's stay at a service: introduces itself, again when the service was restarted, and hears the bell.
 */
export class Visit {
  readonly #self: AnyRef | undefined
  readonly #incarnation: number
  readonly #hello: (ref: AnyRef | undefined, incarnation: number) => Promise<{ readonly guest: number }>
  readonly #tickets = new Map<number, (news: unknown) => void>()
  /** Before anything else is asked of a service that knows nothing yet. */
  readonly #onHello: (guest: number) => Promise<void>
  #guest: Promise<number> | undefined
  #bell: Queue<BellMessage> | undefined
  #lastTicket = 0

  constructor(visitor: Visitor, service: ActorRef<Hospitable>, onHello: (guest: number) => Promise<void> = async () => {}) {
    this.#self = 'self' in visitor ? visitor.self : undefined
    this.#incarnation = 'self' in visitor ? visitor.incarnation : 1
    this.#hello = (ref, incarnation) => service.ask({ whenFull: 'wait' }).hello(ref, incarnation)
    this.#onHello = onHello
  }

  /** A number for one wait. */
  newTicket(): number {
    return ++this.#lastTicket
  }

  /**
   * Calls the service as a guest, and again when it does not know this one, or died in the midst of the call: only for what may be
   * asked twice. After `signal` no call is made.
   */
  async call<T>(call: (guest: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const known = this.#guest ?? this.#introduce()
      try {
        // Whoever has been introduced need not wait for that: a turn of the microtasks is a tenth of a call.
        const guest = this.#isKnown ? this.guest! : await known
        signal?.throwIfAborted()
        return await call(guest)
      } catch (error) {
        const isUnknown = error instanceof UnknownGuestError
        if (attempt === ATTEMPTS || !(isUnknown || error instanceof ActorDownError)) throw error
        // Others may have found it out at the same time, and introduced this thread again.
        if (isUnknown && this.#guest === known) this.#forget()
      }
    }
  }

  /** Of the last introduction; undefined when there was none yet. */
  guest: number | undefined
  /** It has heard of all that is here, and has not said since that it knows nothing of it. */
  #isKnown = false

  #forget(): void {
    this.#guest = undefined
    this.#isKnown = false
  }

  #introduce(): Promise<number> {
    const guest = this.#hello(this.#self, this.#incarnation).then(async (answer) => {
      this.guest = answer.guest
      await this.#onHello(answer.guest)
      this.#isKnown = this.#guest === guest
      return answer.guest
    })
    this.#guest = guest
    guest.catch(() => {
      if (this.#guest === guest) this.#forget()
    })
    return guest
  }

  /** Calls back when there is news of that ticket at that bell, until `unlisten`. */
  listen(bell: Queue<BellMessage>, ticket: number, onNews: (news: unknown) => void): void {
    this.#tickets.set(ticket, onNews)
    this.hear(bell)
  }

  /** News that are for no ticket, whenever there is a bell. */
  listenToAll(onNews: (news: unknown) => void): void {
    this.#tickets.set(0, onNews)
  }

  unlisten(ticket: number): void {
    this.#tickets.delete(ticket)
  }

  /** Listens to that bell from now on. */
  hear(bell: Queue<BellMessage>): void {
    if (this.#bell === bell) return
    this.#bell = bell
    void this.#pump(bell).catch(() => undefined)
  }

  async #pump(bell: Queue<BellMessage>): Promise<void> {
    while (this.#bell === bell) {
      const [ticket, news] = await bell.get()
      this.#tickets.get(ticket)?.(news)
    }
  }
}
