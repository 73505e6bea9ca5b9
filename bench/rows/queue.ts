// The public Queue, one to one: five-field objects from the main thread to a worker, taken and added up there.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Queue } from '@troupe/runtime'
import { TROUPE } from '../contender.ts'
import { type Driven, driveQueue, type Reading } from '../drive.mjs'
import { withCpu } from '../measure.ts'
import { BLOCKING_PORT, PORT, portTaker } from '../peers/message-port.ts'
import { CHANNEL, canRunChannel, channelTaker } from '../peers/multithreading.ts'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

export interface Taken {
  readonly count: number
  readonly sum: number
}

/** Another thread that takes what is put, and adds it up. */
export interface Taker {
  /** A promise: the next put waits for it. */
  put(reading: Reading): Promise<unknown> | undefined
  /** Ends a round: resolves when all that was put in it is taken. */
  end(): Promise<Taken>
  close(): Promise<unknown>
}

const END: Reading = { id: 0, name: '', value: 0, unit: '', isLast: true }

async function queueTaker(colour: 'async' | 'sync'): Promise<Taker> {
  const queue = Queue.create<Reading>()
  const worker = new Worker(new URL('../workers/queue-taker.mjs', import.meta.url), {
    workerData: { handle: queue.handle, colour },
    execArgv: [],
  })
  await once(worker, 'message')
  return {
    put: colour === 'async' ? (reading) => queue.put(reading) : (reading) => void queue.putSync(reading),
    async end() {
      const taken = once(worker, 'message')
      await queue.put(END)
      return ((await taken) as [Taken])[0]
    },
    close: () => worker.terminate(),
  }
}

/** What was put must have been taken, each once. */
async function round(taker: Taker, ms: number): Promise<Driven> {
  const driven = await driveQueue(taker, ms)
  const { count, sum } = driven.taken
  if (count !== driven.sent || sum !== driven.sum) throw new Error(`${driven.sent} items were put, and ${count} taken`)
  return driven
}

const runnerOf = (name: string, id: string, open: () => Promise<Taker>): Runner => ({
  name,
  async measure(plan: Plan): Promise<Sample> {
    const taker = await open()
    try {
      await round(taker, plan.warmUpMs)
      const { result, cpuMicros } = await withCpu(
        () => round(taker, plan.measureMs),
        ({ sent }) => sent,
      )
      return { values: { [id]: result.sent / (result.elapsedMs / 1_000) }, cpuMicros }
    } finally {
      await taker.close()
    }
  },
})

export const queueAsync: Experiment = {
  rows: [
    {
      id: 'queue.async',
      title: 'the public Queue, one to one, put and get',
      unit: 'items/s',
      better: 'higher',
      target: { against: [PORT], atLeast: 5 },
    },
  ],
  runners: [runnerOf(TROUPE, 'queue.async', () => queueTaker('async')), runnerOf(PORT, 'queue.async', () => portTaker('async'))],
}

export const queueSync: Experiment = {
  rows: [
    {
      id: 'queue.sync',
      title: 'the same, putSync and getSync',
      unit: 'items/s',
      better: 'higher',
      target: canRunChannel ? { against: [CHANNEL], atLeast: 10 } : { against: [BLOCKING_PORT], atLeast: 5 },
    },
  ],
  runners: [
    runnerOf(TROUPE, 'queue.sync', () => queueTaker('sync')),
    runnerOf(CHANNEL, 'queue.sync', channelTaker),
    runnerOf(BLOCKING_PORT, 'queue.sync', () => portTaker('sync')),
  ],
}
