import { Executor, functionsIn } from '@troupe/actors'
import { ActorDownError } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { rejection, startSystem } from '../behaviour/scene.ts'

async function startExecutor(options: Parameters<typeof Executor.start>[1] = {}) {
  const system = await startSystem()
  const executor = Executor.start(system, { threads: 2, ...options })
  onTestFinished(() => executor.shutdown({ cancel: true }))
  return executor
}

/** Ends when somebody writes into its memory: tests cannot share memory with it, so it waits for a file. */
const until = async (file: string) => {
  const { existsSync } = await import('node:fs')
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 1))
  return file
}

test('executor: a task resolves with what its function returns, and rejects with what it throws', async () => {
  const executor = await startExecutor()
  expect(await executor.submit((a: number, b: number) => a + b, 1, 2)).toBe(3)
  expect(await executor.submit(async (text: string) => [text], 'x')).toEqual(['x'])
  expect(
    await rejection(
      executor.submit(() => {
        throw new RangeError('no')
      }),
    ),
  ).toEqual(new RangeError('no'))
  const { toMs } = functionsIn<typeof import('./functions.ts')>(new URL('./functions.ts', import.meta.url))
  expect(await executor.map(toMs, [1, 2, 3])).toEqual([1_000, 2_000, 3_000])
  expect(() => executor.submit(() => executor)).toThrow('it uses executor from around it')
  expect(executor.stats()).toEqual({ waiting: 0, sent: 0 })
})

test('executor: the crash of an isolate rejects the task that it was in, and no other', async () => {
  const executor = await startExecutor()
  const task = (n: number) => (n % 50 === 7 ? process.exit(1) : n)
  const settled = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => executor.submit(task, n)))
  const failed = settled.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))
  expect(failed).toEqual([7, 57])
  for (const n of failed) expect((settled[n] as PromiseRejectedResult).reason).toBeInstanceOf(ActorDownError)
})

test('executor: it heals also when its isolates die more often than their supervisor restarts them', async () => {
  const executor = await startExecutor()
  const settled = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => executor.submit((m: number) => (m % 2 ? process.exit(1) : m), n)),
  )
  expect(settled.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))).toEqual(Array.from({ length: 15 }, (_, i) => i * 2))
})

test('executor: what is cancelled before it has begun never runs; what runs is not waited for', async () => {
  const executor = await startExecutor({ threads: 1 })
  const running = executor.submit(until, '/nowhere/at/all')
  const waiting = Array.from({ length: 5 }, (_, n) => executor.submit((m: number) => m, n))
  expect(waiting[3]!.cancel()).toBe(true)
  expect(waiting[3]!.cancel()).toBe(false)
  expect(await rejection(waiting[3]!)).toMatchObject({ code: 'TROUPE_TASK_CANCELLED' })
  expect(running.cancel()).toBe(true)
  expect(await rejection(running)).toMatchObject({ code: 'TROUPE_TASK_CANCELLED' })
  const ends = Promise.allSettled(waiting)
  await executor.shutdown({ cancel: true })
  expect((await ends).map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
})

test('executor: with killOnCancel the isolate of a task that never ends is replaced, and its neighbours are not touched', async () => {
  const executor = await startExecutor({ killOnCancel: true })
  const endless = executor.submit(() => {
    for (;;);
  })
  const others = Array.from({ length: 50 }, (_, n) => executor.submit((m: number) => m, n))
  expect(await others[0]).toBe(0)
  expect(endless.cancel()).toBe(true)
  expect(await rejection(endless)).toMatchObject({ code: 'TROUPE_TASK_CANCELLED' })
  expect(await Promise.all(others)).toEqual(Array.from({ length: 50 }, (_, n) => n))
})

test('executor: after shutdown nothing is accepted, and what was is done; queueMax bounds what waits', async () => {
  const executor = await startExecutor({ queueMax: 3 })
  const tasks = Array.from({ length: 3 }, (_, n) => executor.submit((m: number) => m * 2, n))
  expect(await rejection(executor.submit((m: number) => m, 9))).toMatchObject({ code: 'TROUPE_EXECUTOR_REFUSED' })
  // Whoever asks for it: all are told.
  const shut = Promise.all([executor.shutdown(), executor.shutdown()])
  expect((await rejection(executor.submit((m: number) => m, 9))).message).toContain('shut down')
  expect(await Promise.all(tasks)).toEqual([0, 2, 4])
  await shut
})
