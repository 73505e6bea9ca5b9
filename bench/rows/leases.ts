// What a lease costs where nobody else wants one.
import { LeasePool } from '@troupe/actors'
import { ActorSystem } from '@troupe/runtime'
import { Lessee } from '../actors/lessee.ts'
import { TROUPE } from '../contender.ts'
import type { Experiment, Runner } from '../row.ts'

const AN_ASK = 'an ask of the pool'

function runner(name: string, method: 'borrow' | 'ask'): Runner {
  return {
    name,
    async measure({ warmUpMs, measureMs }) {
      const system = await ActorSystem.start({ name: 'bench' })
      try {
        const pool = await system.spawn(LeasePool, { args: [{ size: 4 }] })
        const lessee = await system.spawn(Lessee, { args: [pool] })
        const { [method]: measured } = lessee.ask({ timeoutMs: 60_000 })
        await measured(warmUpMs)
        return { values: { 'lease.borrow': await measured(measureMs) } }
      } finally {
        await system.stop()
      }
    },
  }
}

export const leaseBorrow: Experiment = {
  rows: [
    {
      id: 'lease.borrow',
      title: 'borrow and give back, isolate to isolate, p50',
      unit: 'µs',
      better: 'lower',
      target: { against: [AN_ASK], atLeast: 1 / 1.5 },
    },
  ],
  runners: [runner(TROUPE, 'borrow'), runner(AN_ASK, 'ask')],
}
