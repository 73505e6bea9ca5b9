import type { Arena } from './arena.ts'
import { load } from './atomics.ts'
import { waitingIn } from './lane-closing.ts'
import { MESSAGES, SEAT_HELD_COUNT } from './layout.ts'
import { hasLane, seatsOpened } from './seat.ts'
import { laneAtCell } from './segment.ts'

/** Messages that wait for a seat, the one in progress and those that it has set aside included; read from shared memory, by any thread, at any time. */
export function mailboxDepth(arena: Arena, seat: number): number {
  let depth = load(arena.words, arena.seatWord(seat, SEAT_HELD_COUNT))
  const senders = seatsOpened(arena)
  for (let sender = 0; sender < senders; sender++) {
    if (!hasLane(arena, MESSAGES, seat, sender)) continue
    const lane = laneAtCell(arena, MESSAGES, seat, sender)
    if (lane !== undefined) depth += waitingIn(arena, lane)
  }
  return depth
}
