import type { Queue } from './queue.ts'

type QueueName = readonly [number, number]

const known = new Map<string, WeakRef<Queue>>()
const forgotten = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key)
})

/** One object per queue and thread, so that its order and its waiters are one. */
export function knownQueue(name: QueueName): Queue | undefined {
  return known.get(String(name))?.deref()
}

export function remember(name: QueueName, queue: Queue): void {
  const key = String(name)
  known.set(key, new WeakRef(queue))
  forgotten.register(queue, key)
}
