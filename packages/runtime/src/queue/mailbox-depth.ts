import type { Arena } from './arena.ts'
import { waitingIn } from './lane-closing.ts'
import { MESSAGES } from './layout.ts'
import { hasLane, seatsOpened } from './seat.ts'
import { laneAtCell } from './segment.ts'

/** Messages that wait for a seat, the one in progress included; read from shared memory, by any thread, at any time. */
export function mailboxDepth(arena: Arena, seat: number): number {
  let depth = 0
  const senders = seatsOpened(arena)
  for (let sender = 0; sender < senders; sender++) {
    if (!hasLane(arena, MESSAGES, seat, sender)) continue
    const lane = laneAtCell(arena, MESSAGES, seat, sender)
    if (lane !== undefined) depth += waitingIn(arena, lane)
  }
  return depth
}
