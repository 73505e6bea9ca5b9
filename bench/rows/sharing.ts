// Frozen tables against Maps and copies; moved buffers against postMessage with a transfer list.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { deserialize, serialize } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { ActorSystem, freeze, move } from '@troupe/runtime'
import { Holder, type Table, tableOf } from '../actors/holder.ts'
import { sampleInChild } from '../child.ts'
import { RAW, TROUPE } from '../contender.ts'
import { Times } from '../drive.mjs'
import { touch } from '../methods.mjs'
import type { Experiment, Plan, Runner, Sample } from '../row.ts'
import { pssBytes, ROLLUP } from './memory.ts'

const ROWS = 100_000
const LOOKUPS = 1_000_000
const MAP = 'a plain Map'
const COPY = 'decode and copy'

function keysToRead(): string[] {
  return Array.from({ length: LOOKUPS }, (_, i) => `key-${(i * 7_919) % ROWS}`)
}

interface Readable {
  get(key: string): { readonly price: number } | undefined
}

function read(table: Readable, keys: readonly string[]): number {
  let sum = 0
  for (const key of keys) sum += table.get(key)!.price
  return sum
}

/** `open`: what a receiver has to do first, each time. */
function reader(name: string, prepare: () => () => Readable): Runner {
  return {
    name,
    async measure(plan) {
      const open = prepare()
      const keys = keysToRead()
      const expected = read(tableOf(ROWS), keys)
      const times = new Times()
      const untilMs = performance.now() + plan.warmUpMs
      do read(open(), keys)
      while (performance.now() < untilMs)
      while (times.summary().calls < 3 || !times.isOver(plan.measureMs)) {
        const before = performance.now()
        const sum = read(open(), keys)
        times.add(performance.now() - before)
        if (sum !== expected) throw new Error('wrong answer')
        await sleep(0)
      }
      return { values: { 'freeze.read': times.summary().p50Micros / 1_000 } }
    },
  }
}

export const freezeRead: Experiment = {
  rows: [
    {
      id: 'freeze.read',
      title: '10⁶ look-ups in a frozen table of 100,000 rows, a field of each',
      unit: 'ms',
      better: 'lower',
      target: { against: [MAP], atLeast: 1 / 5 },
    },
  ],
  runners: [
    reader(TROUPE, () => {
      const table = freeze(tableOf(ROWS))
      return () => table
    }),
    reader(MAP, () => {
      const table = tableOf(ROWS)
      return () => table
    }),
    reader(COPY, () => {
      // As a port does it.
      const bytes = serialize(tableOf(ROWS))
      return () => deserialize(bytes) as Readable
    }),
  ],
}

const ACTORS = 8
const TABLE_ROWS = 850_000
const PAD = 'x'.repeat(100)
const SETTLE_MS = 1_500
const BLOCKED_MS = 30_000

/** While it waits in a mailbox. */
async function bytesOf(system: ActorSystem, table: Table): Promise<number> {
  const busy = await system.spawn(Holder, { restart: 'temporary' })
  busy.tell.sleep(1_000)
  busy.tell.hold(table)
  const { bytes } = await system.inTransit()
  await system.kill(busy)
  return bytes
}

/** In tables of 200 MB: the table, and how much more memory there is when all hold it and have read it. */
const memoryWithTable: Runner = {
  name: TROUPE,
  async measure() {
    const system = await ActorSystem.start({ name: 'bench', spares: 0 })
    const holders = await Promise.all(Array.from({ length: ACTORS }, () => system.spawn(Holder)))
    // A small one first: code and heaps have grown then.
    const small = freeze(tableOf(20_000, PAD)) as never
    for (const holder of holders) for (let i = 0; i < 20; i++) await holder.ask({ timeoutMs: 60_000 }).hold(small)
    // Who makes it has a heap of 800 MB then, and V8 keeps that for a while even when its thread has ended. So it stands still, in
    // both figures: a blocked thread gives no page back, and takes none.
    const maker = await system.spawn(Holder, { restart: 'temporary' })
    const table = await maker.ask({ timeoutMs: 60_000 }).make(TABLE_ROWS, PAD)
    maker.tell.block(BLOCKED_MS)
    const one = await bytesOf(system, table)
    await sleep(SETTLE_MS)
    const before = pssBytes()
    const sums = await Promise.all(holders.map((holder) => holder.ask({ timeoutMs: 60_000 }).hold(table)))
    if (new Set(sums).size !== 1) throw new Error('they read different tables')
    await sleep(SETTLE_MS)
    const all = one + pssBytes() - before
    await system.kill(maker)
    await system.stop()
    return { values: { 'freeze.memory': all / one }, checks: { 'one table, MB': one / 1024 / 1024 } }
  },
}

