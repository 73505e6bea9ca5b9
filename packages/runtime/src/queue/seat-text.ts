import type { Arena } from './arena.ts'
import { load, store } from './atomics.ts'
import * as L from './layout.ts'

/**
 * Two texts of a seat, for threads that have no other way to know them: the path of whoever has it, and the last words of
 * whoever had it. Written by the control side; a long path is cut, last words are made to fit.
 */

export function writePath(arena: Arena, seat: number, path: string): void {
  write(arena, pathAt(arena, seat), path)
}

export function readPath(arena: Arena, seat: number): string {
  return read(arena, pathAt(arena, seat)) ?? '?'
}

/** Before the seat is closed. */
export function writeLastWords(arena: Arena, seat: number, words: string): void {
  write(arena, lastWordsAt(arena, seat), words)
}

/** Undefined when that address has not ended, or when its seat has been given to another one. */
export function readLastWords(arena: Arena, seat: number, generation: number): string | undefined {
  const hasEnded = (): boolean => {
    const state = load(arena.words, arena.seatWord(seat, L.SEAT_STATE))
    return state >> 2 === generation && state !== L.seatState(generation, L.OPEN)
  }
  if (!hasEnded()) return undefined
  const words = read(arena, lastWordsAt(arena, seat))
  // If it has been given to another one meanwhile, the words may be that one's.
  return hasEnded() ? words : undefined
}

function write(arena: Arena, at: number, text: string): void {
  const bytes = new TextEncoder().encode(text).subarray(0, L.TEXT_BYTES_MAX)
  store(arena.words, at, 0)
  bytesAt(arena, at).set(bytes)
  store(arena.words, at, bytes.length)
}

function read(arena: Arena, at: number): string | undefined {
  const length = Math.min(load(arena.words, at), L.TEXT_BYTES_MAX)
  return length <= 0 ? undefined : new TextDecoder().decode(bytesAt(arena, at).slice(0, length))
}

function pathAt(arena: Arena, seat: number): number {
  return arena.layout.textsAt + seat * 2 * L.TEXT_WORDS
}

function lastWordsAt(arena: Arena, seat: number): number {
  return pathAt(arena, seat) + L.TEXT_WORDS
}

function bytesAt(arena: Arena, at: number): Uint8Array {
  return new Uint8Array(arena.memory, (at + 1) * 4, L.TEXT_BYTES_MAX)
}
