import type { Arena } from './arena.ts'
import { compareExchange, exchange, load, or } from './atomics.ts'
import { HEAD_SENDERS, type LaneKind } from './layout.ts'

/**
 * Which lanes may have something: a bit per sender, set after the tail is stored and only if it is clear; the receiver
 * takes a whole word at a time and reads the tails after that. So a bit is missing only where a sender died between the
 * two steps, and for those the control side sets it.
 *
 * False: it was set already. Then nobody sleeps who should know: whoever sets it looks for a sleeper after that, and whoever goes
 * to sleep looks for it.
 */
export function markReady(arena: Arena, kind: LaneKind, receiver: number, sender: number): boolean {
  const word = arena.bitmapWord(kind, receiver, sender)
  const bit = 1 << (sender & 31)
  if ((load(arena.words, word) & bit) !== 0) return false
  or(arena.words, word, bit)
  return true
}

/** Appends the senders whose bit was set to `into` and clears the bits. */
export function takeReady(arena: Arena, kind: LaneKind, receiver: number, into: number[]): void {
  const first = arena.bitmapWord(kind, receiver, 0)
  const words = wordsInUse(arena)
  for (let i = 0; i < words; i++) {
    if (load(arena.words, first + i) === 0) continue
    let bits = exchange(arena.words, first + i, 0)
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits)
      into.push(i * 32 + bit)
      bits &= bits - 1
    }
  }
}

export function hasReady(arena: Arena, kind: LaneKind, receiver: number): boolean {
  const first = arena.bitmapWord(kind, receiver, 0)
  const words = wordsInUse(arena)
  for (let i = 0; i < words; i++) if (load(arena.words, first + i) !== 0) return true
  return false
}

/** Before the first lane of a sender is published: from here on its bit is looked at. */
export function noteSender(arena: Arena, sender: number): void {
  for (;;) {
    const senders = load(arena.words, HEAD_SENDERS)
    if (senders > sender || compareExchange(arena.words, HEAD_SENDERS, senders, sender + 1) === senders) return
  }
}

function wordsInUse(arena: Arena): number {
  const { bitmapWords } = arena.layout
  return bitmapWords === 1 ? 1 : (load(arena.words, HEAD_SENDERS) + 31) >> 5
}
