import { workerData } from 'node:worker_threads'
import { Queue } from '../../packages/runtime/src/mailbox/queue.ts'
import { installQueuePlatform } from '../../packages/runtime/src/mailbox/queue-thread.ts'
import { nodeQueuePlatform } from '../../packages/runtime/src/node/queue-platform.ts'
import {
  COUNT,
  DOUBLED,
  IDLE,
  ITEMS_MAX,
  type Item,
  isWhole,
  itemOf,
  type KillBoot,
  markTaken,
  OUT_OF_ORDER,
  READY,
  reportFault,
  SENT,
  TORN,
  WAITS,
} from './kill-parts.ts'

installQueuePlatform(nodeQueuePlatform)
const { handle, facts, taken, role, slot, incarnation } = workerData as KillBoot
const queue = Queue.from<Item>(handle)
const isSync = incarnation % 2 === 0
/** Of each producer, the number of the last item that this thread has taken. */
const last = new Map<number, number>()

/** Says what was accepted only after it was: a kill in between hides one at most. */
async function produce(pauseEvery: number): Promise<void> {
  for (let n = 1; n < ITEMS_MAX; n++) {
    const item = itemOf(incarnation, n)
    Atomics.store(facts, WAITS + slot, 1)
    if (isSync) queue.putSync(item)
    else await queue.put(item)
    Atomics.store(facts, WAITS + slot, 0)
    Atomics.store(facts, SENT + incarnation, n)
    if (n % pauseEvery === 0) Atomics.wait(facts, IDLE, 0, 1)
  }
  Atomics.wait(facts, IDLE, 0)
}

function check(item: Item): void {
  Atomics.store(facts, WAITS + slot, 0)
  const { from, n } = item
  if (!isWhole(item)) reportFault(facts, TORN, from, n)
  if (n <= (last.get(from) ?? 0)) reportFault(facts, OUT_OF_ORDER, from, n)
  if (!markTaken(taken, item)) reportFault(facts, DOUBLED, from, n)
  last.set(from, n)
  Atomics.add(facts, COUNT + slot, 1)
  // Now and then slower than those who put: so they wait for room, too.
  if (n % 500 === 0) Atomics.wait(facts, IDLE, 0, 1)
  Atomics.store(facts, WAITS + slot, 1)
}

async function consume(): Promise<void> {
  Atomics.store(facts, WAITS + slot, 1)
  if (!isSync) for await (const item of queue) check(item)
  // Until it is closed: then `getSync` throws.
  else for (;;) check((incarnation % 4 === 0 ? queue.tryGet() : undefined) ?? queue.getSync())
}

Atomics.add(facts, READY + slot, 1)
if (role !== 'consumer') await produce(role === 'flood' ? 200 : 1)
else
  await consume().catch((error: Error) => {
    if (error.name !== 'QueueClosedError') throw error
  })
