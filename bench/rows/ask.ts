// One asker, one actor: latency with nothing else, with work, with a busy core, with pauses, and many at once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Contender, RAW, type Session } from '../contender.ts'
import { Times, timeCalls } from '../drive.mjs'
import { runner, sequential, withCpu } from '../measure.ts'
import { comedy } from '../peers/comedy.ts'
import { comlink } from '../peers/comlink.ts'
import { piscina } from '../peers/piscina.ts'
import { poolifier } from '../peers/poolifier.ts'
import { raw } from '../peers/raw.ts'
import { tinypool } from '../peers/tinypool.ts'
import { troupe } from '../peers/troupe.ts'
import { workerpool } from '../peers/workerpool.ts'
import type { Experiment, Plan, Sample } from '../row.ts'

export const LIBRARIES: readonly Contender[] = [piscina, tinypool, comlink, poolifier, workerpool, comedy]
const EVERYBODY = [troupe, raw, ...LIBRARIES]

const IN_FLIGHT = 256
const PARKED_EVERY_MS = 20
const PARKED_ASKS = 50

const warmAdd = (session: Session, plan: Plan): Promise<unknown> => timeCalls((n) => session.add(n), plan.warmUpMs)

export const askSequential: Experiment = {
  rows: [
    {
      id: 'ask.sequential.p50',
      title: 'one ask after another, host to isolate',
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 15 },
    },
    { id: 'ask.sequential.p99', title: 'the same', unit: 'µs', better: 'lower', target: { against: [RAW], atLeast: 1 } },
  ],
  runners: EVERYBODY.map((contender) =>
    runner(contender, warmAdd, ({ add }, plan) =>
      sequential(add, plan.measureMs, { 'ask.sequential.p50': 'p50Micros', 'ask.sequential.p99': 'p99Micros' }),
    ),
  ),
}

export const askWork50: Experiment = {
  rows: [
    {
      id: 'ask.work50.p50',
      title: 'the same, with 50 µs of work in the method',
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 1.3 },
    },
  ],
  runners: [troupe, raw].map((contender) =>
    runner(
      contender,
      (session, plan) => timeCalls((n) => session.work50(n), plan.warmUpMs),
      ({ work50 }, plan) => sequential(work50, plan.measureMs, { 'ask.work50.p50': 'p50Micros' }),
    ),
  ),
}

/** Another process keeps one core busy. */
async function withHog<T>(work: () => Promise<T>): Promise<T> {
  const hog = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
  try {
    await once(hog, 'spawn')
    return await work()
  } finally {
    hog.kill('SIGKILL')
  }
}

export const askBusy: Experiment = {
  rows: [
    {
      id: 'ask.busy.p50',
      title: 'one after another while another process loads one core',
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 },
    },
  ],
  runners: [troupe, raw].map((contender) =>
    runner(contender, warmAdd, ({ add }, plan) =>
      withHog(async () => {
        await timeCalls(add, plan.warmUpMs)
        return sequential(add, plan.measureMs, { 'ask.busy.p50': 'p50Micros' })
      }),
    ),
  ),
}

async function parked({ add }: Session, plan: Plan): Promise<Sample> {
  const times = new Times()
  const asks = Math.min(PARKED_ASKS, Math.ceil(plan.measureMs / 10))
  for (let n = 0; n < asks; n++) {
    await sleep(PARKED_EVERY_MS)
    const before = performance.now()
    const answer = await add(n)
    times.add(performance.now() - before)
    if (answer !== n + 1) throw new Error('wrong answer')
  }
  return { values: { 'ask.parked.p50': times.summary().p50Micros } }
}

export const askParked: Experiment = {
  rows: [
    {
      id: 'ask.parked.p50',
      title: `one ask every ${PARKED_EVERY_MS} ms`,
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 0.8 },
    },
  ],
  runners: [troupe, raw].map((contender) => runner(contender, warmAdd, parked)),
}

/** Returns how many were answered, each with the right answer. */
async function pipelined({ add }: Session, ms: number): Promise<number> {
  const untilMs = performance.now() + ms
  let asked = 0
  let answered = 0
  const one = async (): Promise<void> => {
    for (; performance.now() < untilMs; answered++) {
      const n = asked++
      if ((await add(n)) !== n + 1) throw new Error('wrong answer')
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, one))
  return answered
}

export const askPipelined: Experiment = {
  rows: [
    {
      id: 'ask.pipelined',
      title: `${IN_FLIGHT} asks in flight`,
      unit: 'asks/s',
      better: 'higher',
      target: { against: LIBRARIES.map(({ name }) => name), atLeast: 8 },
    },
  ],
  runners: EVERYBODY.map((contender) =>
    runner(
      contender,
      (session, plan) => pipelined(session, plan.warmUpMs),
      async (session, plan) => {
        const startedMs = performance.now()
        const { result, cpuMicros } = await withCpu(
          () => pipelined(session, plan.measureMs),
          (answered) => answered,
        )
        return { values: { 'ask.pipelined': result / ((performance.now() - startedMs) / 1_000) }, cpuMicros }
      },
    ),
  ),
}

const PAYLOAD_BYTES = 1_000_000

/** The bytes differ from call to call. The first answer is compared byte by byte, the others by their stamps. */
async function payload({ echo }: Session, ms: number): Promise<Sample> {
  const bytes = new Uint8Array(PAYLOAD_BYTES).map((_, i) => i % 251)
  const times = new Times()
  const run = async (): Promise<number> => {
    let n = 0
    for (; !times.isOver(ms); n++) {
      bytes[0] = bytes[PAYLOAD_BYTES - 1] = n & 0xff
      const before = performance.now()
      const echoed = await echo!(bytes)
      times.add(performance.now() - before)
      if (!isSame(echoed, bytes, n === 0)) throw new Error('the bytes came back changed')
    }
    return n
  }
  const { cpuMicros } = await withCpu(run, (calls) => calls)
  return { values: { 'payload.1mb': times.summary().p50Micros }, cpuMicros }
}

function isSame(echoed: Uint8Array, bytes: Uint8Array, isThorough: boolean): boolean {
  if (echoed === bytes || echoed.length !== bytes.length) return false
  if (isThorough) return Buffer.compare(echoed, bytes) === 0
  return echoed[0] === bytes[0] && echoed.at(-1) === bytes[0] && echoed[PAYLOAD_BYTES >> 1] === bytes[PAYLOAD_BYTES >> 1]
}

export const payload1mb: Experiment = {
  rows: [
    {
      id: 'payload.1mb',
      title: 'an ask with 1 MB, echoed',
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 1 },
    },
  ],
  runners: EVERYBODY.filter(({ name }) => name !== comedy.name).map((contender) =>
    runner(
      contender,
      (session, plan) => payload(session, plan.warmUpMs),
      (session, plan) => payload(session, plan.measureMs),
    ),
  ),
}
