import type { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { sealLane, sentUpTo, waitingIn, wasBegun } from '../../packages/runtime/src/queue/lane-closing.ts'
import { CORRUPT, LaneConsumer } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer } from '../../packages/runtime/src/queue/lane-producer.ts'
import * as L from '../../packages/runtime/src/queue/layout.ts'
import { recordWord, type Segment, segmentAt } from '../../packages/runtime/src/queue/segment.ts'
import { attach, laneFrom, mustPush, newArena, OTHER, open, PLENTY, patterned, push, RECEIVER, reclaim, SENDER, takeAll } from './rig.ts'

/** Inputs 25 and 26: what a sender may write over its own lane. Two records wait in it: one inline, one in a run. */
export interface Scribble {
  readonly what: string
  readonly write: (lane: ScribbledLane) => void
  /** Harmless to the receiver: only those are affected who walk the lane from outside. */
  readonly isUnseen?: true
}

interface ScribbledLane {
  readonly arena: Arena
  readonly segment: Segment
  /** Words of the first record and of the one behind it. */
  readonly first: number
  readonly second: number
}

const CAPACITY = L.BLOCK_DATA_BYTES

const lengths = [0, 1, 2, 4, 6, 7, 8, L.RECORD_HEADER_BYTES - 8, -1, -8, 9, 41, CAPACITY, CAPACITY + 8, 1 << 30, 0x7fff_fff8, -0x8000_0000]
const tailMoves = [-8, -1_024, 4, 8, CAPACITY + 8, 4 * CAPACITY, 1 << 30, 0x7fff_ff00, -0x7fff_ff00]
const pointers = [-2, -0x8000_0000, 0x7fff_ffff, 1_000_000]

export const SCRIBBLES: readonly Scribble[] = [
  ...lengths.map((length) => ({
    what: `a record of length ${length}`,
    write: ({ segment, first }: ScribbledLane) => (segment.words[first + L.RECORD_LENGTH] = length),
  })),
  ...[-1, 137, 1 << 30, -0x8000_0000].map((bytes) => ({
    what: `a payload of ${bytes} bytes in a record of less`,
    write: ({ segment, first }: ScribbledLane) => (segment.words[first + L.RECORD_PAYLOAD_BYTES] = bytes),
  })),
  ...[0, -1, 1 << 30, 0x7fff_ffff].map((bytes) => ({
    what: `a run of ${bytes} bytes`,
    write: (lane: ScribbledLane) => {
      toRun(lane)
      lane.segment.words[lane.first + L.RECORD_PAYLOAD_BYTES] = bytes
    },
  })),
  ...[...pointers, -1].map((run) => ({
    what: `a run at ${run}`,
    write: ({ segment, first }: ScribbledLane) => (segment.words[first + L.RECORD_RUN] = run),
  })),
  {
    what: 'a run that is another sender’s',
    write: (lane) => {
      toRun(lane)
      lane.segment.words[lane.first + L.RECORD_RUN] = 1 + lane.arena.claim(OTHER, 3, L.MESSAGES)
    },
  },
  ...tailMoves.map((move) => ({
    what: `a tail ${move > 0 ? `${move} bytes too far` : `moved back by ${-move} bytes behind the head`}`,
    write: ({ segment }: ScribbledLane) => {
      const from = move > 0 ? segment.words[L.SEGMENT_TAIL]! : segment.words[L.SEGMENT_HEAD]!
      segment.words[L.SEGMENT_TAIL] = from + move
    },
  })),
  ...pointers.map((next) => ({
    what: `a next ring at ${next}`,
    write: ({ segment }: ScribbledLane) => {
      segment.words[L.SEGMENT_TAIL] = segment.words[L.SEGMENT_HEAD]!
      segment.words[L.SEGMENT_NEXT] = next
    },
  })),
  { what: 'a ring that is its own next', write: (lane) => chain(lane, lane.segment.first) },
  {
    what: 'two rings that are each other’s next',
    write: (lane) => {
      const other = copyOfRing(lane)
      chain(lane, other.first)
      other.words[L.SEGMENT_NEXT] = 1 + lane.segment.first
    },
  },
  {
    what: 'a ring of its own, and of the right number, whose next is the first again',
    write: (lane) => {
      const other = copyOfRing(lane)
      other.words[L.SEGMENT_ORDINAL] = lane.segment.words[L.SEGMENT_ORDINAL]! + 1
      chain(lane, other.first)
      other.words[L.SEGMENT_NEXT] = 1 + lane.segment.first
    },
  },
  {
    what: 'a next ring that is another sender’s',
    write: (lane) => {
      const stranger = segmentAt(lane.arena, lane.arena.words[lane.arena.cellWord(L.MESSAGES, RECEIVER, OTHER)]!)!
      chain(lane, stranger.first)
    },
  },
  ...[0, -1, 3, 128, 1 << 30].map((blocks) => ({
    what: `a ring of ${blocks} blocks`,
    isUnseen: true as const,
    write: ({ segment }: ScribbledLane) => (segment.words[L.SEGMENT_BLOCKS] = blocks),
  })),
]

