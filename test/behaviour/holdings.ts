import { type ActorSystem, Queue } from '@troupe/runtime'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { MESSAGES, OPEN, REPLIES, SEAT_STATE } from '../../packages/runtime/src/queue/layout.ts'
import { laneAtCell, recordsIn, segmentsOf } from '../../packages/runtime/src/queue/segment.ts'

/** What a system holds for its actors, counted in its shared memory. */
export interface Holdings {
  /** Blocks that have an owner, and that nobody can reach: they are lost. */
  readonly lostBlocks: number
  readonly openSeats: number
  /** Messages that have something beside them and are not read yet. */
  readonly inTransit: number
}

/** Looks whenever it is called: what it sees is exact once nobody is busy. */
export function holdingsOf(system: ActorSystem): () => Promise<Holdings> {
  // A queue of the system lies in its arena: so that can be looked at.
  const arena = Arena.attach(Queue.create({ system, capacity: 1, bytesMax: 64 }).handle.memory)
  return async () => ({
    lostBlocks: lostBlocks(arena),
    openSeats: seatsOf(arena).filter((seat) => (arena.words[arena.seatWord(seat, SEAT_STATE)]! & 3) === OPEN).length,
    inTransit: (await system.inTransit()).messages,
  })
}

function lostBlocks(arena: Arena): number {
  const reached = new Set<number>()
  const reach = (first: number, blocks: number): void => {
    for (let i = 0; i < blocks; i++) reached.add(first + i)
  }
  for (const receiver of seatsOf(arena)) {
    for (const sender of seatsOf(arena)) {
      for (const kind of [MESSAGES, REPLIES] as const) {
        const lane = laneAtCell(arena, kind, receiver, sender)
        for (const segment of lane === undefined ? [] : segmentsOf(arena, lane)) {
          reach(segment.first, segment.blocks)
          for (const { run, blocks } of recordsIn(segment)) if (run >= 0) reach(run, blocks)
        }
      }
    }
  }
  let lost = 0
  for (let block = 0; block < arena.blocksNow(); block++) {
    const owner = arena.ownerOf(block)
    // What no seat owns belongs to queues.
    if (owner >= 0 && owner < arena.layout.seats && !reached.has(block)) lost++
  }
  return lost
}

function seatsOf(arena: Arena): number[] {
  return Array.from({ length: arena.layout.seats }, (_, seat) => seat)
}
