import { Actor, type ActorClass, type AnyRef, type Signal } from '@troupe/runtime'
import { GuestBook } from '../guest-book.ts'
import { checkOptions, checkWhole } from '../options.ts'
import type { Turn } from '../turn.ts'
import { SlotBook, type Waiter } from './slot-book.ts'

export interface ActorPoolOptions {
  /** Actors at most. Each is an isolate. */
  readonly size: number
  /** Their class: `static module`, or what `actorsIn` gives. */
  readonly actor: { readonly module: string; readonly name: string }
  /** What its constructor gets. Default none. */
  readonly args?: readonly unknown[]
  /** A method that says whether the resource is still good, when a holder has died: false, or a throw, and its actor is replaced. Default: it is always replaced. */
  readonly check?: string
  /** Milliseconds for the check. Default 1 000. */
  readonly checkMs?: number
  /** Milliseconds after which the actor of an idle resource is stopped. Default 60 000; Infinity: never. */
  readonly idleMs?: number
}

/** `child(ActorPool, { name: 'converters', args: [poolOf(Converter, { size: 2 })] })`: the options with the class in them. */
export function poolOf<A, P extends readonly unknown[]>(
  actor: ActorClass<A, P>,
  options: Omit<ActorPoolOptions, 'actor' | 'args'> & { readonly args?: P },
): ActorPoolOptions {
  return { ...options, actor: { module: actor.module, name: actor.name } }
}

const OPTIONS = { size: true, actor: true, args: true, check: true, checkMs: true, idleMs: true } as const

/** The actor of one slot: how it comes to be there, one after the other, so that there is never one too many. */
interface Place {
  ready: Promise<AnyRef> | undefined
  ref: AnyRef | undefined
  /** Of the former one: until then it would be one too many. */
  ended: Promise<void> | undefined
  /** Why it could not be started, for who waits for it. */
  failure: { readonly error: unknown } | undefined
  idleSinceMs: number
}

interface Checkable extends AnyRef {
  readonly ask: (options: { readonly timeoutMs: number }) => Record<string, (() => Promise<unknown>) | undefined>
}

/**
 * Lends actors, one to each borrower: resources that cannot be moved and not be made in any isolate (a child process, an open
 * database, a WASM instance with state) are used through the actor that owns them. They are this actor's children: started when
 * they are needed, and stopped when they are not. What a borrower held when it died is checked or replaced.
 */
export class ActorPool extends Actor {
  static readonly module = import.meta.url
  readonly #options: ActorPoolOptions
  readonly #guests: GuestBook
  readonly #book: SlotBook
  readonly #places: readonly Place[]
  #started = 0