/** Measured by the child process only. */
export const freezeMemoryHere: Experiment = {
  rows: [{ id: 'freeze.memory.here', title: '', unit: '', better: 'lower', target: { atMost: 0 } }],
  runners: [memoryWithTable],
}

export const freezeMemory: Experiment = {
  rows: [
    {
      id: 'freeze.memory',
      title: `memory of a table that ${ACTORS} actors hold and have read`,
      unit: 'tables',
      better: 'lower',
      target: { atMost: 1.3 },
      checks: [{ name: 'one table, MB', atLeast: 150 }],
    },
  ],
  runners: [{ name: TROUPE, measure: (plan) => sampleInChild(['freeze.memory.here', TROUPE], plan) }],
  roundsMax: 1,
  ...(existsSync(ROLLUP) ? {} : { skipped: `there is no ${ROLLUP} here` }),
}

const BUFFER_BYTES = 100 * 1024 * 1024

type Pass = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>

/**
 * There and back: the buffer is the same all the time, and both sides look at every page. No byte is copied, or the call itself would
 * take 10 ms and more. Nearly all of the time is V8's: whoever receives more than 64 MB collects its heap (4 to 10 ms), on either side, and for
 * a raw worker as well. It spares every second one when a round trip is shorter than a collection; so what is measured has two levels.
 */
async function moved(pass: Pass, plan: Plan): Promise<Sample> {
  const handing = new Times()
  const there = async (bytes: Uint8Array, ms: number): Promise<{ bytes: Uint8Array; micros: number }> => {
    const times = new Times()
    let own = bytes
    while (!times.isOver(ms)) {
      const before = performance.now()
      const returned = pass(own as Uint8Array<ArrayBuffer>)
      handing.add(performance.now() - before)
      own = await returned
      touch(own)
      times.add(performance.now() - before)
    }
    return { bytes: own, micros: times.summary().p50Micros }
  }
  const warm = await there(new Uint8Array(BUFFER_BYTES).fill(1), plan.warmUpMs)
  const { bytes, micros } = await there(warm.bytes, plan.measureMs)
  if (bytes.length !== BUFFER_BYTES || bytes[BUFFER_BYTES - 1] !== 1) throw new Error('the bytes came back changed')
  return { values: { 'move.100mb': micros / 1_000 }, checks: { 'the call itself, µs': handing.summary().p50Micros } }
}

export const move100mb: Experiment = {
  rows: [
    {
      id: 'move.100mb',
      title: '100 MB moved there and back, each side looks at every page',
      unit: 'ms',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 / 1.2 },
      checks: [{ name: 'the call itself, µs', atMost: 2_000 }],
    },
  ],
  runners: [
    {
      name: TROUPE,
      async measure(plan) {
        const system = await ActorSystem.start({ name: 'bench' })
        const holder = await system.spawn(Holder)
        try {
          return await moved((bytes) => holder.ask.touch(move(bytes)), plan)
        } finally {
          await system.stop()
        }
      },
    },
    {
      name: RAW,
      async measure(plan) {
        const worker = new Worker(new URL('../workers/mover.mjs', import.meta.url), { execArgv: [] })
        try {
          return await moved(async (bytes) => {
            worker.postMessage(bytes, [bytes.buffer])
            const [back] = (await once(worker, 'message')) as [Uint8Array]
            return back
          }, plan)
        } finally {
          await worker.terminate()
        }
      },
    },
  ],
}
