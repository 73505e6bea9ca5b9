import { compiled } from './compile.ts'
import { namesIn } from './load.ts'
import type { Explored } from './search.ts'

/** The files of scenarios, each compiled into a bundle of its own. */
export const files = ['lanes', 'kills', 'parking', 'closing', 'counters', 'waits', 'large', 'claims', 'calls'] as const
export type ScenarioFile = (typeof files)[number]

export interface Found {
  readonly file: ScenarioFile
  readonly name: string
  readonly code: string
}

/** All scenarios over the code as it is. */
export async function allScenarios(): Promise<Found[]> {
  const codes = await Promise.all(files.map(async (file) => ({ file, code: await compiled(`./${file}.ts`) })))
  return codes.flatMap(({ file, code }) => namesIn(code).map((name) => ({ file, name, code })))
}

/** How much of a scenario was searched. */
export function scopeOf({ bound, isComplete, states }: Explored): string {
  if (!isComplete) return `NOT complete: ends at ${states} states`
  return bound === undefined ? 'complete' : `complete up to ${bound} preemption${bound === 1 ? '' : 's'}`
}
