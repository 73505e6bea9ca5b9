// More busy actors than cores: what spinning costs them, and what it costs the HTTP side of the same process.
// This is the one row that reaches below the public entry: "without spinning" is no option of a user.
import { setTimeout as sleep } from 'node:timers/promises'
import { nodePlatform } from '../../packages/runtime/src/node/platform.ts'
import type { RunningSystem } from '../../packages/runtime/src/system/actor-system.ts'
import { actorSystemOn } from '../../packages/runtime/src/system/start-on.ts'
import { Receiver, Sender } from '../actors/traffic.ts'
import { TROUPE } from '../contender.ts'
import { type HttpProbe, withHttp } from '../http-during.ts'
import { withCpu } from '../measure.ts'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

const NO_SPIN = 'Troupe without spinning'
const PAIRS = 2
const IN_FLIGHT = 16

const platform = nodePlatform(new URL('../../packages/runtime/dist/control-entry.js', import.meta.url))
const withoutSpin = { ...platform, hostSpinMs: 0, isolateSpinMs: 0 }

async function pairs(system: RunningSystem): Promise<(ms: number) => Promise<number>> {
  const all = await Promise.all(
    Array.from({ length: PAIRS }, async () => [await system.spawn(Sender), await system.spawn(Receiver)] as const),
  )
  return async (ms) => {
    const counts = await Promise.all(all.map(([sender, receiver]) => sender.ask({ timeoutMs: 60_000 }).ping(receiver, IN_FLIGHT, ms)))
    return counts.reduce((sum, count) => sum + count, 0)
  }
}

async function crowd(http: HttpProbe, system: RunningSystem, plan: Plan): Promise<Sample> {
  const ping = await pairs(system)
  await http.during(() => ping(plan.warmUpMs))
  const idle = await http.during(() => sleep(plan.measureMs))
  const startedMs = performance.now()
  const { result: busy, cpuMicros } = await withCpu(
    () => http.during(() => ping(plan.measureMs)),
    ({ result }) => result,
  )
  const seconds = (performance.now() - startedMs) / 1_000
  return { values: { 'ask.crowd': busy.result / seconds }, cpuMicros, checks: { 'HTTP p50, busy / idle': busy.p50Ms / idle.p50Ms } }
}

function crowdOn(name: string, on: typeof platform): Runner {
  return {
    name,
    measure: (plan) =>
      withHttp(async (http) => {
        const system = await actorSystemOn(
          () => undefined,
          async () => on,
        ).start({ name: 'bench' })
        try {
          return await crowd(http, system, plan)
        } finally {
          await system.stop()
        }
      }),
  }
}

export const askCrowd: Experiment = {
  rows: [
    {
      id: 'ask.crowd',
      title: `${PAIRS} pairs of actors, ${IN_FLIGHT} asks in flight in each: answered in total`,
      unit: 'asks/s',
      better: 'higher',
      target: { against: [NO_SPIN], atLeast: 0.75 },
      checks: [{ name: 'HTTP p50, busy / idle', atMost: 2 }],
    },
  ],
  runners: [crowdOn(TROUPE, platform), crowdOn(NO_SPIN, withoutSpin)],
}
