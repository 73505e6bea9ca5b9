import { must, type Scenario, scenario } from './kit.ts'
import { mustHoldNoMore, newWorld, numbersOf, OTHER, Receiver, SENDER, same, sendAll, type World } from './world.ts'

/** Two senders and one receiver, nobody dies: all arrives, whole, in order, once; nobody sleeps over a message; no block is lost. */
export function talk(name: string, sizes: readonly (readonly number[])[], more: Partial<Scenario<World>> = {}): Scenario {
  return scenario<World>({
    name,
    setup: () => newWorld(),
    threads: [
      {
        name: 'receiver',
        run(world) {
          const receiver = new Receiver(world)
          receiver.run()
        },
      },
      {
        name: 'sender',
        run(world) {
          sendAll(world, SENDER, sizes[0]!)
        },
      },
      ...(sizes.length === 1 ? [] : [{ name: 'other', run: (world: World): void => void sendAll(world, OTHER, sizes[1]!) }]),
    ],
    check(world, { logs, waiting }) {
      must(same(numbersOf(SENDER, logs['receiver']!), logs['sender']!), `of the sender: ${logs['receiver']} instead of ${logs['sender']}`)
      must(same(numbersOf(OTHER, logs['receiver']!), logs['other'] ?? []), `of the other: ${logs['receiver']} instead of ${logs['other']}`)
      must(logs['sender']!.length === sizes[0]!.length, 'refused')
      must(waiting.length === 1, `these wait: ${waiting}`)
      mustHoldNoMore(world)
    },
    ...more,
  })
}

export const scenarios = [
  talk('one each', [[4], [4]], { preemptionsMax: 3 }),
  talk('runs', [[12, 12, 12]]),
  talk('a chain', [[4, 4, 4, 4]]),
  talk('a run, and a record after it: no race can hide', [[12, 4]], { tellWriters: true }),
  talk(
    'two each, a run among them',
    [
      [4, 12],
      [4, 4],
    ],
    { preemptionsMax: 2 },
  ),
  talk(
    'three each',
    [
      [4, 4, 4],
      [4, 4, 4],
    ],
    { preemptionsMax: 1 },
  ),
]
