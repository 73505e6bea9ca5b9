// D6: where supervision runs. The same control side on a thread of its own, and on the host's thread, in one process.
import { availableParallelism, cpus } from 'node:os'
import { ModuleLoader } from '../packages/runtime/src/bundler/module-loader.ts'
import { nodeClock } from '../packages/runtime/src/node/clock.ts'
import { nodePlatform } from '../packages/runtime/src/node/platform.ts'
import { RuntimeCode } from '../packages/runtime/src/node/runtime-code.ts'
import { workerIsolates } from '../packages/runtime/src/node/worker-isolate.ts'
import type { RunningSystem } from '../packages/runtime/src/system/actor-system.ts'
import { Control } from '../packages/runtime/src/system/control.ts'
import type { ControlBoot } from '../packages/runtime/src/system/control-boot.ts'
import type { ControlEvents, Platform } from '../packages/runtime/src/system/platform.ts'
import { actorSystemOn } from '../packages/runtime/src/system/start-on.ts'
import { Crasher } from './actors/crasher.ts'

const dist = (file: string): URL => new URL(`../packages/runtime/dist/${file}`, import.meta.url)
const onThread = nodePlatform(dist('control-entry.js'))

const onHost: Platform = {
  ...onThread,
  startControl(boot: ControlBoot, events: ControlEvents) {
    const loader = new ModuleLoader(dist('isolate-api.js').href)
    const control = new Control(boot, {
      clock: nodeClock(),
      makeIsolate: workerIsolates(dist('isolate-entry.cjs'), new RuntimeCode(dist('isolate-runtime.cjs')), [], boot),
      prepareModule: (module) => loader.prepare(module),
      post: (task) => void setImmediate(task),
      random: Math.random,
      killProcess: () => undefined,
      toHost: (message) => queueMicrotask(() => events.onMessage(message)),
    })
    return {
      post: (message) => {
        if (message.type === 'call') control.onHostCall(message.id, message.request)
      },
      openLine: () => {
        throw new Error('only bytes are sent here')
      },
      end: async () => undefined,
    }
  },
}

const BLOCKED_MS = 2_000
const ROUNDS = 9
const sleeper = new Int32Array(new SharedArrayBuffer(4))

const rows = []
for (const [where, platform] of [
  ['control thread', onThread],
  ['host', onHost],
] as const) {
  const rssBefore = process.memoryUsage().rss
  const startMs: number[] = []
  for (let i = 0; i < 5; i++) {
    const before = performance.now()
    const system = await actorSystemOn(
      () => undefined,
      async () => platform,
    ).start({ name: 'empty' })
    startMs.push(performance.now() - before)
    await system.stop()
  }
  const system = await actorSystemOn(
    () => undefined,
    async () => platform,
  ).start({ name: 'bench', limits: { actorsMax: 64 } })
  const rssMb = (process.memoryUsage().rss - rssBefore) / 2 ** 20
  const quiet = await restarts(system, () => undefined)
  const blocked = await restarts(system, () => Atomics.wait(sleeper, 0, 0, BLOCKED_MS))
  const busy = await restarts(system, () => spinMs(150))
  await system.stop()
  rows.push({
    'supervision on': where,
    'system start ms': median(startMs),
    'RSS MB': Math.round(rssMb),
    'restart ms, main free': median(quiet),
    'restart ms, main blocked 2 s': median(blocked),
    'restart ms, main busy 150 ms': median(busy),
  })
}
console.table(rows)
console.log(
  JSON.stringify({ machine: `${cpus()[0]?.model.trim()} × ${availableParallelism()}`, node: process.version, rounds: ROUNDS, rows }),
)
process.exit(0)

/** From the planned crash of an incarnation to the birth of the next, by the actors' own clock. */
async function restarts(system: RunningSystem, occupyMain: () => void): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const actor = await system.spawn(Crasher)
    const crashMs = await actor.ask.crashIn(50)
    occupyMain()
    let bornMs = 0
    while ((bornMs = await actor.ask({ timeoutMs: 10_000 }).bornMs()) < crashMs) await new Promise((resolve) => setTimeout(resolve, 10))
    times.push(bornMs - crashMs)
    await system.stopActor(actor)
  }
  return times
}

function spinMs(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[values.length >> 1]! * 10) / 10
}
