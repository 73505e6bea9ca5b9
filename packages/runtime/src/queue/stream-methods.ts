import type { Arena } from './arena.ts'
import { load, look, store } from './atomics.ts'
import * as L from './layout.ts'

/**
 * Which methods of the actor in a seat are streams, by their name ids: whoever asks must know before there is an answer,
 * because it gives its caller a stream and not a promise. Written by the isolate when it has loaded the class.
 */

export function showStreams(arena: Arena, seat: number, names: readonly number[]): void {
  const { words } = arena
  // A successor has the same as a rule: who asks meanwhile finds what was there. Ids beyond the count are looked at by nobody.
  names.slice(0, L.STREAMS_MAX).forEach((name, i) => {
    store(words, rowOf(arena, seat) + i, name)
  })
  store(words, arena.seatWord(seat, L.SEAT_STREAMS), Math.min(names.length, L.STREAMS_MAX))
}

/** Most actors have none. */
export function hasStreams(arena: Arena, seat: number): boolean {
  return look(arena.words, arena.seatWord(seat, L.SEAT_STREAMS)) !== 0
}

export function isStream(arena: Arena, seat: number, name: number): boolean {
  const count = Math.min(load(arena.words, arena.seatWord(seat, L.SEAT_STREAMS)), L.STREAMS_MAX)
  const row = rowOf(arena, seat)
  for (let i = 0; i < count; i++) if (load(arena.words, row + i) === name) return true
  return false
}

function rowOf(arena: Arena, seat: number): number {
  return arena.layout.streamsAt + seat * L.STREAMS_MAX
}
