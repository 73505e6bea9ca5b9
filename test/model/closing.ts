import { REPLY, TELL } from '../../packages/runtime/src/mailbox/envelope.ts'
import type { Outbox } from '../../packages/runtime/src/mailbox/outbox.ts'
import { PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { CRASHED, newEstate } from './kills.ts'
import { log, must, type Scenario, scenario } from './kit.ts'
import { address, LETTER, newOutbox, newWorld, numbersOf, OTHER, payloadOf, RECEIVER, SENDER, same, sendAll, type World } from './world.ts'

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
      // What was opened too late is given back at the next claim, all else as soon as the sender looks.
      const outbox = world.outboxes.get(SENDER)!
      outbox.collect()
      outbox.push(MESSAGES, OTHER, 1, REPLY, 0, 0, 0, 0, { bytes: new Uint8Array(0), start: 0, end: 0 })
      let held = 0
      for (let block = 0; block < world.arena.blocksNow(); block++) if (world.arena.ownerOf(block) === SENDER) held++
      must(held === 1, `the sender still holds ${held - 1} blocks`)
    },
    ...more,
  })
}

export const scenarios = [
  closing('a lane is opened while its receiver ends', [], [4, 4], { preemptionsMax: 2 }),
  closing('a lane is written while its receiver ends', [4], [4, 12]),
  closing('a lane is chained while its receiver ends', [4, 4], [4, 4]),
]
