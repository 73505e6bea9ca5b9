import { type ActorContext, type AnyRef, Queue, registerError, type Signal, TroupeError } from '@troupe/runtime'

/** One incarnation of an actor that uses a service, or the host. */
export interface Guest {
  readonly id: number
  /** Undefined: the host, which ends with the process. */
  readonly path: string | undefined
  readonly incarnation: number
  /** Where it is told of what it waits for. Made when it first has to wait. */
  bell: Queue<BellMessage> | undefined
}

/** What a guest waits for, by its ticket, and what came of it. */
export type BellMessage = readonly [ticket: number, news: unknown]

/** The service was restarted since this guest came, or has heard that it ended. Guests introduce themselves anew. */
export class UnknownGuestError extends TroupeError {
  readonly code = 'TROUPE_UNKNOWN_GUEST'
}
registerError(UnknownGuestError, 'TroupeUnknownGuestError')

/** News that wait at once. What does not fit is not lost: who waits asks again from time to time. */
const BELL = { capacity: 16, bytesMax: 256 }

/**
 * Who uses a service, for as long as they live. A guest is an incarnation and not an address: what it held is free when it has
 * died, and its successor is another guest. The service must pass its signals on.
 */
export class GuestBook {
  readonly #context: ActorContext
  readonly #onLeft: (guest: Guest) => void
  readonly #guests = new Map<number, Guest>()
  /** Of guests that have left: a queue keeps its memory until the system has stopped. */
  readonly #freeBells: Queue<BellMessage>[] = []
  /** Not from 1: a guest of an earlier incarnation of this service must not be taken for one of this. */
  #lastId = Math.floor(Math.random() * 2 ** 40) * 256

  constructor(context: ActorContext, onLeft: (guest: Guest) => void) {
    this.#context = context
    this.#onLeft = onLeft
  }

  /** `ref` undefined: the host. */
  admit(ref: AnyRef | undefined, incarnation: number): Guest {
    if (ref !== undefined) this.#context.watch(ref, { incarnations: true })
    const guest: Guest = { id: ++this.#lastId, path: ref?.path, incarnation, bell: undefined }
    this.#guests.set(guest.id, guest)
    return guest
  }

  /** @throws {UnknownGuestError} */
  get(id: number): Guest {
    const guest = this.#guests.get(id)
    if (guest === undefined) throw new UnknownGuestError(`${this.#context.path} does not know guest ${id}`)
    return guest
  }

  /** For what is told: there is nobody to whom an error could go. */
  find(id: number): Guest | undefined {
    return this.#guests.get(id)
  }

  bellOf(guest: Guest): Queue<BellMessage> {
    guest.bell ??= this.#freeBells.pop() ?? Queue.create<BellMessage>({ ...BELL, system: this.#context })
    return guest.bell
  }

  /** False: it could not be told now. */
  ring(guest: Guest, ticket: number, news: unknown): boolean {
    return this.bellOf(guest).tryPut([ticket, news])
  }

  /** For the service's `onSignal`. A terminated address ends all its guests; an incarnation those that came before it ended. */
  onSignal(signal: Signal): void {
    const last = signal.type === 'terminated' ? Number.POSITIVE_INFINITY : signal.incarnation
    for (const guest of this.#guests.values()) if (guest.path === signal.path && guest.incarnation <= last) this.#leave(guest)
  }

  #leave(guest: Guest): void {
    this.#guests.delete(guest.id)
    const { bell } = guest
    if (bell !== undefined) {
      while (bell.tryGet() !== undefined);
      this.#freeBells.push(bell)
    }
    this.#onLeft(guest)
  }
}
