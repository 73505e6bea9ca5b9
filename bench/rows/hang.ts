// How long a hang lasts: from the call whose handler never comes back until its caller knows, beyond the time that it was given.
import { ActorSystem } from '@troupe/runtime'
import { Stuck } from '../actors/stuck.ts'
import { TROUPE } from '../contender.ts'
import type { Experiment, Plan, Runner } from '../row.ts'

const HANG_AFTER_MS = 300
const HANGS_MIN = 5

const troupeHangs: Runner = {
  name: TROUPE,
  async measure({ measureMs }: Plan) {
    const system = await ActorSystem.start({ name: 'bench' })
    const over: number[] = []
    const startedMs = performance.now()
    for (let i = 0; over.length < HANGS_MIN || performance.now() - startedMs < measureMs; i++) {
      const actor = await system.spawn(Stuck, { hangAfterMs: HANG_AFTER_MS, restart: 'temporary' })
      // The looks from outside have a rhythm: it must not be that of these calls.
      await new Promise((resolve) => setTimeout(resolve, (i * 37) % 100))
      const beganMs = performance.now()
      const error = await actor
        .ask({ timeoutMs: 60_000 })
        .spin()
        .catch((thrown: unknown) => thrown)
      over.push(performance.now() - beganMs - HANG_AFTER_MS)
      if ((error as { reason?: { kind: string } }).reason?.kind !== 'hung') throw new Error(`it was no hang: ${String(error)}`)
    }
    await system.stop()
    over.sort((a, b) => a - b)
    return { values: { 'hang.verdict': over[over.length >> 1]! }, checks: { worst: over.at(-1)! } }
  },
}

export const hangVerdict: Experiment = {
  rows: [
    {
      id: 'hang.verdict',
      title: `a call that never comes back, until its caller knows, beyond hangAfterMs (${HANG_AFTER_MS})`,
      unit: 'ms',
      better: 'lower',
      target: { atMost: 100 },
      checks: [{ name: 'worst', atMost: 100 }],
    },
  ],
  runners: [troupeHangs],
  roundsMax: 3,
}
