// From nothing to the first reply: one by one with a spare, without, many at once, and after a crash.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ActorSystem } from '@troupe/runtime'
import { Starter } from '../actors/starter.ts'
import { RAW, TROUPE } from '../contender.ts'
import type { Experiment, Plan, Runner } from '../row.ts'

const BURST = 50
/** A spare is ready again well within this, also on a busy machine. */
const PAUSE_MS = 200
/** Of the pause and what is measured in it. */
const TIMES_PER_SECOND = 8
const RAW_WORKER = new URL('../workers/first.mjs', import.meta.url)

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** Milliseconds that `once` took, several times with pauses; the first does not count. */
async function medianMs({ measureMs }: Plan, one: () => Promise<unknown>, after: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i <= Math.ceil((measureMs / 1_000) * TIMES_PER_SECOND); i++) {
    await sleep(PAUSE_MS)
    const startedMs = performance.now()
    await one()
    times.push(performance.now() - startedMs)
    await after()
  }
  return median(times.slice(1))
}

async function firstReply(worker: Worker): Promise<void> {
  worker.postMessage(1)
  const [answer] = await once(worker, 'message')
  if (answer !== 2) throw new Error('wrong answer')
}

function rawStarts(row: string): Runner {
  let worker: Worker
  return {
    name: RAW,
    async measure(plan) {
      const start = (): Promise<void> => firstReply((worker = new Worker(RAW_WORKER, { execArgv: [] })))
      return { values: { [row]: await medianMs(plan, start, () => worker.terminate()) } }
    },
  }
}

/** `spares`: undefined is what users get. */
function troupeStarts(row: string, spares: number | undefined): Runner {
  return {
    name: TROUPE,
    async measure(plan) {
      const system = await ActorSystem.start({ name: 'bench', ...(spares === undefined ? {} : { spares }) })
      let warm = 0
      let all = 0
      system.events.on('started', (event) => {
        all++
        if (event.warm) warm++
      })
      let actor = await system.spawn(Starter)
      const start = async (): Promise<void> => {
        actor = await system.spawn(Starter)
        if ((await actor.ask.add(1)) !== 2) throw new Error('wrong answer')
      }
      try {
        const ms = await medianMs(plan, start, () => system.stopActor(actor))
        return { values: { [row]: ms }, checks: { ms, 'warm starts': warm / all } }
      } finally {
        await system.stop()
      }
    },
  }
}

export const spawnWarm: Experiment = {
  rows: [
    {
      id: 'spawn.warm.p50',
      title: 'from spawn to the first reply, a spare ready',
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 15 },
      checks: [
        { name: 'ms', atMost: 2 },
        { name: 'warm starts', atLeast: 0.9 },
      ],
    },
  ],
  runners: [troupeStarts('spawn.warm.p50', undefined), rawStarts('spawn.warm.p50')],
}

export const spawnCold: Experiment = {
  rows: [
    {
      id: 'spawn.cold.p50',
      title: 'the same without spares',
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 / 1.15 },
    },
  ],
  runners: [troupeStarts('spawn.cold.p50', 0), rawStarts('spawn.cold.p50')],
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

const troupeBurst: Runner = {
  name: TROUPE,
  async measure() {
    const system = await ActorSystem.start({ name: 'bench' })
    await system.stopActor(await system.spawn(Starter))
    await sleep(PAUSE_MS)
    const one = async (): Promise<number> => (await system.spawn(Starter)).ask({ timeoutMs: 60_000 }).add(1)
    const ms = await timed(() => Promise.all(Array.from({ length: BURST }, one)))
    await system.stop()
    return { values: { 'spawn.burst': ms } }
  },
}

const rawBurst: Runner = {
  name: RAW,
  async measure() {
    const first = new Worker(RAW_WORKER, { execArgv: [] })
    await firstReply(first)
    await first.terminate()
    await sleep(PAUSE_MS)
    const workers: Worker[] = []
    const one = async (): Promise<void> => {
      const worker = new Worker(RAW_WORKER, { execArgv: [] })
      workers.push(worker)
      await firstReply(worker)
    }
    const ms = await timed(() => Promise.all(Array.from({ length: BURST }, one)))
    await Promise.all(workers.map((worker) => worker.terminate()))
    return { values: { 'spawn.burst': ms } }
  },
}

export const spawnBurst: Experiment = {
  rows: [
    {
      id: 'spawn.burst',
      title: `${BURST} actors at once, to the last first reply`,
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 / 1.1 },
    },
  ],
  runners: [troupeBurst, rawBurst],
}

const RESTART = 'restart.next'

const troupeRestart: Runner = {
  name: TROUPE,
  async measure(plan) {
    const system = await ActorSystem.start({ name: 'bench', spares: 2 })
    let actor = await system.spawn(Starter)
    const crash = async (): Promise<void> => {
      actor.tell.fail()
      if ((await actor.ask.add(1)) !== 2) throw new Error('wrong answer')
    }
    try {
      // Each crashes once: an actor may be restarted three times within five seconds.
      const ms = await medianMs(plan, crash, async () => {
        await system.stopActor(actor)
        actor = await system.spawn(Starter)
      })
      return { values: { [RESTART]: ms }, checks: { ms } }
    } finally {
      await system.stop()
    }
  },
}

const rawRestart: Runner = {
  name: RAW,
  async measure(plan) {
    let worker = new Worker(RAW_WORKER, { execArgv: [] })
    const crash = async (): Promise<void> => {
      const failed = once(worker, 'error')
      worker.postMessage(-1)
      await failed.catch(() => undefined)
      await worker.terminate()
      worker = new Worker(RAW_WORKER, { execArgv: [] })
      await firstReply(worker)
    }
    await firstReply(worker)
    const ms = await medianMs(plan, crash, () => Promise.resolve())
    await worker.terminate()
    return { values: { [RESTART]: ms } }
  },
}

export const restartNext: Experiment = {
  rows: [
    {
      id: RESTART,
      title: 'from a message whose handler throws to the reply of the next one',
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 5 },
      checks: [{ name: 'ms', atMost: 5 }],
    },
  ],
  runners: [troupeRestart, rawRestart],
}
