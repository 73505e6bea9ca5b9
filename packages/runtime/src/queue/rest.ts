import type { Arena } from './arena.ts'
import { exchange, load, notifyAll, store, waitAsync } from './atomics.ts'
import { HEAD_RESTING, SEAT_SLEEPING, SEAT_WAIT } from './layout.ts'

/**
 * The control side looks at all seats many times a second, which is all that an idle system costs. While everybody sleeps there
 * is nothing to see, so it rests: it says so in one word, and who wakes a sleeper rouses it, too. A sender that is killed between
 * the two is the control side's own business (it hears of every death), and it never rests for long (`endRest`).
 *
 * Returns what resolves when it is roused; undefined: it has been already.
 */
export function rest(arena: Arena): Promise<unknown> | undefined {
  store(arena.words, HEAD_RESTING, 1)
  return waitAsync(arena.words, HEAD_RESTING, 1)
}

/** Costs one look where nobody rests. */
export function rouse(arena: Arena): void {
  const { words } = arena
  if (load(words, HEAD_RESTING) !== 0 && exchange(words, HEAD_RESTING, 0) !== 0) notifyAll(words, HEAD_RESTING)
}

/** Ends a rest also where a sender was killed between the word and its notification: nobody else would notify then. */
export function endRest(arena: Arena): void {
  store(arena.words, HEAD_RESTING, 0)
  notifyAll(arena.words, HEAD_RESTING)
}

/** Of seats that all sleep: a sum that is another as soon as one of them has been woken. Undefined: one is awake. */
export function sleepMark(arena: Arena, seats: Iterable<number>): number | undefined {
  const { words } = arena
  let sum = 0
  for (const seat of seats) {
    if (load(words, arena.seatWord(seat, SEAT_SLEEPING)) === 0) return undefined
    sum = (sum + load(words, arena.seatWord(seat, SEAT_WAIT))) | 0
  }
  return sum
}
