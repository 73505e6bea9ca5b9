import type { Contender, Session } from './contender.ts'
import { type CallTimes, timeCalls } from './drive.mjs'
import type { Plan, Runner, Sample } from './row.ts'

/** Measures one phase of each of a contender's rounds: open, warm up, measure, close. */
export function runner(
  contender: Contender,
  warmUp: (session: Session, plan: Plan) => Promise<unknown>,
  measure: (session: Session, plan: Plan) => Promise<Sample>,
): Runner {
  return {
    name: contender.name,
    async measure(plan) {
      const session = await contender.open()
      try {
        await warmUp(session, plan)
        return await measure(session, plan)
      } finally {
        await session.close()
      }
    },
  }
}

/** Processor time of this process, all threads, per operation. */
export async function withCpu<T>(work: () => Promise<T>, operations: (result: T) => number): Promise<{ result: T; cpuMicros: number }> {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, cpuMicros: (user + system) / operations(result) }
}

/** One call after another. `rows`: which row takes which part of the result. */
export async function sequential(
  call: (n: number) => Promise<number>,
  ms: number,
  rows: Readonly<Record<string, Exclude<keyof CallTimes, 'calls'>>>,
): Promise<Sample> {
  const { result, cpuMicros } = await withCpu(
    () => timeCalls(call, ms),
    ({ calls }) => calls,
  )
  return { values: Object.fromEntries(Object.entries(rows).map(([id, part]) => [id, result[part]])), cpuMicros }
}
