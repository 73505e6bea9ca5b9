import {
  ActorSystem,
  AskAbortedError,
  InvalidArgumentError,
  MessageTooLargeError,
  NotSendableError,
  Queue,
  QueueClosedError,
  QueueTimeoutError,
} from '@troupe/runtime'
import { expect, test } from 'vitest'

test('Queue: items come out in the order in which they were put, as copies', async () => {
  const queue = Queue.create<{ n: number; at?: Date }>()
  const item = { n: 1, at: new Date(5) }
  await queue.put(item)
  queue.putSync({ n: 2 })
  expect(queue.tryPut({ n: 3 })).toBe(true)
  expect([queue.size, queue.capacity, queue.isClosed]).toEqual([3, 1_024, false])
  const first = await queue.get()
  expect(first).toEqual(item)
  expect(first).not.toBe(item)
  expect([queue.getSync().n, queue.tryGet()?.n, queue.tryGet()]).toEqual([2, 3, undefined])
})

test('Queue: capacity is kept by count and by bytes, and room that was made is used again', () => {
  const few = Queue.create<number>({ capacity: 3 })
  for (let round = 0; round < 10; round++) {
    expect([1, 2, 3, 4].map((n) => few.tryPut(n))).toEqual([true, true, true, false])
    expect([few.tryGet(), few.tryGet(), few.tryGet(), few.tryGet()]).toEqual([1, 2, 3, undefined])
  }
  const small = Queue.create<Uint8Array>({ bytesMax: 1_000 })
  for (let round = 0; round < 10; round++) {
    expect([300, 400, 500].map((bytes) => small.tryPut(new Uint8Array(bytes).fill(round)))).toEqual([true, true, false])
    expect([small.tryGet(), small.tryGet()]).toEqual([new Uint8Array(300).fill(round), new Uint8Array(400).fill(round)])
  }
})

test('Queue: what cannot be put is refused with its path before anything is written', async () => {
  const queue = Queue.create<unknown>({ bytesMax: 100 })
  await expect(queue.put({ user: { onClick: () => 1 } })).rejects.toThrow(NotSendableError)
  await expect(queue.put({ user: { onClick: () => 1 } })).rejects.toThrow(/^the item\.user\.onClick cannot be sent \(queue\.put\(\)\)/)
  await expect(queue.put('x'.repeat(101))).rejects.toThrow(MessageTooLargeError)
  await expect(queue.put('x'.repeat(101))).rejects.toThrow(/bytesMax of the queue/)
  expect(() => queue.tryPut(undefined)).toThrow(InvalidArgumentError)
  await expect(queue.put(Queue.create())).rejects.toThrow(/memory of its own/)
  expect(queue.size).toBe(0)
})

test('Queue: options out of their range are refused', async () => {
  expect(() => new (Queue as unknown as new (options: object) => unknown)({ capacity: 5 })).toThrow('Queue.create({ capacity })')
  for (const capacity of [0, -1, 1.5, Number.NaN, 2 ** 30]) expect(() => Queue.create({ capacity })).toThrow(InvalidArgumentError)
  for (const bytesMax of [0, 2 ** 31]) expect(() => Queue.create({ bytesMax })).toThrow(InvalidArgumentError)
  expect(() => Queue.create({ system: {} })).toThrow(InvalidArgumentError)
  expect(() => Queue.from({ memory: new SharedArrayBuffer(1_024), atByte: 0, name: [1, 2] })).toThrow(InvalidArgumentError)
  expect(() => Queue.from({} as never)).toThrow(InvalidArgumentError)
  const queue = Queue.create()
  for (const timeoutMs of [0, -1, Number.NaN]) {
    await expect(queue.get({ timeoutMs })).rejects.toThrow(InvalidArgumentError)
    expect(() => queue.getSync({ timeoutMs })).toThrow(InvalidArgumentError)
  }
})

test('Queue: a misspelt option is refused, where it would be a wait for ever', async () => {
  expect(() => Queue.create({ capcity: 5 } as never)).toThrow("Queue.create: there is no option 'capcity'. Did you mean 'capacity'?")
  expect(() => Queue.create(5 as never)).toThrow('Queue.create: the options are 5, and must be an object')
  const queue = Queue.create()
  const misspelt = { timeout: 5 } as never
  await expect(queue.get(misspelt)).rejects.toThrow("queue.get(): there is no option 'timeout'. Did you mean 'timeoutMs'?")
  await expect(queue.get(5 as never)).rejects.toThrow('queue.get(): the options are 5')
  await expect(queue.put(1, misspelt)).rejects.toThrow("queue.put(): there is no option 'timeout'.")
  expect(() => queue.getSync(misspelt)).toThrow("queue.getSync(): there is no option 'timeout'.")
  expect(() => queue.putSync(1, { signal: AbortSignal.abort() } as never)).toThrow("queue.putSync(): there is no option 'signal'.")
  await expect(queue.get({ signal: new AbortController() as never })).rejects.toThrow('queue.get(): signal is an object')
  expect(queue.size).toBe(0)
})

test('Queue: none can be made in a system that has stopped, where nobody would close it', async () => {
  const system = await ActorSystem.start({ name: 'over', spares: 0 })
  await system.stop()
  expect(() => Queue.create({ system })).toThrow('system must be a running ActorSystem')
})

