import { expect, test } from 'vitest'
import { Actor, newWithContext } from '../../packages/runtime/src/actor/actor.ts'
import { Cell } from '../../packages/runtime/src/actor/cell.ts'
import { methodTable } from '../../packages/runtime/src/actor/method-table.ts'
import { Notices } from '../../packages/runtime/src/actor/notices.ts'
import { slotsOf } from '../../packages/runtime/src/actor/slots.ts'
import { Timers } from '../../packages/runtime/src/actor/timers.ts'
import { limitsWith } from '../../packages/runtime/src/base/limits.ts'
import { Inbox } from '../../packages/runtime/src/mailbox/inbox.ts'
import { nodeClock } from '../../packages/runtime/src/node/clock.ts'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { MESSAGES } from '../../packages/runtime/src/queue/layout.ts'
import { openSeat } from '../../packages/runtime/src/queue/seat.ts'
import { Messenger } from '../../packages/runtime/src/ref/messenger.ts'
import type { ActorRef } from '../../packages/runtime/src/ref/ref-types.ts'

let goOn: () => void = () => undefined

class Waiter extends Actor {
  static readonly module = import.meta.url
  async waits(): Promise<void> {
    await new Promise<void>((resolve) => (goOn = resolve))
  }
  async asks(other: ActorRef<Waiter>): Promise<void> {
    await other.ask.waits()
  }
}

function messengerAt(arena: Arena, seat: number): Messenger {
  const self = { path: `/user/${seat}`, seat, generation: openSeat(arena, seat), incarnation: 1 }
  const clock = nodeClock()
  const ignore = (): void => undefined
  const ports = { clock, epochMs: clock.nowMs(), limits: limitsWith(undefined), spinMs: 0 }
  return new Messenger(arena, self, { ...ports, onRefused: ignore, onCorruptLane: ignore, onExpecting: ignore })
}

function cellOf(arena: Arena, messenger: Messenger, concurrency: number): Cell {
  const { seat, generation } = messenger.self
  const fail = (what: unknown): never => {
    throw new Error(`this was not to happen: ${JSON.stringify(what)}`)
  }
  const methods = methodTable(Waiter, Actor.prototype)
  const actor = newWithContext(Waiter as never, [], {} as never) as Actor
  return new Cell(
    { actor, methods, onThrow: 'reply', slots: slotsOf({ concurrency }, methods, 'Waiter'), scope: undefined },
    messenger,
    new Inbox(arena, MESSAGES, seat, generation, { onCorrupt: fail }),
    new Notices(),
    new Timers(nodeClock(), () => undefined),
    limitsWith(undefined),
    { arena, seat, max: 10, redelivers: false },
    { showProgress: () => undefined, crashed: fail, deadLetter: fail, handOver: fail, upgradeRefused: fail, stopped: fail },
    () => undefined,
  )
}

// A thread that looks out for what may come does nothing else meanwhile, its own promises included.
test.for([1, 2])(
  'cell: with a concurrency of %i it looks out for messages while nothing is at work, and for replies while one is owed',
  async (concurrency) => {
    const arena = Arena.create(4, 1 << 20)
    const [host, own] = [messengerAt(arena, 1), messengerAt(arena, 2)]
    const cell = cellOf(arena, own, concurrency)
    const ref = host.refTo(own.self) as unknown as ActorRef<Waiter>
    const steps = async (): Promise<void> => {
      do await null
      while (cell.step())
      await null
    }
    expect(cell.isDue()).toBe(true)
    ref.tell.waits()
    await steps()
    expect(cell.isDue()).toBe(false)
    goOn()
    await steps()
    await steps()
    expect(cell.isDue()).toBe(true)
    ref.tell.asks(host.refTo(host.self) as unknown as ActorRef<Waiter>)
    await steps()
    expect(cell.isDue()).toBe(true)
  },
)
