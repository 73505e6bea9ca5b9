// What an idle actor costs in memory. Each sample has a process of its own, so that nothing else in it is counted.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ActorSystem } from '@troupe/runtime'
import { Starter } from '../actors/starter.ts'
import { sampleInChild } from '../child.ts'
import { RAW, TROUPE } from '../contender.ts'
import type { Experiment, Runner } from '../row.ts'

const ROW = 'memory.isolate'
const ACTORS = 40
const SETTLE_MS = 1_000
export const ROLLUP = '/proc/self/smaps_rollup'
const RAW_WORKER = new URL('../workers/first.mjs', import.meta.url)

/** Of this process: its own pages, and its part of those that it shares. */
export function pssBytes(): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(ROLLUP, 'utf8'))![1]) * 1024
}

/** Megabytes for each of those that `start` starts. */
async function megabytesEach(start: () => Promise<void>): Promise<number> {
  await sleep(SETTLE_MS)
  const before = pssBytes()
  await start()
  await sleep(SETTLE_MS)
  return (pssBytes() - before) / ACTORS / 1024 / 1024
}

const troupeHere: Runner = {
  name: TROUPE,
  async measure() {
    const system = await ActorSystem.start({ name: 'bench', spares: 0 })
    const first = await system.spawn(Starter)
    await first.ask.add(1)
    const megabytes = await megabytesEach(async () => {
      for (let i = 0; i < ACTORS; i++) await (await system.spawn(Starter)).ask.add(1)
    })
    await system.stop()
    return { values: { [ROW]: megabytes } }
  },
}

const rawHere: Runner = {
  name: RAW,
  async measure() {
    const workers: Worker[] = []
    const startOne = async (): Promise<void> => {
      const worker = new Worker(RAW_WORKER, { execArgv: [] })
      workers.push(worker)
      worker.postMessage(1)
      await once(worker, 'message')
    }
    await startOne()
    const megabytes = await megabytesEach(async () => {
      for (let i = 0; i < ACTORS; i++) await startOne()
    })
    await Promise.all(workers.map((worker) => worker.terminate()))
    return { values: { [ROW]: megabytes } }
  },
}

/** Measured by the child processes only. */
export const memoryHere: Experiment = {
  rows: [{ id: 'memory.isolate.here', title: '', unit: '', better: 'lower', target: { atMost: 0 } }],
  runners: [troupeHere, rawHere],
}

export const memoryIsolate: Experiment = {
  rows: [
    {
      id: ROW,
      title: `${ACTORS} idle actors, proportional set size of each`,
      unit: 'MB',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 / 1.1 },
    },
  ],
  runners: [TROUPE, RAW].map((name) => ({ name, measure: (plan) => sampleInChild(['memory.isolate.here', name], plan) })),
  roundsMax: 1,
  ...(existsSync(ROLLUP) ? {} : { skipped: `there is no ${ROLLUP} here` }),
}
