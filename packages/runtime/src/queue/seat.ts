import type { Arena } from './arena.ts'
import { load, show, store } from './atomics.ts'
import * as L from './layout.ts'
import { markReady } from './ready.ts'

/** What the control side does with a seat as a whole; and what an isolate shows of itself in it. */

/** Opens a seat for a new address; returns its generation. */
export function openSeat(arena: Arena, seat: number): number {
  const word = arena.seatWord(seat, L.SEAT_STATE)
  const generation = nextGeneration(arena, seat)
  if (seatsOpened(arena) <= seat) store(arena.words, L.HEAD_OPENED, seat + 1)
  store(arena.words, arena.seatWord(seat, L.SEAT_INCARNATION), 0)
  store(arena.words, word, L.seatState(generation, L.OPEN))
  return generation
}

/** That of the next address in that seat. */
export function nextGeneration(arena: Arena, seat: number): number {
  return (load(arena.words, arena.seatWord(seat, L.SEAT_STATE)) >> 2) + 1
}

/** Who looks for lanes looks below this. */
export function seatsOpened(arena: Arena): number {
  return load(arena.words, L.HEAD_OPENED)
}

/** From here on no lane to this address is opened; the lanes that are there must be sealed and swept next (G1). */
export function closeSeat(arena: Arena, seat: number, generation: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_STATE), L.seatState(generation, L.CLOSING))
}

/** The closer looks at none of its lanes any more. */
export function markSwept(arena: Arena, seat: number, generation: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_STATE), L.seatState(generation, L.SWEPT))
}

/** Before a new incarnation starts: it is not dying, sleeps for nothing, and finds every lane that may hold something. */
export function prepareSeat(arena: Arena, seat: number, senders: Iterable<number>): void {
  for (const word of [
    L.SEAT_DYING,
    L.SEAT_SLEEPING,
    L.SEAT_PROGRESS,
    L.SEAT_IN_WAIT,
    L.SEAT_MEASURED_MS,
    L.SEAT_SAID,
    L.SEAT_HEARD,
    L.SEAT_UNSAID,
    L.SEAT_SLOTS,
  ])
    store(arena.words, arena.seatWord(seat, word), 0)
  for (let slot = 0; slot < L.SEAT_ASKS_MAX; slot++) store(arena.words, arena.seatWord(seat, L.SEAT_SERVED + slot), 0)
  for (const sender of senders) {
    for (const kind of [L.MESSAGES, L.REPLIES] as const) if (hasLane(arena, kind, seat, sender)) markReady(arena, kind, seat, sender)
  }
}

export function hasLane(arena: Arena, kind: L.LaneKind, receiver: number, sender: number): boolean {
  return load(arena.words, arena.cellWord(kind, receiver, sender)) !== 0
}

export function showIncarnation(arena: Arena, seat: number, incarnation: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_INCARNATION), incarnation)
}

/** The incarnation that lives at an address, or lived there last; 0: none yet, or the address has ended long ago. */
export function shownIncarnation(arena: Arena, { seat, generation }: { readonly seat: number; readonly generation: number }): number {
  const incarnation = load(arena.words, arena.seatWord(seat, L.SEAT_INCARNATION))
  return load(arena.words, arena.seatWord(seat, L.SEAT_STATE)) >> 2 === generation ? incarnation : 0
}

/** Whether an incarnation lives: nobody has seen it end. */
export function isAlive(arena: Arena, seat: number, generation: number, incarnation: number): boolean {
  return (
    load(arena.words, arena.seatWord(seat, L.SEAT_DYING)) === 0 &&
    load(arena.words, arena.seatWord(seat, L.SEAT_INCARNATION)) === incarnation &&
    load(arena.words, arena.seatWord(seat, L.SEAT_STATE)) === L.seatState(generation, L.OPEN)
  )
}

/** `method`: its name id or UNNAMED; 0: idle. `begun`: how many messages this incarnation has begun. */
export function showProgress(arena: Arena, seat: number, method: number, begun: number): void {
  show(arena.words, arena.seatWord(seat, L.SEAT_PROGRESS), method === 0 ? 0 : (begun << L.METHOD_BITS) | method)
}

/** The same word twice: the same message. 0: none. */
export function shownProgress(arena: Arena, seat: number): number {
  return load(arena.words, arena.seatWord(seat, L.SEAT_PROGRESS))
}

export function methodIn(progress: number): number {
  return progress & ((1 << L.METHOD_BITS) - 1)
}

/** The isolate's event loop has come to the ping of that number. */
export function answerPing(arena: Arena, seat: number, ping: number): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_PONG), ping)
}

export function lastPong(arena: Arena, seat: number): number {
  return load(arena.words, arena.seatWord(seat, L.SEAT_PONG))
}

export function isInWait(arena: Arena, seat: number): boolean {
  return load(arena.words, arena.seatWord(seat, L.SEAT_IN_WAIT)) !== 0
}

/** `nowMs`: modulo 2^31, which is 24 days. */
export function showMemory(
  arena: Arena,
  seat: number,
  {
    heapBytes,
    heapLimitBytes,
    externalBytes,
  }: { readonly heapBytes: number; readonly heapLimitBytes: number; readonly externalBytes: number },
  nowMs: number,
): void {
  store(arena.words, arena.seatWord(seat, L.SEAT_HEAP_KIB), heapBytes / 1024)
  store(arena.words, arena.seatWord(seat, L.SEAT_HEAP_LIMIT_KIB), heapLimitBytes / 1024)
  store(arena.words, arena.seatWord(seat, L.SEAT_EXTERNAL_KIB), externalBytes / 1024)
  store(arena.words, arena.seatWord(seat, L.SEAT_MEASURED_MS), Math.max(1, nowMs % 2 ** 31))
}

/** What `showMemory` has shown last, `agoMs` before `nowMs`; undefined: nothing yet. */
export function shownMemory(arena: Arena, seat: number, nowMs: number) {
  const [heap, limit, external, measuredMs] = [L.SEAT_HEAP_KIB, L.SEAT_HEAP_LIMIT_KIB, L.SEAT_EXTERNAL_KIB, L.SEAT_MEASURED_MS].map(
    (word) => load(arena.words, arena.seatWord(seat, word)),
  )
  if (measuredMs === 0) return undefined
  const agoMs = (Math.trunc(nowMs % 2 ** 31) - measuredMs! + 2 ** 31) % 2 ** 31
  return { memory: { heapBytes: heap! * 1024, heapLimitBytes: limit! * 1024, externalBytes: external! * 1024 }, agoMs }
}

export function setDebugged(arena: Arena, isDebugged: boolean): void {
  store(arena.words, L.HEAD_DEBUGGED, isDebugged ? 1 : 0)
}

export function isDebugged(arena: Arena): boolean {
  return load(arena.words, L.HEAD_DEBUGGED) !== 0
}
