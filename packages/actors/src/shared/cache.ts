import { Actor, type AnyRef, type Signal } from '@troupe/runtime'
import { LRUCache } from 'lru-cache'
import { type Guest, GuestBook } from '../guest-book.ts'
import { checkKeepable } from '../keepable.ts'
import { checkOptions } from '../options.ts'
import type { Turn } from '../turn.ts'
import { checkKey } from './key.ts'
import { weightOf } from './weight.ts'

export interface CacheOptions {
  /** Bytes of all values together, as far as they can be told from outside. The least recently used go first. Default 64 MiB. */
  readonly bytesMax?: number
  /** Milliseconds for which a value is good. Default Infinity. */
  readonly ttlMs?: number
  /** Milliseconds beyond `ttlMs` in which an old value is still given, while one of those who ask loads it anew. Default 0. */
  readonly staleMs?: number
}

const OPTIONS = { bytesMax: true, ttlMs: true, staleMs: true } as const

/** A value; or: it is on you to load it. `refresh`: the value is old, and it is on you to load it as well. */
export type Found = { readonly value: unknown; readonly refresh: boolean } | { readonly load: true } | { readonly failed: string }

interface Entry {
  readonly value: unknown
  readonly sinceMs: number
}

/** Somebody loads a key, and others wait for it. */
interface Flight {
  readonly loader: Guest
  readonly ticket: number
  /** Since it has begun the key was set or deleted: what it brings is older than that, and is not kept. */
  isStale: boolean
  readonly waiting: { readonly guest: Guest; readonly ticket: number }[]
}

export interface CacheStats {
  readonly entries: number
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  readonly loading: number
}

/**
 * One cache for all isolates. A key that is not there is loaded once, by the first who asks (in its isolate: see `CacheView`), and all
 * others wait for that; if the loader dies, the next one of them loads. Values are in the memory of this actor only.
 */
export class Cache extends Actor {
  static readonly module = import.meta.url
  readonly #entries: LRUCache<string, Entry>
  readonly #ttlMs: number
  readonly #staleMs: number
  readonly #flights = new Map<string, Flight>()
  /** Why the last flight of a key failed, for those who waited for it, by guest and ticket. */
  readonly #failures = new Map<string, string>()
  readonly #guests: GuestBook
  #hits = 0
  #misses = 0

  constructor(options: CacheOptions = {}) {
    super()
    const { bytesMax = 64 * 1024 * 1024, ttlMs = Number.POSITIVE_INFINITY, staleMs = 0 } = checkOptions(options, OPTIONS, 'Cache')
    this.#ttlMs = ttlMs
    this.#staleMs = staleMs
    this.#entries = new LRUCache({ maxSize: bytesMax, sizeCalculation: ({ value }, key) => weightOf(value) + key.length * 2 })
    this.#guests = new GuestBook(this.context, (guest) => this.#left(guest))
  }

