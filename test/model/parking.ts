import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { MESSAGES, REPLIES, SEAT_WAIT, WANTS_MESSAGES, WANTS_REPLIES } from '../../packages/runtime/src/queue/layout.ts'
import { markDying, Parking, wake, wakeIfStalled } from '../../packages/runtime/src/queue/parking.ts'
import { markReady, takeReady } from '../../packages/runtime/src/queue/ready.ts'
import { log, must, remember, type Scenario, scenario, signal, sleep, untilOver, untilSignal } from './kit.ts'
import { newWorld, OTHER, RECEIVER, SENDER, type World } from './world.ts'

/** Ready bits are the whole work here: a bit that is left while its receiver sleeps is a lost wake-up. */
class Sleeper {
  readonly arena: Arena
  readonly parking: Parking
  readonly onWake = (): void => undefined

  constructor({ arena }: World) {
    this.arena = Arena.attach(arena.memory)
    this.parking = new Parking(this.arena, RECEIVER)
  }

  take(kind: typeof MESSAGES | typeof REPLIES): void {
    const taken: number[] = []
    takeReady(this.arena, kind, RECEIVER, taken)
    for (const sender of taken) log(kind * 10 + sender)
  }

  run(): void {
    while (!this.parking.isDying()) {
      remember(this)
      this.parking.awake()
      this.take(REPLIES)
      this.take(MESSAGES)
      if (this.parking.park(WANTS_MESSAGES | WANTS_REPLIES, this.onWake) && !this.parking.isDying()) sleep()
    }
  }

  /** Synchronous code of a turn that waits for a reply, while the asynchronous wait of the loop before it is still there. */
  untilReply(): void {
    while (!this.parking.hasWork(WANTS_REPLIES)) this.parking.parkSync(Number.POSITIVE_INFINITY)
    this.take(REPLIES)
  }
}

function tell({ arena }: World, sender: number, kind: typeof MESSAGES | typeof REPLIES = MESSAGES): void {
  markReady(arena, kind, RECEIVER, sender)
  wake(arena, RECEIVER, kind === MESSAGES ? WANTS_MESSAGES : WANTS_REPLIES)
}

/** `epoch`: what the wait word begins with, for its wrap. */
function parkingWorld(epoch = 0): World {
  const world = newWorld()
  world.arena.words[world.arena.seatWord(RECEIVER, SEAT_WAIT)] = epoch
  return world
}

function senders(name: string, epoch: number, more: Partial<Scenario<World>>): Scenario {
  return scenario<World>({
    name,
    setup: () => parkingWorld(epoch),
    threads: [
      { name: 'sleeper', run: (world) => new Sleeper(world).run() },
      {
        name: 'sender',
        isVictim: true,
        run(world) {
          tell(world, SENDER)
          tell(world, SENDER)
        },
      },
      {
        name: 'other',
        run(world) {
          tell(world, OTHER)
        },
      },
      {
        name: 'control',
        run({ arena }) {
          if (!untilOver('sender')) return
          markReady(arena, MESSAGES, RECEIVER, SENDER)
          wakeIfStalled(arena, RECEIVER)
        },
      },
    ],
    check(world, { logs, waiting }) {
      must(waiting.length === 1 && waiting[0] === 'sleeper', `these wait: ${waiting}`)
      must(!new Sleeper(world).parking.hasWork(WANTS_MESSAGES), 'it sleeps over work')
      must(logs['sleeper']!.includes(SENDER) && logs['sleeper']!.includes(OTHER), `taken: ${logs['sleeper']}`)
    },
    ...more,
  })
}

export const scenarios = [
  senders('two senders wake one sleeper', 0, { interruptsMax: 1, preemptionsMax: 2 }),
  senders('a waker dies', 0, { killsMax: 1, preemptionsMax: 2 }),
  senders('the wait word passes 2^31', 0x7fff_ffff, {}),
  senders('the wait word passes 2^32', -1, {}),
  scenario<World>({
    name: 'a sleeper is about to end',
    setup: () => parkingWorld(),
    interruptsMax: 1,
    threads: [
      { name: 'sleeper', run: (world) => new Sleeper(world).run() },
      {
        name: 'sender',
        run(world) {
          tell(world, SENDER)
          tell(world, SENDER)
        },
      },
      { name: 'control', run: ({ arena }) => markDying(arena, RECEIVER) },
    ],
    check(_, { waiting }) {
      must(waiting.length === 0, `these wait: ${waiting}`)
    },
  }),
  scenario<World>({
    name: 'a synchronous wait beside an asynchronous one',
    setup: () => parkingWorld(),
    interruptsMax: 1,
    threads: [
      {
        name: 'sleeper',
        run(world) {
          const sleeper = new Sleeper(world)
          if (sleeper.parking.park(WANTS_MESSAGES | WANTS_REPLIES, sleeper.onWake)) {
            signal(0)
            sleeper.untilReply()
          } else signal(0)
          sleeper.run()
        },
      },
      {
        name: 'sender',
        run(world) {
          untilSignal(0)
          tell(world, SENDER)
        },
      },
      {
        name: 'other',
        run(world) {
          untilSignal(0)
          tell(world, OTHER, REPLIES)
        },
      },
    ],
    check(world, { logs, waiting }) {
      must(waiting.length === 1 && waiting[0] === 'sleeper', `these wait: ${waiting}`)
      must(!new Sleeper(world).parking.hasWork(WANTS_MESSAGES), 'it sleeps over work')
      must(logs['sleeper']!.includes(SENDER) && logs['sleeper']!.includes(10 + OTHER), `taken: ${logs['sleeper']}`)
    },
  }),
]
