// Both ends of a conversation in one thread: all code that is on the way of a message, and none of the waiting. Bundled by
// rows/taps.ts, with the tap points and without them.
import { Actor, newWithContext } from '../packages/runtime/src/actor/actor.ts'
import { Cell } from '../packages/runtime/src/actor/cell.ts'
import { methodTable } from '../packages/runtime/src/actor/method-table.ts'
import { Notices } from '../packages/runtime/src/actor/notices.ts'
import { Timers } from '../packages/runtime/src/actor/timers.ts'
import { limitsWith } from '../packages/runtime/src/base/limits.ts'
import { Inbox } from '../packages/runtime/src/mailbox/inbox.ts'
import { nodeClock } from '../packages/runtime/src/node/clock.ts'
import { tapChannel } from '../packages/runtime/src/node/tap-channels.ts'
import { Arena } from '../packages/runtime/src/queue/arena.ts'
import { MESSAGES } from '../packages/runtime/src/queue/layout.ts'
import { openSeat, showProgress } from '../packages/runtime/src/queue/seat.ts'
import { Messenger } from '../packages/runtime/src/ref/messenger.ts'
import type { ActorRef } from '../packages/runtime/src/ref/ref-types.ts'
import { installTaps } from '../packages/runtime/src/ref/taps.ts'

const ARENA_BYTES = 16 << 20

class Receiver extends Actor {
  static readonly module = import.meta.url
  #sum = 0

  reading(reading: { readonly id: number }): void {
    this.#sum += reading.id
  }

  add(n: number): number {
    return n + 1
  }

  sum(): number {
    return this.#sum
  }
}

export interface BothEnds {
  /** Asks, and lets the other end answer. */
  ask(n: number): Promise<number>
  /** Tells, and lets the other end handle it. */
  tell(id: number): boolean
}

export function bothEnds(): BothEnds {
  installTaps(tapChannel)
  const clock = nodeClock()
  const arena = Arena.create(4, ARENA_BYTES)
  const limits = limitsWith(undefined)
  const messengerAt = (seat: number): Messenger => {
    const self = { path: `/user/${seat}`, seat, generation: openSeat(arena, seat), incarnation: 1 }
    const ignore = (): void => undefined
    return new Messenger(arena, self, {
      clock,
      epochMs: clock.nowMs(),
      limits,
      spinMs: 0,
      onRefused: ignore,
      onCorruptLane: ignore,
      onExpecting: ignore,
    })
  }
  const [asker, receiver] = [messengerAt(1), messengerAt(2)]
  const cell = cellOf(arena, receiver)
  const ref = asker.refTo(receiver.self) as unknown as ActorRef<Receiver>
  return {
    ask: (n) => {
      const reply = ref.ask.add(n)
      while (cell.step());
      while (asker.stepReplies());
      return reply
    },
    tell: (id) => {
      const isAccepted = ref.tell.reading({ id, name: 'reading', value: id / 2, unit: 'ms', isLast: false } as { readonly id: number })
      while (cell.step());
      return isAccepted
    },
  }
}

function cellOf(arena: Arena, messenger: Messenger): Cell {
  const { seat, generation } = messenger.self
  const fail = (what: unknown): never => {
    throw new Error(`this was not to happen: ${JSON.stringify(what)}`)
  }
  let begun = 0
  return new Cell(
    {
      actor: newWithContext(Receiver as never, [], {} as never) as Actor,
      methods: methodTable(Receiver, Actor.prototype),
      onThrow: 'reply',
      slots: undefined,
      scope: undefined,
    },
    messenger,
    new Inbox(arena, MESSAGES, seat, generation, { onCorrupt: fail }),
    new Notices(),
    new Timers(nodeClock(), () => undefined),
    limitsWith(undefined),
    { arena, seat, max: 1, redelivers: false },
    {
      showProgress: (method) => showProgress(arena, seat, method, begun++),
      crashed: fail,
      deadLetter: fail,
      handOver: fail,
      upgradeRefused: fail,
      stopped: fail,
    },
    () => undefined,
  )
}
