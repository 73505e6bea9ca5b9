import { CANCELLED, isCancelled } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { log, must, scenario } from './kit.ts'
import { LIMITS, newWorld, RECEIVER, SENDER, type World } from './world.ts'

const LANE = { kind: MESSAGES, receiver: RECEIVER, receiverGeneration: 1, sender: SENDER, senderGeneration: 1 } as const
const NO = 0
const YES = 1

/** Its handler looks once whether somebody waits for it, and then only listens. */
function handle({ arena }: World): void {
  const lane = LaneConsumer.attach(Arena.attach(arena.memory), MESSAGES, RECEIVER, 1, SENDER)!
  must(lane.next() === RECORD, 'no message')
  lane.begin()
  log(isCancelled(lane) ? YES : NO)
}

/** Says that nobody waits any more; and, if somebody is at it, that they should listen. */
function callOff(producer: LaneProducer): void {
  producer.mark(producer.ticket(), CANCELLED)
  log(producer.begun() === undefined ? NO : YES)
}

export const scenarios = [
  scenario<World & { readonly producer: LaneProducer }>({
    name: 'an ask is called off as it is begun',
    setup() {
      const world = newWorld()
      const producer = LaneProducer.open(world.arena, LANE, LIMITS) as LaneProducer
      producer.reserve(0)
      producer.commit()
      return { ...world, producer }
    },
    threads: [
      { name: 'receiver', run: handle },
      { name: 'sender', run: ({ producer }) => callOff(producer) },
    ],
    check(_, { logs }) {
      must(logs['receiver']![0] === YES || logs['sender']![0] === YES, 'the handler never hears of it')
    },
  }),
]
