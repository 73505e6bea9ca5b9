import { ASK, REPLY } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Inbox } from '../../packages/runtime/src/mailbox/inbox.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { HEAD_WAIT_LOCK, MESSAGES, REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { forgetWaits } from '../../packages/runtime/src/queue/wait-graph.ts'
import { Waits } from '../../packages/runtime/src/queue/waits.ts'
import { log, must, type Scenario, scenario, untilOver } from './kit.ts'
import { newOutbox, newWorld, OTHER, RECEIVER, SENDER, type World } from './world.ts'

const [A, B, C] = [SENDER, RECEIVER, OTHER]
const SENT = 1
const REFUSED = 2
const NOTHING = { bytes: new Uint8Array(0), start: 0, end: 0 }

/** Each has its own view of the memory. Asks and says what came of it; the ask itself is of no interest here. */
function ask({ arena }: World, from: number, to: number): void {
  askWith(new Waits(Arena.attach(arena.memory), from), to)
}

function askWith(waits: Waits, to: number): void {
  if (waits.begin({ seat: to, generation: 1 }, 1) === undefined) log(SENT)
  else log(REFUSED)
}

function outcomes(logs: Readonly<Record<string, readonly number[]>>): number[] {
  return Object.values(logs).flat().sort()
}

function cycleOf(name: string, seats: readonly number[], more: Partial<Scenario<World>> = {}): Scenario {
  return scenario<World>({
    name,
    setup: () => newWorld(),
    threads: seats.map((seat, i) => ({
      name: `seat ${seat}`,
      run: (world: World) => ask(world, seat, seats[(i + 1) % seats.length]!),
    })),
    check(_, { logs }) {
      const expected = seats.map((_, i) => (i === 0 ? REFUSED : SENT)).sort()
      must(String(outcomes(logs)) === String(expected), `not one was refused: ${outcomes(logs)}`)
    },
    ...more,
  })
}

export const scenarios = [
  cycleOf('two ask each other', [A, B], { preemptionsMax: 4 }),
  cycleOf('three ask each other in a ring', [A, B, C], { preemptionsMax: 2 }),
  scenario<World & { readonly waits: Waits }>({
    name: 'who is answered is asked at once',
    setup() {
      const world = newWorld()
      const waits = new Waits(world.arena, A)
      waits.begin({ seat: B, generation: 1 }, 1)
      newOutbox(world, A).push(MESSAGES, B, 1, ASK, 0, 1, 0, 1, NOTHING)
      return { ...world, waits }
    },
    threads: [
      {
        name: 'asker',
        run({ arena, waits }) {
          const replies = new Inbox(Arena.attach(arena.memory), REPLIES, A, 1, { onCorrupt: () => must(false, 'a corrupt lane') })
          const lane = replies.poll()
          if (lane === undefined) return
          waits.end(1)
          lane.done()
        },
      },
      {
        name: 'worker',
        run(world) {
          const waits = new Waits(Arena.attach(world.arena.memory), B)
          newOutbox(world, B).push(REPLIES, A, 1, REPLY, 0, 1, 0, 1, NOTHING)
          askWith(waits, A)
        },
      },
    ],
    preemptionsMax: 4,
    check(_, { logs }) {
      must(String(logs['worker']) === String([SENT]), 'an ask was refused, though its asker had been answered')
    },
  }),
  scenario<World>({
    name: 'one that looks for a cycle dies',
    setup: () => newWorld(),
    threads: [
      { name: 'first', isVictim: true, run: (world) => ask(world, A, B) },
      { name: 'second', run: (world) => ask(world, B, A) },
      {
        name: 'control',
        run({ arena }) {
          if (!untilOver('first')) return
          forgetWaits(arena, A)
          // Nobody is left who could hold the lock.
          if (new Waits(Arena.attach(arena.memory), C).begin({ seat: A, generation: 1 }, 1) !== undefined) log(REFUSED)
        },
      },
    ],
    killsMax: 1,
    preemptionsMax: 2,
    check({ arena }, { logs, killed }) {
      const refused = outcomes(logs).filter((outcome) => outcome === REFUSED).length
      must(killed.length === 0 ? refused === 1 : refused <= 1, `${refused} were refused`)
      must(arena.words[HEAD_WAIT_LOCK] === 0, 'the lock is held by nobody who lives')
    },
  }),
]
