import type { Arena } from './arena.ts'
import { load } from './atomics.ts'
import { HEAD_SENDERS, MESSAGES, SEAT_PROGRESS } from './layout.ts'

/**
 * Those that have a message in progress, or a lane that may hold something; of all others there is nothing to see. A system
 * that does nothing is looked at many times a second: so this is one loop over the words that say so, and calls nothing else.
 */
export function busySeats(arena: Arena, seats: Iterable<number>): number[] {
  const { words } = arena
  const { bitmapWords } = arena.layout
  const wordsInUse = (load(words, HEAD_SENDERS) + 31) >> 5
  const busy: number[] = []
  for (const seat of seats) {
    let seen = load(words, arena.seatWord(seat, SEAT_PROGRESS))
    // The words of messages, and then those of replies.
    const first = arena.bitmapWord(MESSAGES, seat, 0)
    for (let i = 0; i < wordsInUse; i++) seen |= load(words, first + i) | load(words, first + bitmapWords + i)
    if (seen !== 0) busy.push(seat)
  }
  return busy
}
