import { REPLY, TELL } from '../../packages/runtime/src/mailbox/envelope.ts'
import type { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { CRASHED, newEstate } from './kills.ts'
import { log, must, type Scenario, scenario, untilOver } from './kit.ts'
import {
  address,
  LETTER,
  newOutbox,
  newWorld,
  numbersOf,
  OTHER,
  payloadOf,
  RECEIVER,
  readWhole,
  SENDER,
  same,
  sendAll,
  type World,
} from './world.ts'

/** A message to somebody who does not end. */
function sendToSender(outbox: Outbox, number: number): void {
  const payload = { bytes: payloadOf(OTHER, number, 4), start: 0, end: 4 }
  const result = outbox.push(MESSAGES, SENDER, 1, TELL, number, OTHER, 4, 0, payload)
  if (result === PUSHED) log(number)
  else log(-result)
}

function closing(name: string, before: readonly number[], sizes: readonly number[], more: Partial<Scenario<World>> = {}): Scenario {
  return scenario<World>({
    name,
    setup() {
      const world = newWorld()
      if (before.length > 0) sendAll(world, SENDER, before)
      return world
    },
    threads: [
      { name: 'control', run: (world) => newEstate(world).endAddress(address(RECEIVER), CRASHED) },
      {
        name: 'sender',
        run(world) {
          sendAll(world, SENDER, sizes, before.length + 1)
        },
      },
      {
        name: 'stranger',
        run(world) {
          if (before.length > 0) return
          const outbox = newOutbox(world, OTHER)
          sendToSender(outbox, 1)
          sendToSender(outbox, 2)
        },
      },
    ],
    check(world, { logs, waiting }) {
      const letters = numbersOf(
        SENDER,
        logs['control']!.map((fact) => fact - LETTER),
      )
      const accepted = [...before.map((_, i) => i + 1), ...logs['sender']!.filter((fact) => fact > 0)]
      must(waiting.length === 0, `these wait: ${waiting}`)
      must(same(letters, accepted), `swept ${letters}, accepted ${accepted}`)
      must(
        logs['sender']!.every((fact) => fact > 0 || fact === -2),
        `refused: ${logs['sender']}`,
      )
      must(before.length > 0 || same(logs['stranger']!, [1, 2]), `the stranger was told ${logs['stranger']}`)
      mustHoldNothing(world)
    },
    ...more,
  })
}

/** Of its messages: from here on they go to the other one. */
const FOR_OTHER = 4

/** It is refused, tries it again, and sends to somebody else: what is freed there is claimed here. */
const insisting = scenario<World>({
  name: 'a sender tries again while its receiver ends',
  setup() {
    const world = newWorld()
    const outbox = sendAll(world, SENDER, [12])
    sendToOther(outbox, FOR_OTHER, 4)
    return world
  },
  threads: [
    { name: 'control', run: (world) => newEstate(world).endAddress(address(RECEIVER), CRASHED) },
    {
      name: 'sender',
      run(world) {
        const outbox = sendAll(world, SENDER, [12, 12], 2)
        sendToOther(outbox, FOR_OTHER + 1, 12)
        outbox.collect()
      },
    },
  ],
  check(world, { logs, waiting }) {
    must(waiting.length === 0, `these wait: ${waiting}`)
    const sent = logs['sender']!.slice(0, 2).filter((fact) => fact > 0)
    must(
      same(
        logs['control']!,
        [1, ...sent].map((number) => LETTER + SENDER * 100 + number),
      ),
      `swept ${logs['control']}, accepted ${sent}`,
    )
    const lane = LaneConsumer.attach(world.arena, MESSAGES, OTHER, 1, SENDER)!
    for (const number of [FOR_OTHER, FOR_OTHER + 1]) {
      must(lane.next() === RECORD, `message ${number} is refused`)
      must(readWhole(lane) === SENDER * 100 + number, `message ${number} is another`)
      lane.done()
    }
    mustHoldNothing(world)
  },
})

/** Whatever it left in the cell: the next one is refused, and nothing that was accepted is lost. */
const dying = scenario<World>({
  name: 'a sender dies as its receiver ends',
  setup: () => newWorld(),
  killsMax: 1,
  preemptionsMax: 1,
  threads: [
    { name: 'control', run: (world) => newEstate(world).endAddress(address(RECEIVER), CRASHED) },
    { name: 'sender', isVictim: true, run: (world) => void sendAll(world, SENDER, [4]) },
    {
      name: 'next',
      run(world) {
        if (untilOver('sender')) sendAll(world, SENDER, [4], 2)
      },
    },
  ],
  check(world, { logs, waiting }) {
    must(waiting.length === 0, `these wait: ${waiting}`)
    const letters = logs['control']!.map((fact) => fact - LETTER)
    const accepted = [...logs['sender']!, ...logs['next']!].filter((fact) => fact > 0)
    const isUntold = same(numbersOf(SENDER, letters), [1, ...accepted])
    must(isUntold || same(numbersOf(SENDER, letters), accepted), `swept ${letters}, accepted ${accepted}`)
    mustHoldNothing(world)
  },
})

/** What was opened too late is given back at the next claim, all else as soon as the sender looks. */
function mustHoldNothing({ arena, outboxes }: World): void {
  const outbox = outboxes.get(SENDER)!
  outbox.collect()
  outbox.push(MESSAGES, OTHER, 1, REPLY, 0, 0, 0, 0, { bytes: new Uint8Array(0), start: 0, end: 0 })
  let held = 0
  for (let block = 0; block < arena.blocksNow(); block++) if (arena.ownerOf(block) === SENDER) held++
  must(held === 1, `the sender still holds ${held - 1} blocks`)
}

function sendToOther(outbox: Outbox, number: number, bytes: number): void {
  const payload = { bytes: payloadOf(SENDER, number, bytes), start: 0, end: bytes }
  must(outbox.push(MESSAGES, OTHER, 1, TELL, number, SENDER, bytes, 0, payload) === PUSHED, 'the other one refuses')
}

export const scenarios = [
  closing('a lane is opened while its receiver ends', [], [4, 4], { preemptionsMax: 2 }),
  closing('a lane is written while its receiver ends', [4], [4, 12]),
  closing('a lane is chained while its receiver ends', [4, 4], [4, 4]),
  insisting,
  dying,
]
