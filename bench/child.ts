import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Plan, Sample } from './row.ts'

const RUN = fileURLToPath(new URL('../scripts/run.mjs', import.meta.url))
const MAIN = fileURLToPath(new URL('run.ts', import.meta.url))
const CHILD_TIMEOUT_MS = 120_000

export function isPinningPossible(): boolean {
  return process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0
}

/** One sample, measured in a process of its own: nothing else runs in it, and it can be pinned to one CPU. */
export async function sampleInChild([row, name]: readonly [string, string], plan: Plan, { isPinned = false } = {}): Promise<Sample> {
  const node = [process.execPath, RUN, MAIN, '--sample', row, name, JSON.stringify(plan)]
  const [command, ...args] = isPinned ? ['taskset', '-c', '0', ...node] : node
  const { stdout } = await promisify(execFile)(command!, args, { timeout: CHILD_TIMEOUT_MS })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Sample
}
