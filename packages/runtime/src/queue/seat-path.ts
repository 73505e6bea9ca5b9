import type { Arena } from './arena.ts'
import { load, store } from './atomics.ts'
import * as L from './layout.ts'

/** The path of whoever has a seat, for texts about seats that a thread has no ref to. Written by the control side; a long one is cut. */
export function writePath(arena: Arena, seat: number, path: string): void {
  const bytes = new TextEncoder().encode(path).subarray(0, L.PATH_BYTES_MAX)
  store(arena.words, pathAt(arena, seat), 0)
  bytesOf(arena, seat).set(bytes)
  store(arena.words, pathAt(arena, seat), bytes.length)
}

export function readPath(arena: Arena, seat: number): string {
  const length = Math.min(load(arena.words, pathAt(arena, seat)), L.PATH_BYTES_MAX)
  return length <= 0 ? '?' : new TextDecoder().decode(bytesOf(arena, seat).slice(0, length))
}

function pathAt(arena: Arena, seat: number): number {
  return arena.layout.pathsAt + seat * L.PATH_WORDS
}

function bytesOf(arena: Arena, seat: number): Uint8Array {
  return new Uint8Array(arena.memory, (pathAt(arena, seat) + 1) * 4, L.PATH_BYTES_MAX)
}
