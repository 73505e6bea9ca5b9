import type { ExitReason } from '../../packages/runtime/src/base/exit-reason.ts'
import type { Codec } from '../../packages/runtime/src/codec/codec.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { Names } from '../../packages/runtime/src/queue/names.ts'
import { prepareSeat } from '../../packages/runtime/src/queue/seat.ts'
import { Estate } from '../../packages/runtime/src/system/estate.ts'
import { log, must, scenario, untilOver } from './kit.ts'
import {
  address,
  LETTER,
  mustHoldNoMore,
  newWorld,
  numbersOf,
  OTHER,
  RECEIVER,
  Receiver,
  SENDER,
  same,
  sendAll,
  type World,
} from './world.ts'

/** The control side, as it settles the estate of the dead. It logs each dead letter. */
export function newEstate({ arena }: World): Estate {
  const own = Arena.attach(arena.memory)
  const codec = { encodeResult: () => ({ bytes: new Uint8Array(4), start: 0, end: 4 }) } as unknown as Codec
  const limits = {
    actorsMax: 2,
    laneBytesMax: 1_024,
    laneMessagesMax: 100,
    messageBytesMax: 1_024,
    arenaBytesMax: 1_024,
    deadLettersMax: 1,
  }
  return new Estate(own, new Names(own), codec, limits, {
    seats: () => [RECEIVER, SENDER, OTHER],
    pathOf: String,
    publish: ({ from, payload }) => {
      const number = (payload![0]! - 1 - Number(from) * 64) / 8
      log(LETTER + Number(from) * 100 + number)
    },
  })
}

export const CRASHED = { kind: 'killed' } as unknown as ExitReason

function startReceiver(world: World): void {
  new Receiver(world).run()
}

/** All that the log of the killed has, and perhaps one more: it may have died before it could say so. */
function mustContinue(got: readonly number[], logged: readonly number[], after: readonly number[]): void {
  const isExact = same(got, [...logged, ...after])
  const isOneMore = same(got, [...logged, logged.length + 1, ...after])
  must(isExact || isOneMore, `handled ${got}, accepted ${logged}, then ${after}`)
}

/** `beside`: what another sender sends meanwhile, who lives. */
export function killedSender(name: string, sizes: readonly number[], preemptionsMax?: number, beside: readonly number[] = []) {
  return scenario<World>({
    name,
    setup: () => newWorld(),
    killsMax: 1,
    ...(preemptionsMax === undefined ? {} : { preemptionsMax }),
    threads: [
      { name: 'receiver', run: (world) => startReceiver(world) },
      {
        name: 'sender',
        isVictim: true,
        run(world) {
          sendAll(world, SENDER, sizes)
        },
      },
      {
        name: 'control',
        run(world) {
          if (!untilOver('sender')) return
          newEstate(world).afterIncarnation(address(SENDER), CRASHED)
          sendAll(world, SENDER, [12], 6)
        },
      },
      ...(beside.length === 0 ? [] : [{ name: 'other', run: (world: World): void => void sendAll(world, OTHER, beside) }]),
    ],
    check(world, { logs, waiting }) {
      mustContinue(numbersOf(SENDER, logs['receiver']!), logs['sender']!, logs['control']!)
      must(same(numbersOf(OTHER, logs['receiver']!), logs['other'] ?? []), `of the other: ${logs['receiver']}`)
      must(same(logs['control']!, []) || same(logs['control']!, [6]), `the next incarnation: ${logs['control']}`)
      must(
        waiting.every((name) => name === 'receiver'),
        `these wait: ${waiting}`,
      )
      mustHoldNoMore(world)
    },
  })
}

function killedReceiver(name: string, sizes: readonly number[], preemptionsMax?: number) {
  return scenario<World>({
    name,
    setup: () => newWorld(),
    killsMax: 1,
    ...(preemptionsMax === undefined ? {} : { preemptionsMax }),
    threads: [
      { name: 'receiver', isVictim: true, run: (world) => new Receiver(world, true).run() },
      {
        name: 'sender',
        run(world) {
          sendAll(world, SENDER, sizes)
        },
      },
      {
        name: 'control',
        run(world) {
          if (!untilOver('receiver')) return
          newEstate(world).afterIncarnation(address(RECEIVER), CRASHED)
          prepareSeat(world.arena, RECEIVER, [RECEIVER, SENDER, OTHER])
          startReceiver(world)
        },
      },
    ],
    check(world, { logs, waiting }) {
      const begun = logs['receiver']!.filter((fact) => fact < LETTER)
      const isDone = logs['receiver']!.length === 2 * begun.length
      const letters = logs['control']!.filter((fact) => fact > LETTER)
      const handled = [...begun, ...logs['control']!.filter((fact) => fact < LETTER)]
      must(same(numbersOf(SENDER, handled), logs['sender']!), `handled ${handled} of ${logs['sender']}`)
      must(same(letters, isDone ? [] : [LETTER + begun.at(-1)!]), `settled ${letters} after ${logs['receiver']}`)
      must(logs['sender']!.length === sizes.length, 'refused')
      must(waiting.length === 1 || (waiting.length === 2 && waiting.includes('receiver')), `these wait: ${waiting}`)
      mustHoldNoMore(world)
    },
  })
}

export const scenarios = [
  killedSender('a sender dies', [4, 12], 1),
  killedSender('a sender dies in a chain', [4, 4, 4], 1),
  killedSender('one of two senders dies', [4], 1, [4]),
  killedReceiver('a receiver dies', [4, 12]),
  killedReceiver('a receiver dies in a chain', [4, 4, 4], 2),
]