/** The record before it is in a ring; this one says that it is in a run of the sender's own. */
function toRun({ arena, segment, first }: ScribbledLane): void {
  segment.words[first + L.RECORD_RUN] = 1 + arena.claim(SENDER, 3, L.MESSAGES)
  segment.words[first + L.RECORD_PAYLOAD_BYTES] = 2 * L.BLOCK_BYTES + 1
}

function chain({ segment }: ScribbledLane, next: number): void {
  segment.words[L.SEGMENT_TAIL] = segment.words[L.SEGMENT_HEAD]!
  segment.words[L.SEGMENT_NEXT] = 1 + next
}

function copyOfRing({ arena, segment }: ScribbledLane): Segment {
  const first = arena.claim(SENDER, 1, L.MESSAGES)
  const words = arena.blockWords(first, 1)
  words.set(segment.words)
  words[L.SEGMENT_TAIL] = words[L.SEGMENT_HEAD]!
  return { ...segment, first, words, bytes: arena.blockBytes(first, 1) }
}

/** Each gives what it found wrong, or nothing. That it comes back at all is the other half of the check. */
export const VICTIMS: Readonly<Record<string, (arena: Arena, consumer: LaneConsumer, scribble: Scribble) => string | undefined>> = {
  'the receiver': (_, consumer, { isUnseen }) => {
    const { last } = takeAll(consumer)
    return last === CORRUPT || isUnseen ? undefined : `the receiver does not refuse the lane: ${last}`
  },
  'its next incarnation': (arena, _, { isUnseen }) => {
    const consumer = LaneConsumer.attach(arena, L.MESSAGES, RECEIVER, 1, SENDER)
    const last = consumer === undefined ? undefined : takeAll(consumer).last
    return last === undefined || last === CORRUPT || isUnseen ? undefined : `the receiver does not refuse the lane: ${last}`
  },
  'whoever seals it': (arena) => void sealLane(arena, lane),
  'whoever asks how far the sender came': (arena) => void sentUpTo(arena, lane),
  'whoever asks what was begun': (arena) => void wasBegun(arena, lane),
  'whoever counts what waits': (arena) => {
    const waiting = waitingIn(arena, lane)
    return waiting >= 0 ? undefined : `${waiting} waiting`
  },
  'whoever frees the blocks of the dead': (arena) => {
    reclaim(arena, SENDER, [lane])
    return undefined
  },
  'whoever sends in the name of the dead': (arena) => {
    const producer = LaneProducer.open(arena, lane, PLENTY)
    if (typeof producer !== 'number') for (let i = 0; i < 200; i++) push(producer, patterned(i === 100 ? 20_000 : 300, i))
    return undefined
  },
}

const lane = laneFrom(SENDER)

/** One scribble, one victim; and the lane of another sender goes on as if nothing had happened. */
export function survive(scribble: Scribble, victim: string): string | undefined {
  const arena = newArena(256)
  const hostile = open(arena)
  const other = open(arena, { lane: laneFrom(OTHER) })
  const consumer = attach(arena)
  mustPush(other, patterned(100, 1), 1)
  // Some records are done, so that old ones lie where a reader could be led to.
  for (let i = 0; i < 5; i++) mustPush(hostile, patterned(i * 50, i), i)
  takeAll(consumer)
  const segment = segmentAt(arena, arena.words[arena.cellWord(L.MESSAGES, RECEIVER, SENDER)]!)!
  const first = recordWord(segment, segment.words[L.SEGMENT_HEAD]!)
  mustPush(hostile, patterned(136, 5), 5)
  const second = recordWord(segment, segment.words[L.SEGMENT_TAIL]!)
  mustPush(hostile, patterned(2 * L.BLOCK_BYTES, 6), 6)
  scribble.write({ arena, segment, first, second })
  const wrong = VICTIMS[victim]!(arena, consumer, scribble)
  mustPush(other, patterned(200, 2), 2)
  const seen = takeAll(attach(arena, laneFrom(OTHER))).taken.map(({ stamp }) => stamp)
  return wrong ?? (seen.join() === '1,2' ? undefined : `another sender's lane gives ${seen.join()}`)
}
