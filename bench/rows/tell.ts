// One way: five-field objects, counted when they were handled. And askSync, which needs the same pair of threads.
import { ActorSystem } from '@troupe/runtime'
import { type Handled, Receiver, Sender } from '../actors/traffic.ts'
import { isPinningPossible, sampleInChild } from '../child.ts'
import { RAW, TROUPE } from '../contender.ts'
import { type CallTimes, type Driven, drive, type Reading } from '../drive.mjs'
import { withCpu } from '../measure.ts'
import { RawPair, RawReceiver } from '../peers/raw-traffic.ts'
import type { Experiment, Plan, RowSpec, Runner, Sample } from '../row.ts'

const MAIN_FREE = 'Troupe, main free'
const ONE_SENDER = 'Troupe, one sender'
const SENDERS = 8

/** What was sent must have been handled, each once. */
function verify(driven: readonly Driven[], handled: Handled): void {
  const sent = driven.reduce((count, one) => count + one.sent, 0)
  const sum = driven.reduce((total, one) => total + one.sum, 0)
  if (handled.count !== sent || handled.sum !== sum) throw new Error(`${sent} messages were sent, and ${handled.count} handled`)
}

/** Runs `work` with a system of its own. The first call of `drive` is the warm-up, so what was handled is counted together. */
async function withSystem<T>(work: (system: ActorSystem) => Promise<T>): Promise<T> {
  const system = await ActorSystem.start({ name: 'bench' })
  try {
    return await work(system)
  } finally {
    await system.stop()
  }
}

function rateOf({ sent, elapsedMs }: Driven): number {
  return sent / (elapsedMs / 1_000)
}

async function sampleOf(id: string, run: () => Promise<Driven>): Promise<{ driven: Driven; sample: Sample }> {
  const { result: driven, cpuMicros } = await withCpu(run, ({ sent }) => sent)
  return { driven, sample: { values: { [id]: rateOf(driven) }, cpuMicros } }
}

async function verified(id: string, plan: Plan, run: (ms: number) => Promise<Driven>, state: () => Promise<Handled>): Promise<Sample> {
  const warmUp = await run(plan.warmUpMs)
  const { driven, sample } = await sampleOf(id, () => run(plan.measureMs))
  verify([warmUp, driven], await state())
  return sample
}

const hostToIsolate: Runner = {
  name: TROUPE,
  measure: (plan) =>
    withSystem(async (system) => {
      const receiver = await system.spawn(Receiver)
      const send = (reading: Reading): void => {
        if (!receiver.tell.reading(reading)) throw new Error('a tell was refused')
      }
      const state = (): Promise<Handled> => receiver.ask.state()
      return verified('tell.host', plan, (ms) => drive(send, state, ms), state)
    }),
}

const rawHostToWorker: Runner = {
  name: RAW,
  async measure(plan) {
    const receiver = new RawReceiver()
    const state = (): Promise<Handled> => receiver.state()
    try {
      return await verified('tell.host', plan, (ms) => drive((reading) => receiver.send(reading), state, ms), state)
    } finally {
      await receiver.close()
    }
  },
}

const isolateToIsolate = (name: string, id: string): Runner => ({
  name,
  measure: (plan) =>
    withSystem(async (system) => {
      const receiver = await system.spawn(Receiver)
      const sender = await system.spawn(Sender)
      const run = (ms: number): Promise<Driven> => sender.ask({ timeoutMs: 60_000 }).drive(receiver, ms)
      return verified(id, plan, run, () => receiver.ask.state())
    }),
})

const rawWorkerToWorker = (id: string): Runner => ({
  name: RAW,
  async measure(plan) {
    const pair = new RawPair()
    try {
      const warmUp = await pair.order<Driven>('drive', plan.warmUpMs)
      const { result, cpuMicros } = await withCpu(
        () => pair.order<Driven>('drive', plan.measureMs),
        ({ done }) => done.sent,
      )
      verify([warmUp.done, result.done], result.state)
      return { values: { [id]: rateOf(result.done) }, cpuMicros }
    } finally {
      await pair.close()
    }
  },
})

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** The main thread sleeps from before the first message until after the last. */
const mainBlocked: Runner = {
  name: TROUPE,
  measure: (plan) =>
    withSystem(async (system) => {
      const receiver = await system.spawn(Receiver)
      const sender = await system.spawn(Sender)
      const run = (ms: number): Promise<Driven> => sender.ask({ timeoutMs: 60_000 }).drive(receiver, ms)
      const blocked = (ms: number): Promise<Driven> => {
        const driven = run(ms)
        Atomics.wait(sleeper, 0, 0, ms + 100)
        return driven
      }
      const warmUp = await run(plan.warmUpMs)
      const driven = await blocked(plan.measureMs)
      verify([warmUp, driven], await receiver.ask.state())
      return { values: { 'tell.mainblocked': rateOf(driven) } }
    }),
}