test('Queue: waiting ends at the deadline with a named error, and nothing was put or taken', async () => {
  const queue = Queue.create<number>({ capacity: 1 })
  await expect(queue.get({ timeoutMs: 5 })).rejects.toThrow(QueueTimeoutError)
  expect(() => queue.getSync({ timeoutMs: 5 })).toThrow(/was empty for 5 ms/)
  await queue.put(1)
  await expect(queue.put(2, { timeoutMs: 5 })).rejects.toThrow(/was full for 5 ms/)
  expect(() => queue.putSync(3, { timeoutMs: 5 })).toThrow(QueueTimeoutError)
  expect([await queue.get(), queue.tryGet()]).toEqual([1, undefined])
})

test('Queue: a signal ends the wait, and one that is aborted already prevents it', async () => {
  const queue = Queue.create<number>({ capacity: 1 })
  const controller = new AbortController()
  const waiting = queue.get({ signal: controller.signal })
  controller.abort('enough')
  await expect(waiting).rejects.toThrow(AskAbortedError)
  await queue.put(1)
  await expect(queue.get({ signal: controller.signal })).rejects.toThrow(AskAbortedError)
  await expect(queue.put(2, { signal: AbortSignal.abort() })).rejects.toThrow(AskAbortedError)
  expect([queue.size, queue.tryGet()]).toEqual([1, 1])
})

test('Queue: who waits first is served first, also before those who do not wait', async () => {
  const queue = Queue.create<number>({ capacity: 1 })
  const gets = [queue.get(), queue.get(), queue.get()]
  const puts = [1, 2, 3, 4, 5].map((n) => queue.put(n))
  expect(queue.tryPut(6)).toBe(false)
  expect(await Promise.all(gets)).toEqual([1, 2, 3])
  expect([queue.getSync(), queue.getSync()]).toEqual([4, 5])
  await Promise.all(puts)
})

test('Queue: one that gives up lets the next one in line go on', async () => {
  const queue = Queue.create<Uint8Array>({ bytesMax: 1_000 })
  await queue.put(new Uint8Array(600))
  const large = queue.put(new Uint8Array(900), { timeoutMs: 20 })
  const small = queue.put(new Uint8Array(100))
  await expect(large).rejects.toThrow(QueueTimeoutError)
  await small
  expect([queue.tryGet()?.length, queue.tryGet()?.length]).toEqual([600, 100])
})

test('Queue: after close puts reject, gets take what is there and then reject, loops end', async () => {
  const queue = Queue.create<number>({ capacity: 2 })
  await queue.put(1)
  await queue.put(2)
  const waiting = queue.put(3)
  queue.close()
  queue.close()
  await expect(waiting).rejects.toThrow(QueueClosedError)
  await expect(queue.put(4)).rejects.toThrow(QueueClosedError)
  expect(() => queue.putSync(4)).toThrow(QueueClosedError)
  expect(() => queue.tryPut(4)).toThrow(QueueClosedError)
  expect([queue.isClosed, queue.size, queue.getSync()]).toEqual([true, 2, 1])
  const rest: number[] = []
  for await (const item of queue) rest.push(item)
  expect(rest).toEqual([2])
  await expect(queue.get()).rejects.toThrow(QueueClosedError)
  expect(() => queue.getSync()).toThrow(QueueClosedError)
  expect(queue.tryGet()).toBe(undefined)
})

test('Queue: close ends those who wait for an item', async () => {
  const queue = Queue.create<number>()
  const get = queue.get()
  const loop = (async () => {
    for await (const _ of queue);
    return 'ended'
  })()
  queue.close()
  await expect(get).rejects.toThrow(QueueClosedError)
  expect(await loop).toBe('ended')
})

test('Queue: a loop that is left takes nothing ahead', async () => {
  const queue = Queue.create<number>()
  for (let n = 1; n <= 5; n++) await queue.put(n)
  for await (const n of queue) if (n === 2) break
  expect([queue.size, queue.tryGet()]).toEqual([3, 3])
})

test('Queue: loops that never have to wait let timers and I/O live', async () => {
  const queue = Queue.create<number>({ capacity: 4 })
  let fired = 0
  const timer = setInterval(() => fired++, 1)
  const producing = (async () => {
    for (let n = 0; fired < 3; n++) await queue.put(n)
    queue.close()
  })()
  for await (const _ of queue);
  await producing
  clearInterval(timer)
  expect(fired).toBeGreaterThanOrEqual(3)
})

test('Queue: a handle leads to the same queue, and in one thread to the same object', async () => {
  const queue = Queue.create<number>()
  expect(Queue.from(structuredClone({ atByte: queue.handle.atByte, name: queue.handle.name, memory: queue.handle.memory }))).toBe(queue)
})

test('Queue: ten thousand waits that were given up leave nothing behind', async () => {
  const queue = Queue.create<number>()
  const original = Atomics.waitAsync
  let waits = 0
  Atomics.waitAsync = ((...args: Parameters<typeof Atomics.waitAsync>) => {
    waits++
    return original(...args)
  }) as typeof Atomics.waitAsync
  try {
    for (let round = 0; round < 100; round++) {
      const controllers = Array.from({ length: 100 }, () => new AbortController())
      const waiting = controllers.map(({ signal }) => queue.get({ signal }))
      for (const controller of controllers) controller.abort()
      await Promise.allSettled(waiting)
    }
  } finally {
    Atomics.waitAsync = original
  }
  // One wait on shared memory serves them all.
  expect(waits).toBeLessThanOrEqual(1)
  await queue.put(1)
  expect(await queue.get()).toBe(1)
})
