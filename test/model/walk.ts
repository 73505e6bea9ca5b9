import type { Choice } from './choice.ts'
import type { Stage } from './stage.ts'

/**
 * Schedules by chance, without any bound on preemptions: they find most conflicts before a search begins, because each that it
 * finds itself makes it begin anew, and now and then a bug that lies deeper than the search goes.
 */
export function walk(stage: Stage, schedules: number, seed = 1): void {
  let chance = seed
  const next = (below: number): number => {
    chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((chance / 0x1_0000_0000) * below)
  }
  for (let i = 0; i < schedules; i++) {
    const done: Choice[] = []
    stage.attempt(done, () => {
      stage.begin()
      for (let enabled = stage.enabled(); enabled !== 0; enabled = stage.enabled()) {
        const threads = stage.machine.threads.filter((thread) => (enabled & (1 << thread.id)) !== 0)
        const { id } = threads[next(threads.length)]!
        const isKill = done.every(({ what }) => what === 'step') && (stage.victims & (1 << id)) !== 0 && next(40) === 0
        const choice: Choice = { what: isKill ? 'kill' : 'step', thread: id, writes: 0 }
        done.push(choice)
        stage.perform(choice)
      }
      stage.check()
    })
    stage.machine.processor.contention.learn()
  }
}
