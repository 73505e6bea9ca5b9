import type { Arena } from './arena.ts'
import { add, compareExchange, load, notifyAll, store, waitAsync, waitSync } from './atomics.ts'
import * as L from './layout.ts'
import { hasReady } from './ready.ts'
import { rouse } from './rest.ts'

/**
 * Sleep and wake-up of one seat (D3). The story of the race: the sleeper loads the wait word, says that it sleeps, and
 * looks for work once more; the sender sets its ready bit and then looks whether the receiver sleeps. Whoever is second
 * sees the other. The wake-up adds to the word before it notifies, so a sleeper that is still on its way to the wait
 * finds the word changed.
 */
export class Parking {
  readonly #arena: Arena
  readonly #seat: number
  readonly #wait: number
  readonly #sleeping: number
  readonly #dying: number
  readonly #inWait: number
  /** The value of the word for which an asynchronous wait is outstanding. There is at most one: each costs memory until notified. */
  #armedFor: number | undefined
  /** What the asynchronous sleep is for; 0: awake. */
  #asleepFor = 0

  constructor(arena: Arena, seat: number) {
    this.#arena = arena
    this.#seat = seat
    this.#wait = arena.seatWord(seat, L.SEAT_WAIT)
    this.#sleeping = arena.seatWord(seat, L.SEAT_SLEEPING)
    this.#dying = arena.seatWord(seat, L.SEAT_DYING)
    this.#inWait = arena.seatWord(seat, L.SEAT_IN_WAIT)
  }

  isDying(): boolean {
    return load(this.#arena.words, this.#dying) !== 0
  }

  hasWork(wants: number): boolean {
    if (hasReady(this.#arena, L.REPLIES, this.#seat)) return true
    return (wants & L.WANTS_MESSAGES) !== 0 && hasReady(this.#arena, L.MESSAGES, this.#seat)
  }

  /**
   * Sleeps until somebody wakes this seat, without blocking the thread: then calls `onWake`, once. Returns false when there
   * is work already (nothing is armed), true when asleep.
   */
  park(wants: number, onWake: () => void): boolean {
    const { words } = this.#arena
    const epoch = load(words, this.#wait)
    store(words, this.#sleeping, wants)
    // A dying isolate must not wait: on Node 20 a notification during its teardown can crash the process.
    if (this.hasWork(wants) || this.isDying()) {
      store(words, this.#sleeping, 0)
      return this.isDying()
    }
    this.#asleepFor = wants
    if (this.#armedFor === epoch) return true
    const woken = waitAsync(words, this.#wait, epoch)
    if (woken === undefined) {
      this.awake()
      return false
    }
    this.#armedFor = epoch
    void woken.then(() => {
      if (this.#armedFor === epoch) this.#armedFor = undefined
      onWake()
    })
    return true
  }

  /** Blocks the thread until there may be a reply, or for `timeoutMs` at most. */
  parkSync(timeoutMs: number): void {
    const { words } = this.#arena
    const epoch = load(words, this.#wait)
    store(words, this.#sleeping, L.WANTS_REPLIES)
    if (!this.hasWork(L.WANTS_REPLIES) && !this.isDying()) {
      store(words, this.#inWait, 1)
      waitSync(words, this.#wait, epoch, timeoutMs)
      store(words, this.#inWait, 0)
    }
    store(words, this.#sleeping, this.#asleepFor)
    // The loop of this seat may be asleep meanwhile: what came for it is told again.
    if (this.#asleepFor !== 0 && this.hasWork(this.#asleepFor)) ring(this.#arena, this.#seat)
  }

  /** Runs a wait of the runtime that blocks the thread: those who look from outside do not take it for a hang. */
  inWait<T>(wait: () => T): T {
    store(this.#arena.words, this.#inWait, 1)
    try {
      return wait()
    } finally {
      store(this.#arena.words, this.#inWait, 0)
    }
  }

  /** Nobody will park here again: resolves the wait that is outstanding, which would keep its memory otherwise. */
  release(): void {
    this.awake()
    ring(this.#arena, this.#seat)
  }

  /** The seat is awake for another reason: senders need not pay for a wake-up. */
  awake(): void {
    const wasAsleep = this.#asleepFor !== 0
    this.#asleepFor = 0
    store(this.#arena.words, this.#sleeping, 0)
    if (wasAsleep) rouse(this.#arena)
  }
}

/** After a push: wakes the receiver if it sleeps for this. A sender that finds somebody else at it leaves it to them. */
export function wake(arena: Arena, seat: number, wanted: number): void {
  const { words } = arena
  const word = arena.seatWord(seat, L.SEAT_SLEEPING)
  const sleeping = load(words, word)
  if ((sleeping & wanted) === 0 || (sleeping & L.WAKING) !== 0) return
  if (compareExchange(words, word, sleeping, sleeping | L.WAKING) !== sleeping) return
  ring(arena, seat)
  rouse(arena)
}

/** The control side's net: wakes a seat that sleeps although there is work for it, whoever should have done so. */
export function wakeIfStalled(arena: Arena, seat: number): boolean {
  const sleeping = load(arena.words, arena.seatWord(seat, L.SEAT_SLEEPING))
  if (sleeping === 0) return false
  const stalled = hasReady(arena, L.REPLIES, seat) || ((sleeping & L.WANTS_MESSAGES) !== 0 && hasReady(arena, L.MESSAGES, seat))
  if (stalled) ring(arena, seat)
  return stalled
}

/** Before an isolate ends, by its own exit or by `terminate()`: takes it out of its sleep, and keeps it out. */
export function markDying(arena: Arena, seat: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_DYING), 1)
  store(arena.words, arena.seatWord(seat, L.SEAT_SLEEPING), 0)
  ring(arena, seat)
}

function ring(arena: Arena, seat: number): void {
  const word = arena.seatWord(seat, L.SEAT_WAIT)
  add(arena.words, word, 1)
  notifyAll(arena.words, word)
}
