// What actors cost that do nothing. Each sample has a process of its own, so that nothing else in it is counted.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ActorSystem } from '@troupe/runtime'
import { Echo } from '../actors/echo.ts'
import { sampleInChild } from '../child.ts'
import { RAW, TROUPE } from '../contender.ts'
import type { Experiment, Plan, Runner } from '../row.ts'

const ACTORS = 50

/** The memory reducer of V8 collects the garbage of 50 starts for half a minute, and takes several percent of a core for it. */
const RESTS_BELOW_PERCENT = 1
const REST_MS = 3_000
/** It works in bursts: one look may fall between two of them. */
const RESTS = 3
const SETTLE_MS_MAX = 90_000

/** Percent of one core, after the memory reducer of V8 has done its part. */
async function idlePercent({ settleMs, idleMs }: Plan): Promise<number> {
  await sleep(settleMs)
  const untilMs = performance.now() + SETTLE_MS_MAX - settleMs
  for (let rests = 0; idleMs > REST_MS && rests < RESTS && performance.now() < untilMs; )
    rests = (await percentIn(REST_MS)) > RESTS_BELOW_PERCENT ? 0 : rests + 1
  return percentIn(idleMs)
}

async function percentIn(ms: number): Promise<number> {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  await sleep(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / (performance.now() - startedMs)
}

const troupeHere: Runner = {
  name: TROUPE,
  async measure(plan) {
    const system = await ActorSystem.start({ name: 'bench' })
    for (let i = 0; i < ACTORS; i++) {
      const actor = await system.spawn(Echo)
      if ((await actor.ask.add(i)) !== i + 1) throw new Error('wrong answer')
    }
    const percent = await idlePercent(plan)
    await system.stop()
    return { values: { 'idle.cpu': percent } }
  },
}

const rawHere: Runner = {
  name: RAW,
  async measure(plan) {
    const source = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (n) => parentPort.postMessage(n + 1))`
    const workers = Array.from({ length: ACTORS }, () => new Worker(source, { eval: true, execArgv: [] }))
    for (const [i, worker] of workers.entries()) {
      worker.postMessage(i)
      const [answer] = await once(worker, 'message')
      if (answer !== i + 1) throw new Error('wrong answer')
    }
    const percent = await idlePercent(plan)
    await Promise.all(workers.map((worker) => worker.terminate()))
    return { values: { 'idle.cpu': percent } }
  },
}

/** Measured by the child processes only. */
export const idleHere: Experiment = {
  rows: [{ id: 'idle.cpu.here', title: '', unit: '', better: 'lower', target: { atMost: 0 } }],
  runners: [troupeHere, rawHere],
}

export const idleCpu: Experiment = {
  rows: [
    {
      id: 'idle.cpu',
      title: `${ACTORS} parked actors`,
      unit: '% of a core',
      better: 'lower',
      target: { atMost: 0.5 },
    },
  ],
  runners: [TROUPE, RAW].map((name) => ({ name, measure: (plan) => sampleInChild(['idle.cpu.here', name], plan) })),
  roundsMax: 1,
}
