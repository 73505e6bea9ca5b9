import type { Arena } from './arena.ts'
import { load } from './atomics.ts'
import * as L from './layout.ts'

/** Which blocks an actor has for what it has set aside (held-records.ts). */

export const ROWS_PER_BLOCK = Math.floor((L.BLOCK_BYTES / 4 - L.SEGMENT_HEADER_WORDS) / L.HOLD_ROW_WORDS)

/** Whether its actor may have asks set aside that wait for their replies. */
export function hasHeld(arena: Arena, seat: number): boolean {
  return load(arena.words, arena.seatWord(seat, L.SEAT_HELD)) !== 0
}

/** Those with rows. Whoever scribbles over its own rows leads nobody in a circle, nor into the blocks of others. */
export function blocksOfHold(arena: Arena, seat: number): number[] {
  const blocks: number[] = []
  let block = load(arena.words, arena.seatWord(seat, L.SEAT_HELD)) - 1
  while (block >= 0 && block < arena.blocksNow() && !blocks.includes(block) && arena.ownerOf(block) === seat) {
    blocks.push(block)
    block = load(arena.blockWords(block, 1), L.HOLD_NEXT) - 1
  }
  return blocks
}

/** Blocks that a new outbox of the seat must not take for its predecessor's leavings: those with rows, and the runs of what is in them. */
export function blocksHeld(arena: Arena, seat: number): number[] {
  const blocks = blocksOfHold(arena, seat)
  for (const block of blocks.slice()) {
    const words = arena.blockWords(block, 1)
    for (let row = 0; row < ROWS_PER_BLOCK; row++) {
      const at = L.SEGMENT_HEADER_WORDS + row * L.HOLD_ROW_WORDS
      const first = words[at + L.HELD_RUN]! - 1
      const count = Math.ceil(words[at + L.HELD_PAYLOAD_BYTES]! / L.BLOCK_BYTES)
      if (load(words, at + L.HELD_STATE) === L.FREE || first < 0) continue
      for (let i = 0; i < count && first + i < arena.blocksNow(); i++) blocks.push(first + i)
    }
  }
  return blocks
}
