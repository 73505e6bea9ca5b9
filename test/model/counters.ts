import { readEnvelope } from '../../packages/runtime/src/mailbox/envelope.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { LaneConsumer, RECORD } from '../../packages/runtime/src/queue/lane-consumer.ts'
import { LaneProducer, PUSHED } from '../../packages/runtime/src/queue/lane-producer.ts'
import { MESSAGES, SEGMENT_DONE, SEGMENT_PUSHED } from '../../packages/runtime/src/queue/layout.ts'
import { log, must, remember, type Scenario, scenario } from './kit.ts'
import { LIMITS, newWorld, payloadOf, RECEIVER, SENDER, same, type World } from './world.ts'

const LANE = { kind: MESSAGES, receiver: RECEIVER, receiverGeneration: 1, sender: SENDER, senderGeneration: 1 } as const
const MESSAGES_COUNT = 4

function producerOf({ arena }: World, startAt = 0): LaneProducer {
  return LaneProducer.open(Arena.attach(arena.memory), LANE, LIMITS, startAt) as LaneProducer
}

function consumerOf({ arena }: World): LaneConsumer {
  return LaneConsumer.attach(Arena.attach(arena.memory), MESSAGES, RECEIVER, 1, SENDER)!
}

/** One sender and one receiver that keep looking, where positions and ordinals wrap. */
function wrap(name: string, startAt: number, ordinal: number): Scenario {
  return scenario<World>({
    name,
    setup() {
      const world = newWorld()
      const { words } = producerOf(world, startAt)
      words[SEGMENT_PUSHED] = words[SEGMENT_DONE] = ordinal
      return world
    },
    threads: [
      {
        name: 'receiver',
        run(world) {
          const consumer = consumerOf(world)
          for (let looks = 0; looks < 3 * MESSAGES_COUNT; looks++) {
            remember(looks, consumer)
            if (consumer.next() === RECORD) take(consumer)
          }
        },
      },
      {
        name: 'sender',
        run(world) {
          const producer = producerOf(world)
          for (let number = 1; number <= MESSAGES_COUNT; number++) {
            remember(number, producer)
            must(producer.reserve(8) === PUSHED, 'refused')
            producer.words[producer.envelopeAt + 1] = number
            payloadOf(SENDER, number, 8).forEach((byte, i) => {
              producer.payload[producer.payloadAt + i] = byte
            })
            must(producer.commit() === PUSHED, 'stopped')
          }
        },
      },
    ],
    check(world, { logs }) {
      const consumer = consumerOf(world)
      while (consumer.next() === RECORD) take(consumer)
      const rest = world.arena.words.length > 0 ? logs['receiver']! : []
      must(
        rest.every((number, i) => number === i + 1),
        `handled ${rest}`,
      )
      must(same([distanceOf(world, ordinal)], [MESSAGES_COUNT]), `${distanceOf(world, ordinal)} are done`)
    },
  })
}

function take(consumer: LaneConsumer): void {
  const { method } = readEnvelope(consumer)
  const expected = payloadOf(SENDER, method, 8)
  for (let i = 0; i < 8; i++) must(consumer.payload[consumer.payloadAt + i] === expected[i], `torn: ${method}`)
  consumer.begin()
  log(method)
  consumer.done()
}

function distanceOf(world: World, ordinal: number): number {
  const { words } = consumerOf(world)
  return (words[SEGMENT_DONE]! - ordinal) | 0
}

export const scenarios = [wrap('positions pass 2^31', (2 ** 31 - 48) | 0, 2 ** 31 - 2), wrap('positions pass 2^32', -48, -2)]
