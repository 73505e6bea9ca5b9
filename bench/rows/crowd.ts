// More busy actors than cores: what spinning costs them, and what it costs the HTTP side of the same process.
// This is the one row that reaches below the public entry: "without spinning" is no option of a user.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { nodePlatform } from '../../packages/runtime/src/node/platform.ts'
import { actorSystemOn, type RunningSystem } from '../../packages/runtime/src/system/actor-system.ts'
import { Receiver, Sender } from '../actors/traffic.ts'
import { TROUPE } from '../contender.ts'
import { withCpu } from '../measure.ts'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'

const NO_SPIN = 'Troupe without spinning'
const PAIRS = 2
const IN_FLIGHT = 16
const HTTP_EVERY_MS = 5

const platform = nodePlatform(new URL('../../packages/runtime/dist/control-entry.js', import.meta.url))
const withoutSpin = { ...platform, hostSpinMs: 0, isolateSpinMs: 0 }

/** Median latency of requests that fall due every few milliseconds, while `work` runs. The client is a process of its own. */
async function httpDuring<T>(client: ChildProcess, url: string, work: () => Promise<T>): Promise<{ result: T; p50Ms: number }> {
  client.send({ url, everyMs: HTTP_EVERY_MS })
  const result = await work()
  client.send('stop')
  const [{ latenciesMs, failed }] = (await once(client, 'message')) as [{ latenciesMs: number[]; failed: number }]
  if (failed > 0) throw new Error(`${failed} requests failed`)
  return { result, p50Ms: latenciesMs.sort((a, b) => a - b)[latenciesMs.length >> 1]! }
}

async function pairs(system: RunningSystem): Promise<(ms: number) => Promise<number>> {
  const all = await Promise.all(
    Array.from({ length: PAIRS }, async () => [await system.spawn(Sender), await system.spawn(Receiver)] as const),
  )
  return async (ms) => {
    const counts = await Promise.all(all.map(([sender, receiver]) => sender.ask({ timeoutMs: 60_000 }).ping(receiver, IN_FLIGHT, ms)))
    return counts.reduce((sum, count) => sum + count, 0)
  }
}

async function crowd(server: Server, client: ChildProcess, system: RunningSystem, plan: Plan): Promise<Sample> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const ping = await pairs(system)
  await httpDuring(client, url, () => ping(plan.warmUpMs))
  const idle = await httpDuring(client, url, () => sleep(plan.measureMs))
  const startedMs = performance.now()
  const { result: busy, cpuMicros } = await withCpu(
    () => httpDuring(client, url, () => ping(plan.measureMs)),
    ({ result }) => result,
  )
  const seconds = (performance.now() - startedMs) / 1_000
  return { values: { 'ask.crowd': busy.result / seconds }, cpuMicros, checks: { 'HTTP p50, busy / idle': busy.p50Ms / idle.p50Ms } }
}

function crowdOn(name: string, on: typeof platform): Runner {
  return {
    name,
    async measure(plan) {
      const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = fork(fileURLToPath(new URL('../health-client.mjs', import.meta.url)), [], { execArgv: [] })
      await once(client, 'message')
      const system = await actorSystemOn(on).start({ name: 'bench' })
      try {
        return await crowd(server, client, system, plan)
      } finally {
        await system.stop()
        client.disconnect()
        server.close()
      }
    },
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