/** All senders at once. How evenly they got on is seen in what each has sent, since each waits for its own answers. */
const fanIn = (name: string, senders: number): Runner => ({
  name,
  measure: (plan) =>
    withSystem(async (system) => {
      const receiver = await system.spawn(Receiver)
      const all = await Promise.all(Array.from({ length: senders }, () => system.spawn(Sender)))
      const run = (ms: number): Promise<Driven[]> => Promise.all(all.map((sender) => sender.ask({ timeoutMs: 60_000 }).drive(receiver, ms)))
      const warmUp = await run(plan.warmUpMs)
      const { result, cpuMicros } = await withCpu(
        () => run(plan.measureMs),
        (driven) => driven.reduce((sum, { sent }) => sum + sent, 0),
      )
      verify([...warmUp, ...result], await receiver.ask.state())
      const sent = result.map((one) => one.sent)
      const total = sent.reduce((sum, count) => sum + count, 0)
      const elapsedMs = Math.max(...result.map((one) => one.elapsedMs))
      return {
        values: { 'fanin.8': total / (elapsedMs / 1_000) },
        cpuMicros,
        checks: { 'least share': (Math.min(...sent) * senders) / total },
      }
    }),
})

const fromSyncCode: Runner = {
  name: TROUPE,
  measure: (plan) =>
    withSystem(async (system) => {
      const receiver = await system.spawn(Receiver)
      const sender = await system.spawn(Sender)
      const run = (ms: number): Promise<CallTimes> => sender.ask({ timeoutMs: 60_000 }).askSync(receiver, ms)
      await run(plan.warmUpMs)
      const { result, cpuMicros } = await withCpu(
        () => run(plan.measureMs),
        ({ calls }) => calls,
      )
      return { values: { 'asksync.p50': result.p50Micros }, cpuMicros }
    }),
}

const rawRoundTrip: Runner = {
  name: RAW,
  async measure(plan) {
    const pair = new RawPair()
    try {
      await pair.order('ask', plan.warmUpMs)
      const { result, cpuMicros } = await withCpu(
        () => pair.order<CallTimes>('ask', plan.measureMs),
        ({ done }) => done.calls,
      )
      return { values: { 'asksync.p50': result.done.p50Micros }, cpuMicros }
    } finally {
      await pair.close()
    }
  },
}

function tellRow(id: string, title: string, against: string, atLeast: number): RowSpec {
  return { id, title, unit: 'messages/s', better: 'higher', target: { against: [against], atLeast } }
}

export const askSync: Experiment = {
  rows: [
    {
      id: 'asksync.p50',
      title: 'a blocking ask from synchronous code of an isolate; raw: a round trip between two workers',
      unit: 'µs',
      better: 'lower',
      target: { against: [RAW], atLeast: 15 },
    },
  ],
  runners: [fromSyncCode, rawRoundTrip],
}

export const tellHost: Experiment = {
  rows: [tellRow('tell.host', 'host to isolate, an object of five fields', RAW, 5)],
  runners: [hostToIsolate, rawHostToWorker],
}

export const tellIsolate: Experiment = {
  rows: [tellRow('tell.isolate', 'isolate to isolate', RAW, 5)],
  runners: [isolateToIsolate(TROUPE, 'tell.isolate'), rawWorkerToWorker('tell.isolate')],
}

export const tellMainBlocked: Experiment = {
  rows: [tellRow('tell.mainblocked', 'the same while the main thread sits in Atomics.wait', MAIN_FREE, 0.95)],
  runners: [mainBlocked, isolateToIsolate(MAIN_FREE, 'tell.mainblocked')],
}

/** Both ends, and those who compile for them, share one processor: it takes them twice as long to be warm. */
function longer(plan: Plan): Plan {
  return { ...plan, warmUpMs: plan.warmUpMs * 2 }
}

export const tellOneCore: Experiment = {
  rows: [tellRow('tell.onecore', 'isolate to isolate, the process pinned to one CPU', RAW, 2)],
  runners: [TROUPE, RAW].map((name) => ({
    name,
    async measure(plan) {
      const { values, cpuMicros } = await sampleInChild(['tell.isolate', name], longer(plan), { isPinned: true })
      return { values: { 'tell.onecore': values['tell.isolate']! }, ...(cpuMicros === undefined ? {} : { cpuMicros }) }
    },
  })),
  ...(isPinningPossible() ? {} : { skipped: 'there is no taskset here to pin a process to one CPU' }),
}

export const fanIn8: Experiment = {
  rows: [
    {
      ...tellRow('fanin.8', `${SENDERS} senders, one receiver: the total`, ONE_SENDER, 0.8),
      checks: [{ name: 'least share', atLeast: 0.5 }],
    },
  ],
  runners: [fanIn(TROUPE, SENDERS), fanIn(ONE_SENDER, 1)],
}
