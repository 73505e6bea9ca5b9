import { workerData } from 'node:worker_threads'
import { Queue } from '../../packages/runtime/src/mailbox/queue.ts'
import { installQueuePlatform } from '../../packages/runtime/src/mailbox/queue-thread.ts'
import { nodeQueuePlatform } from '../../packages/runtime/src/node/queue-platform.ts'
import { FAULT, type Item, isWhole, itemOf, type KillBoot, LOG_MAX, LOGGED, LOGS, N_BITS, SENT } from './kill-parts.ts'

installQueuePlatform(nodeQueuePlatform)
const { handle, facts, role, isSync, incarnation } = workerData as KillBoot
const queue = Queue.from<Item>(handle)
const sent = SENT + incarnation
const logged = LOGGED + incarnation

/** Says what was accepted only after it was: a kill in between hides one at most. */
async function produce(): Promise<void> {
  for (let n = 1; n < 1 << N_BITS; n++) {
    const item = itemOf(incarnation, n)
    if (isSync) queue.putSync(item)
    else await queue.put(item)
    Atomics.store(facts, sent, n)
  }
}

function log(item: Item): boolean {
  if (!isWhole(item)) Atomics.store(facts, FAULT, 1)
  const at = Atomics.load(facts, logged)
  Atomics.store(facts, LOGS + incarnation * LOG_MAX + at, (item.from << N_BITS) | item.n)
  Atomics.store(facts, logged, at + 1)
  return at + 1 < LOG_MAX
}

async function consume(): Promise<void> {
  if (isSync) {
    while (!queue.isClosed || queue.size > 0) {
      const item = incarnation % 4 === 0 ? queue.tryGet() : getFor100()
      if (item !== undefined && !log(item)) return
    }
    return
  }
  for await (const item of queue) if (!log(item)) return
}

function getFor100(): Item | undefined {
  try {
    return queue.getSync({ timeoutMs: 100 })
  } catch {
    return undefined
  }
}

await (role === 'producer' ? produce() : consume())
