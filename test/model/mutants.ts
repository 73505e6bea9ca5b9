import type { Edit } from './compile.ts'
import type { ScenarioFile } from './files.ts'

/** Bugs that somebody could make one day, planted into the text of the real code. Each must be caught by a scenario. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  readonly file: ScenarioFile
  readonly scenario: string
  /** What the model says about it. */
  readonly says: RegExp
}

const PRODUCER = 'queue/lane-producer.ts'
const CONSUMER = 'queue/lane-consumer.ts'
const PARKING = 'queue/parking.ts'
const OUTBOX = 'mailbox/outbox.ts'
const ESTATE = 'system/estate.ts'
const WAITS = 'queue/waits.ts'
const GRAPH = 'queue/wait-graph.ts'

export const mutants: readonly Mutant[] = [
  {
    name: 'the record is published before its payload is copied',
    edits: [
      { file: OUTBOX, from: '    writePayload(producer, payload)\n', to: '' },
      {
        file: OUTBOX,
        from: '    const committed = producer.commit()\n',
        to: '    const committed = producer.commit()\n    writePayload(producer, payload)\n',
      },
    ],
    file: 'lanes',
    scenario: 'a chain',
    says: /torn|race/,
  },
  {
    name: 'the sleeper looks for work before it says that it sleeps',
    edits: [
      { file: PARKING, from: '    store(words, this.#sleeping, wants)\n', to: '' },
      {
        file: PARKING,
        from: '    this.#asleepFor = wants\n',
        to: '    this.#asleepFor = wants\n    store(words, this.#sleeping, wants)\n',
      },
    ],
    file: 'parking',
    scenario: 'two senders wake one sleeper',
    says: /sleeps over work/,
  },
  {
    name: 'only one waiter is notified',
    edits: [{ file: 'queue/atomics.ts', from: 'Atomics.notify(words, index)', to: 'Atomics.notify(words, index, 1)' }],
    file: 'parking',
    scenario: 'a synchronous wait beside an asynchronous one',
    says: /sleeps over work|taken/,
  },
  {
    name: 'only one waiter is notified, and it is dead',
    edits: [{ file: 'queue/atomics.ts', from: 'Atomics.notify(words, index)', to: 'Atomics.notify(words, index, 1)' }],
    file: 'kills',
    scenario: 'a receiver dies',
    says: /handled/,
  },
  {
    name: 'the waker does not change the word',
    edits: [{ file: PARKING, from: '  add(arena.words, word, 1)\n', to: '' }],
    file: 'parking',
    scenario: 'two senders wake one sleeper',
    says: /sleeps over work/,
  },
  {
    name: 'the ready bit is set after the look at the sleeper',
    edits: [
      { file: OUTBOX, from: 'if (markReady(this.#arena, lane, seat, this.#sender.seat)) wake', to: 'wake' },
      {
        file: OUTBOX,
        from: 'lane === REPLIES ? WANTS_REPLIES : WANTS_MESSAGES)\n',
        to: 'lane === REPLIES ? WANTS_REPLIES : WANTS_MESSAGES)\n    markReady(this.#arena, lane, seat, this.#sender.seat)\n',
      },
    ],
    file: 'lanes',
    scenario: 'one each',
    says: /instead of/,
  },
  {
    name: 'the ready bit is set before the tail',
    edits: [
      {
        file: OUTBOX,
        from: '    const committed = producer.commit()\n',
        to: '    const isNew = markReady(this.#arena, lane, seat, this.#sender.seat)\n    const committed = producer.commit()\n',
      },
      { file: OUTBOX, from: 'if (markReady(this.#arena, lane, seat, this.#sender.seat))', to: 'if (isNew)' },
    ],
    file: 'lanes',
    scenario: 'one each',
    says: /instead of/,
  },
  {
    name: 'the cursor is not stored when a record is begun',
    edits: [{ file: CONSUMER, from: '    else show(this.words, L.SEGMENT_CURSOR, this.#head | 1)\n', to: '' }],
    file: 'kills',
    scenario: 'a receiver dies',
    says: /handled/,
  },
  {
    name: 'the head is moved before the record is begun',
    edits: [
      {
        file: CONSUMER,
        from: '    this.#isBegun = true\n',
        to: '    this.#isBegun = true\n    store(this.words, L.SEGMENT_HEAD, this.#head + this.#length)\n',
      },
    ],
    file: 'kills',
    scenario: 'a receiver dies',
    says: /handled|settled/,
  },
  {
    name: 'how far the receiver is, is stored once per batch',
    edits: [
      {
        file: CONSUMER,
        from: '    store(this.words, L.SEGMENT_HEAD, this.#head)\n',
        to: '    if (this.#head === this.#tailSeen) store(this.words, L.SEGMENT_HEAD, this.#head)\n',
      },
    ],
    file: 'kills',
    scenario: 'a receiver dies',
    says: /handled|settled/,
  },
  {
    name: 'what is done is shown after the head',
    edits: [
      { file: CONSUMER, from: '    else show(this.words, L.SEGMENT_DONE, this.#ordinal)\n', to: '' },
      {
        file: CONSUMER,
        from: '    this.#advance(this.#length)\n  }\n\n  /**\n   * The record was begun by',
        to: '    this.#advance(this.#length)\n    show(this.words, L.SEGMENT_DONE, this.#ordinal)\n  }\n\n  /**\n   * The record was begun by',
      },
    ],
    file: 'kills',
    scenario: 'a sender dies',
    says: /follows/,
  },
  {
    name: 'the head is shown, and not stored',
    edits: [
      {
        file: CONSUMER,
        from: '    store(this.words, L.SEGMENT_HEAD, this.#head)\n',
        to: '    show(this.words, L.SEGMENT_HEAD, this.#head)\n',
      },
    ],
    file: 'lanes',
    scenario: 'a chain',
    says: /race/,
  },
  {
    name: 'that an ask is begun is shown, and not stored',
    edits: [{ file: CONSUMER, from: '    if (isAsked) store(', to: '    if (isAsked) show(' }],
    file: 'calls',
    scenario: 'an ask is called off as it is begun',
    says: /never hears/,
  },
  {
    name: 'a sender that goes on counts from what waited in another ring',
    edits: [
      {
        file: PRODUCER,
        from: 'last?.segment === this.#segment.first ? last.ordinal : load(this.words, L.SEGMENT_DONE)',
        to: 'last === undefined ? load(this.words, L.SEGMENT_DONE) : last.ordinal',
      },
    ],
    file: 'kills',
    scenario: 'a sender dies in a chain',
    says: /follows/,
  },
  {
    name: 'the receiver believes in the tail of the ring that it has left',
    edits: [
      {
        file: CONSUMER,
        from: '    this.#head = this.#tailSeen = load(next.words, L.SEGMENT_HEAD)\n',
        to: '    this.#head = load(next.words, L.SEGMENT_HEAD)\n',
      },
    ],
    file: 'lanes',
    scenario: 'a chain',
    says: /corrupt|envelope|bytes|instead of|race/,
  },
  {
    name: 'the seat is closed after its lanes are swept',
    edits: [
      { file: ESTATE, from: '    closeSeat(this.#arena, dead.seat, dead.generation)\n', to: '' },
      {
        file: ESTATE,
        from: '    markSwept(this.#arena, dead.seat, dead.generation)\n',
        to: '    closeSeat(this.#arena, dead.seat, dead.generation)\n    markSwept(this.#arena, dead.seat, dead.generation)\n',
      },
    ],
    file: 'closing',
    scenario: 'a lane is opened while its receiver ends',
    says: /swept/,
  },
  {
    name: 'the tail is stored, not swapped',
    edits: [
      {
        file: PRODUCER,
        from: 'const swapped = compareExchange(this.#segment.words, L.SEGMENT_TAIL, this.#tail, this.#reservedEnd)',
        to: 'const swapped = this.#tail\n    store(this.#segment.words, L.SEGMENT_TAIL, this.#reservedEnd)',
      },
    ],
    file: 'closing',
    scenario: 'a lane is written while its receiver ends',
    says: /swept|holds/,
  },
  {
    name: 'a block that was opened too late is given back at once',
    edits: [
      {
        file: PRODUCER,
        from: 'arena.freeWhenSwept(lane.sender, first, lane.receiver, lane.receiverGeneration)',
        to: 'arena.free(lane.sender, first, 1)',
      },
    ],
    file: 'closing',
    scenario: 'a lane is opened while its receiver ends',
    says: /race|stranger/,
  },
  {
    name: 'a lane whose receiver ends is held by two',
    edits: [
      {
        file: OUTBOX,
        from: '    if (this.#ended.some(({ lane: ended }) => leadsTo(ended, lane, seat, generation))) return STOPPED\n',
        to: '',
      },
    ],
    file: 'closing',
    scenario: 'a sender tries again while its receiver ends',
    says: /race|refused|torn/,
  },
  {
    name: 'a lane that was opened too late is gone on with',
    edits: [
      { file: OUTBOX, from: 'if (isSeatOpen(this.#arena, receiver, lane.receiverGeneration)) this', to: 'this' },
      { file: OUTBOX, from: '        else this.#ended.push(producer)\n', to: '' },
    ],
    file: 'closing',
    scenario: 'a sender dies as its receiver ends',
    says: /swept|holds/,
  },
  {
    name: 'a run is given back before its record is done',
    edits: [{ file: PRODUCER, from: 'distance(run.end, head) >= 0)', to: 'distance(run.end, head) >= -64)' }],
    file: 'lanes',
    scenario: 'runs',
    says: /race|torn|corrupt/,
  },
  {
    name: 'the receiver does not look at the tail again before it leaves a ring',
    edits: [
      {
        file: CONSUMER,
        from: '      if (distance(this.#head, load(this.words, L.SEGMENT_TAIL) & ~L.SEALED) > 0) continue\n',
        to: '',
      },
    ],
    file: 'lanes',
    scenario: 'a chain',
    says: /instead of|follows/,
  },
  {
    name: 'a sender is noted after its lane is published',
    edits: [
      { file: PRODUCER, from: '    noteSender(arena, lane.sender)\n', to: '' },
      {
        file: PRODUCER,
        from: '    const published = compareExchange(arena.words, cell, before, first + 1) === before\n',
        to: '    const published = compareExchange(arena.words, cell, before, first + 1) === before\n    noteSender(arena, lane.sender)\n',
      },
    ],
    file: 'large',
    scenario: 'a new sender dies',
    says: /handled|for ever/,
  },
  {
    name: 'two that note themselves overwrite each other',
    edits: [
      {
        file: 'queue/ready.ts',
        from: 'if (senders > sender || compareExchange(arena.words, HEAD_SENDERS, senders, sender + 1) === senders) return',
        to: 'if (senders > sender) return\n    exchange(arena.words, HEAD_SENDERS, sender + 1)\n    return',
      },
    ],
    file: 'large',
    scenario: 'two new senders',
    says: /instead of/,
  },
  {
    name: 'an asker looks before it shows its ask',
    edits: [
      { file: WAITS, from: '    store(this.#arena.words, this.#first + this.#count++, word)\n', to: '' },
      {
        file: WAITS,
        from: '    if (load(this.#arena.words, this.#arena.seatWord(target.seat, L.SEAT_ASKS)) === 0) return undefined\n',
        to: '    const isIdle = load(this.#arena.words, this.#arena.seatWord(target.seat, L.SEAT_ASKS)) === 0\n    store(this.#arena.words, this.#first + this.#count++, word)\n    if (isIdle) return undefined\n',
      },
    ],
    file: 'waits',
    scenario: 'two ask each other',
    says: /not one was refused/,
  },
  {
    name: 'who finds a cycle does not look again under the lock',
    edits: [
      {
        file: WAITS,
        from: 'if (findCycle(this.#arena, this.#seat, target, word) === undefined) return undefined',
        to: 'const cycle = findCycle(this.#arena, this.#seat, target, word)\n      if (cycle === undefined) return undefined',
      },
      {
        file: WAITS,
        from: '      const cycle = findCycle(this.#arena, this.#seat, target, word)\n      if (cycle !== undefined) this.end',
        to: '      this.end',
      },
    ],
    file: 'waits',
    scenario: 'two ask each other',
    says: /not one was refused/,
  },
  {
    name: 'the lock keeps nobody out',
    edits: [{ file: GRAPH, from: 'L.HEAD_WAIT_LOCK, 0, self + 1) === 0', to: 'L.HEAD_WAIT_LOCK, 0, self + 1) >= 0' }],
    file: 'waits',
    scenario: 'two ask each other',
    says: /not one was refused/,
  },
  {
    name: 'a reply on its way is not looked for',
    edits: [{ file: GRAPH, from: 'return replies > 0 &&', to: 'return replies < 0 &&' }],
    file: 'waits',
    scenario: 'who is answered is asked at once',
    says: /had been answered/,
  },
  {
    name: 'the dead keep the lock',
    edits: [{ file: GRAPH, from: '  unlockGraph(arena, seat)\n}', to: '}' }],
    file: 'waits',
    scenario: 'one that looks for a cycle dies',
    says: /held by nobody/,
  },
  {
    name: 'who was overtaken looks for blocks from there on',
    edits: [{ file: 'queue/arena.ts', from: '      else first = from\n', to: '      else first++\n' }],
    file: 'claims',
    scenario: 'two take a row of blocks each',
    says: /refused/,
  },
  {
    name: 'blocks that were taken in vain are not given back',
    edits: [{ file: 'queue/arena.ts', from: '      this.free(seat, first, i)\n', to: '' }],
    file: 'claims',
    scenario: 'two take a row of blocks each',
    says: /holds|refused/,
  },
]