  hello(ref: AnyRef | undefined, incarnation: number): { readonly guest: number } {
    return { guest: this.#guests.admit(ref, incarnation).id }
  }

  /** The value, if it is there and good. */
  get(key: string): unknown {
    const value = this.hit(key)
    if (value === undefined) this.#misses++
    return value
  }

  /** The same for whoever will say what to do if it is not: that is no miss yet. */
  hit(key: string): unknown {
    const entry = this.#entries.get(key)
    if (entry === undefined || (this.#ttlMs !== Number.POSITIVE_INFINITY && performance.now() - entry.sinceMs > this.#ttlMs))
      return undefined
    this.#hits++
    return entry.value
  }

  /** The value; or who is to load it; or where to listen until somebody has. Asking again with the same ticket changes nothing. */
  find(guest: number, ticket: number, key: string): Turn<Found> {
    const who = this.#guests.get(guest)
    const failed = this.#failures.size === 0 ? undefined : this.#failures.get(`${guest}:${ticket}`)
    if (failed !== undefined) {
      this.#failures.delete(`${guest}:${ticket}`)
      return { got: { failed } }
    }
    const entry = this.#entries.get(key)
    const ageMs = entry === undefined ? Number.POSITIVE_INFINITY : performance.now() - entry.sinceMs
    const flight = this.#flights.get(key)
    const isOn = flight === undefined || flight.isStale || isOf(flight, guest, ticket)
    if (entry !== undefined && ageMs <= this.#ttlMs + this.#staleMs) {
      this.#hits++
      const refresh = ageMs > this.#ttlMs && isOn
      if (refresh) this.#fly(key, who, ticket)
      return { got: { value: entry.value, refresh } }
    }
    this.#misses++
    if (isOn) {
      this.#fly(key, who, ticket)
      return { got: { load: true } }
    }
    if (!flight.waiting.some((one) => one.guest === who && one.ticket === ticket)) flight.waiting.push({ guest: who, ticket })
    return { bell: this.#guests.bellOf(who) }
  }

  /** What that ticket was to load. It is kept if nobody has set or deleted the key meanwhile. Throws as `set` does. */
  loaded(guest: number, ticket: number, key: string, value: unknown): void {
    this.#check(key, value)
    const flight = this.#flights.get(key)
    if (flight === undefined || !isOf(flight, guest, ticket)) return
    if (!flight.isStale) this.#entries.set(key, { value, sinceMs: performance.now() })
    this.#land(key, flight, undefined)
  }

  /** The load has failed: whoever waits for it is told so. */
  fail(guest: number, ticket: number, key: string, why: string): void {
    const flight = this.#flights.get(key)
    if (flight !== undefined && isOf(flight, guest, ticket)) this.#land(key, flight, why)
  }

  /** Nobody waits for that ticket any more. If it was to load, it may never have heard so: another one of those who wait does. */
  giveUp(guest: number, ticket: number, key: string): void {
    this.#failures.delete(`${guest}:${ticket}`)
    const flight = this.#flights.get(key)
    if (flight === undefined) return
    if (isOf(flight, guest, ticket)) return this.#land(key, flight, undefined)
    const at = flight.waiting.findIndex((one) => one.guest.id === guest && one.ticket === ticket)
    if (at !== -1) flight.waiting.splice(at, 1)
  }

  /**
   * Also for whoever has a value without having been asked to load it.
   *
   * @throws {InvalidArgumentError, NotSendableError} for a key that is no text, and a value that holds a function or a stream
   */
  set(key: string, value: unknown): void {
    this.#check(key, value)
    this.#entries.set(key, { value, sinceMs: performance.now() })
    const flight = this.#flights.get(key)
    if (flight === undefined) return
    flight.isStale = true
    this.#ring(flight)
  }

  /** What is being loaded now may be older than this: it is not kept, and those who wait load again. */
  delete(key: string): boolean {
    const flight = this.#flights.get(key)
    if (flight !== undefined) flight.isStale = true
    return this.#entries.delete(key)
  }

  clear(): void {
    for (const flight of this.#flights.values()) flight.isStale = true
    this.#entries.clear()
  }

  stats(): CacheStats {
    const { size: entries, calculatedSize: bytes } = this.#entries
    return { entries, bytes, hits: this.#hits, misses: this.#misses, loading: this.#flights.size }
  }

  override onSignal(signal: Signal): void {
    this.#guests.onSignal(signal)
  }

  #check(key: string, value: unknown): void {
    checkKey(key, 'Cache')
    checkKeepable(value, 'the value', `${this.context.path}: ${key}`)
  }

  /** Whoever waited for an older one waits for this. */
  #fly(key: string, loader: Guest, ticket: number): void {
    const before = this.#flights.get(key)?.waiting ?? []
    const waiting = before.filter((one) => one.guest !== loader || one.ticket !== ticket)
    this.#flights.set(key, { loader, ticket, isStale: false, waiting })
  }

  #land(key: string, flight: Flight, failed: string | undefined): void {
    this.#flights.delete(key)
    if (failed !== undefined) for (const { guest, ticket } of flight.waiting) this.#failures.set(`${guest.id}:${ticket}`, failed)
    this.#ring(flight)
  }

  /** They look again: a value can be larger than what a bell carries. */
  #ring({ waiting }: Flight): void {
    for (const { guest, ticket } of waiting.splice(0)) this.#guests.ring(guest, ticket, null)
  }

  /** Another one of those who wait loads what a dead loader has left. */
  #left(guest: Guest): void {
    for (const [key, flight] of this.#flights) {
      const waiting = flight.waiting.filter((one) => one.guest !== guest)
      flight.waiting.splice(0, flight.waiting.length, ...waiting)
      if (flight.loader === guest) this.#land(key, flight, undefined)
    }
    for (const ticket of this.#failures.keys()) if (ticket.startsWith(`${guest.id}:`)) this.#failures.delete(ticket)
  }
}

/** Whether it is on that ticket to load it. */
function isOf(flight: Flight, guest: number, ticket: number): boolean {
  return flight.loader.id === guest && flight.ticket === ticket
}
