// A stream of items, from the isolate to the host.
import type { Session } from '../contender.ts'
import { runner, withCpu } from '../measure.ts'
import { comlink } from '../peers/comlink.ts'
import { troupe } from '../peers/troupe.ts'
import type { Experiment } from '../row.ts'

const ITEMS = 1_000_000

/** Reads for so long, and returns how many items came, each in its place. */
async function read({ count }: Session, ms: number): Promise<number> {
  const untilMs = performance.now() + ms
  let items = 0
  for await (const n of count!(ITEMS)) {
    if (n !== ++items) throw new Error('an item is not in its place')
    // The clock would be most of the work.
    if (items % 64 === 0 && performance.now() >= untilMs) break
  }
  return items
}

export const streamItems: Experiment = {
  rows: [
    {
      id: 'stream.items',
      title: 'items of an async generator, isolate to host',
      unit: 'items/s',
      better: 'higher',
      target: { against: [comlink.name], atLeast: 5 },
    },
  ],
  runners: [troupe, comlink].map((contender) =>
    runner(
      contender,
      (session, plan) => read(session, plan.warmUpMs),
      async (session, plan) => {
        const startedMs = performance.now()
        const { result, cpuMicros } = await withCpu(
          () => read(session, plan.measureMs),
          (items) => items,
        )
        return { values: { 'stream.items': result / ((performance.now() - startedMs) / 1_000) }, cpuMicros }
      },
    ),
  ),
}