  constructor(options: ActorPoolOptions) {
    super()
    const size = checkWhole(checkOptions(options, OPTIONS, 'ActorPool').size, 'ActorPool: size')
    this.#options = options
    this.#places = Array.from({ length: size }, () => ({
      ready: undefined,
      ref: undefined,
      ended: undefined,
      failure: undefined,
      idleSinceMs: 0,
    }))
    this.#guests = new GuestBook(this.context, (guest) => {
      for (const { holder, index } of this.#book.slots) if (holder?.guest === guest) this.#doubt(this.#places[index]!)
      this.#book.left(guest)
    })
    this.#book = new SlotBook(size, {
      granted: (waiter, { index }) => this.#ringWhenReady(waiter, this.#places[index]!),
      recall: () => undefined,
      nowMs: () => performance.now(),
    })
  }

  override onStart(): void {
    const { idleMs = 60_000 } = this.#options
    if (Number.isFinite(idleMs)) setInterval(() => this.#stopIdle(idleMs), Math.max(10, idleMs / 4))
  }

  hello(ref: AnyRef | undefined, incarnation: number): { readonly guest: number } {
    return { guest: this.#guests.admit(ref, incarnation).id }
  }

  borrow(guest: number, ticket: number): Turn<AnyRef> {
    const who = this.#guests.get(guest)
    const waiter = { guest: who, ticket }
    const slot = this.#book.borrow(waiter)
    const place = slot && this.#places[slot.index]!
    if (place?.ref !== undefined) return { got: place.ref }
    if (place?.failure !== undefined) {
      const { error } = place.failure
      place.failure = undefined
      this.#book.giveBack(waiter, true)
      throw error
    }
    if (place !== undefined) this.#ringWhenReady(waiter, place)
    return { bell: this.#guests.bellOf(who) }
  }

  giveBack(guest: number, ticket: number, isBroken: boolean): void {
    const who = this.#guests.find(guest)
    const slot = who && this.#book.slots.find(({ holder }) => holder?.guest === who && holder.ticket === ticket)
    if (slot !== undefined) {
      const place = this.#places[slot.index]!
      place.idleSinceMs = performance.now()
      if (isBroken) this.#replace(place)
    }
    // Wherever it lies, anybody can have it next.
    if (who !== undefined) this.#book.giveBack({ guest: who, ticket }, true)
  }

  stats(): { readonly size: number; readonly held: number; readonly waiting: number; readonly running: number } {
    const running = this.#places.filter(({ ref }) => ref !== undefined).length
    return { size: this.#places.length, held: this.#book.held, waiting: this.#book.waiting, running }
  }

  override onSignal(signal: Signal): void {
    const place = this.#places.find(({ ref }) => ref?.path === signal.path)
    // A resource of ours has ended for good: the next who gets its slot gets a new one.
    if (place === undefined) this.#guests.onSignal(signal)
    else if (signal.type === 'terminated') place.ref = place.ready = undefined
  }

  #ringWhenReady(waiter: Waiter, place: Place): void {
    place.ready ??= this.#spawn(place)
    place.ready.then(
      (ref) => {
        const isStillHis = this.#book.slots.some(({ holder }) => holder?.guest === waiter.guest && holder.ticket === waiter.ticket)
        if (isStillHis) this.#guests.ring(waiter.guest, waiter.ticket, ref)
      },
      // Who waits asks again, and is told.
      (error: unknown) => {
        place.ready = undefined
        place.failure = { error }
      },
    )
  }

  async #spawn(place: Place): Promise<AnyRef> {
    const { actor, args = [] } = this.#options
    await place.ended
    place.failure = undefined
    const spawn = this.context.spawn as (actor: unknown, options: object) => Promise<AnyRef>
    const ref = await spawn.call(this.context, actor, { args, name: `${actor.name}-${++this.#started}`, restart: 'temporary' })
    this.context.watch(ref)
    place.idleSinceMs = performance.now()
    return (place.ref = ref)
  }

  /** Its holder has died, perhaps in the midst of something. */
  #doubt(place: Place): void {
    const { ref } = place
    const { check, checkMs = 1_000 } = this.#options
    if (ref === undefined) return
    if (check === undefined) return this.#replace(place)
    place.ref = undefined
    place.ready = (ref as Checkable).ask({ timeoutMs: checkMs })[check]!()
      .then((isGood) => {
        if (isGood === false) throw new Error('it says so itself')
        return (place.ref = ref)
      })
      .catch(() => {
        place.ended = this.#end(ref)
        return this.#spawn(place)
      })
    place.ready.catch(() => (place.ready = undefined))
  }

  #replace(place: Place): void {
    const { ref } = place
    if (ref === undefined) return
    place.ref = undefined
    place.ended = this.#end(ref)
    place.ready = undefined
  }

  async #end(ref: AnyRef): Promise<void> {
    this.context.unwatch(ref)
    const name = ref.path.slice(ref.path.lastIndexOf('/') + 1)
    // It may have ended by itself.
    await this.context
      .supervisor(this.context.path)
      .terminateChild(name)
      .catch(() => undefined)
  }

  #stopIdle(idleMs: number): void {
    for (const { holder, index } of this.#book.slots) {
      const place = this.#places[index]!
      const { ref } = place
      if (holder !== undefined || ref === undefined || performance.now() - place.idleSinceMs < idleMs) continue
      place.ref = undefined
      place.ready = undefined
      place.ended = this.#end(ref)
    }
  }
}
