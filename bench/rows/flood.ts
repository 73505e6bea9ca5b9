// What a flood of tells leaves of its receiver's own life: timers, requests; and of the host's HTTP.
import { setTimeout as sleep } from 'node:timers/promises'
import { ActorSystem } from '@troupe/runtime'
import { Lively, Sender } from '../actors/traffic.ts'
import { TROUPE } from '../contender.ts'
import type { Driven } from '../drive.mjs'
import { type HttpProbe, withHttp } from '../http-during.ts'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

const NO_FLOOD = 'Troupe, no flood'
const TIMER_MS = 5

async function flooded(http: HttpProbe, system: ActorSystem, plan: Plan, isFlooded: boolean): Promise<Sample> {
  const receiver = await system.spawn(Lively)
  const sender = await system.spawn(Sender)
  const flood = (ms: number): Promise<Driven | undefined> => (isFlooded ? sender.ask({ timeoutMs: 60_000 }).drive(receiver, ms) : sleep(ms))
  await receiver.ask.begin(http.url, TIMER_MS)
  await flood(plan.warmUpMs)
  const idle = await http.during(() => sleep(plan.measureMs))
  const before = await receiver.ask.pulse()
  const startedMs = performance.now()
  const { p50Ms } = await http.during(() => flood(plan.measureMs))
  const after = await receiver.ask.pulse()
  const seconds = (performance.now() - startedMs) / 1_000
  return {
    values: { 'flood.timer': (after.fired - before.fired) / seconds },
    checks: { 'fetches per s': (after.fetched - before.fetched) / seconds, 'HTTP p50, flooded / idle': p50Ms / idle.p50Ms },
  }
}

const runner = (name: string, isFlooded: boolean): Runner => ({
  name,
  measure: (plan) =>
    withHttp(async (http) => {
      const system = await ActorSystem.start({ name: 'bench' })
      try {
        return await flooded(http, system, plan, isFlooded)
      } finally {
        await system.stop()
      }
    }),
})

export const floodTimer: Experiment = {
  rows: [
    {
      id: 'flood.timer',
      title: `a timer of ${TIMER_MS} ms in an actor that another floods with tells: how often it fires`,
      unit: 'per s',
      better: 'higher',
      target: { against: [NO_FLOOD], atLeast: 0.9 },
      checks: [
        { name: 'fetches per s', atLeast: 5 },
        { name: 'HTTP p50, flooded / idle', atMost: 2 },
      ],
    },
  ],
  runners: [runner(TROUPE, true), runner(NO_FLOOD, false)],
}
