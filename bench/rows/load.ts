// What an actor with four large packages costs: until its first reply, in memory, and in the host's own heap. Each sample has a
// process of its own, so it is what a second run sees: bundled in an earlier one, loaded for the first time in this one.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { ActorSystem, actorsIn } from '@troupe/runtime'
import { sampleInChild } from '../child.ts'
import { RAW, TROUPE } from '../contender.ts'
import type { Experiment, Runner } from '../row.ts'
import { pssBytes, ROLLUP } from './memory.ts'

const LOAD = 'load.heavy'
const HOST = 'host.memory'
/** Until spares are ready and all is quiet. */
const SETTLE_MS = 1_500
const ACTORS = 10
const MEGABYTE = 1024 * 1024
const ORDER = { id: 'a-1', customer: 'Ada', cents: 250 }
const RAW_WORKER = new URL('../workers/heavy.mjs', import.meta.url)

const { Heavy } = actorsIn<typeof import('../actors/heavy.ts')>(new URL('../actors/heavy.ts', import.meta.url))

function check(answer: unknown): void {
  if (JSON.stringify(answer) !== '{"cents":250,"customers":1,"key":"a-1"}') throw new Error(`wrong answer: ${JSON.stringify(answer)}`)
}

/** Time to the first reply, and what the process has grown by. */
async function startOne(start: () => Promise<unknown>): Promise<{ ms: number; megabytes: number }> {
  await sleep(SETTLE_MS)
  const before = pssBytes()
  const startedMs = performance.now()
  check(await start())
  const ms = performance.now() - startedMs
  await sleep(SETTLE_MS)
  return { ms, megabytes: (pssBytes() - before) / MEGABYTE }
}

const troupeHere: Runner = {
  name: TROUPE,
  async measure() {
    // One spare: what is measured is one isolate, and not another that is made ready meanwhile.
    const system = await ActorSystem.start({ name: 'bench', spares: 1 })
    const { ms, megabytes } = await startOne(async () => (await system.spawn(Heavy)).ask.add(ORDER))
    await system.stop()
    return { values: { [LOAD]: ms }, checks: { megabytes } }
  },
}

const rawHere: Runner = {
  name: RAW,
  async measure() {
    let worker!: Worker
    const { ms, megabytes } = await startOne(async () => {
      worker = new Worker(RAW_WORKER, { execArgv: [] })
      worker.postMessage(ORDER)
      return (await once(worker, 'message'))[0]
    })
    await worker.terminate()
    return { values: { [LOAD]: ms }, checks: { megabytes } }
  },
}

/** Measured by the child processes only. */
export const loadHere: Experiment = {
  rows: [{ id: 'load.heavy.here', title: '', unit: '', better: 'lower', target: { atMost: 0 } }],
  runners: [troupeHere, rawHere],
}

export const loadHeavy: Experiment = {
  rows: [
    {
      id: LOAD,
      title: 'an actor with zod, lodash-es, rxjs and @aws-sdk/client-s3, second run, to its first reply',
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 5 },
    },
  ],
  runners: [TROUPE, RAW].map((name) => ({
    name,
    async measure(plan) {
      // The first run on a machine makes the bundle, and Node's compile cache.
      await sampleInChild(['load.heavy.here', name], plan)
      return sampleInChild(['load.heavy.here', name], plan)
    },
  })),
  ...(existsSync(ROLLUP) ? {} : { skipped: `there is no ${ROLLUP} here` }),
}

/** Of the host's own heap, after all that can be collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

const hostHere: Runner = {
  name: TROUPE,
  async measure() {
    const system = await ActorSystem.start({ name: 'bench' })
    await sleep(SETTLE_MS)
    const before = heapBytes()
    for (let i = 0; i < ACTORS; i++) check(await (await system.spawn(Heavy)).ask.add(ORDER))
    const megabytes = (heapBytes() - before) / MEGABYTE
    await system.stop()
    return { values: { [HOST]: megabytes } }
  },
}

/** Measured by the child processes only. */
export const hostMemoryHere: Experiment = {
  rows: [{ id: 'host.memory.here', title: '', unit: '', better: 'lower', target: { atMost: 0 } }],
  runners: [hostHere],
}

export const hostMemory: Experiment = {
  rows: [
    {
      id: HOST,
      title: `what the host's heap grows by when it spawns ${ACTORS} of them by the lean form`,
      unit: 'MB',
      better: 'lower',
      target: { atMost: 5 },
    },
  ],
  runners: [{ name: TROUPE, measure: (plan) => sampleInChild(['host.memory.here', TROUPE], plan) }],
  roundsMax: 1,
}
