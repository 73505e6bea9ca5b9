import type { Plan } from './row.ts'

export interface BenchOptions {
  /** Rows by id, or by what their ids begin with (`ask`); none: all. */
  readonly rows: readonly string[]
  readonly jsonFile: string | undefined
  readonly plan: Plan
  readonly planName: PlanName
}

/**
 * The warm-up is long because it takes V8 a second or two to compile both ends of a way through shared memory. `quick` ends
 * within five minutes on a machine that does nothing else. `smoke` shows that everything runs; its figures mean nothing.
 */
export const PLANS = {
  full: { rounds: 5, budgetMs: Number.POSITIVE_INFINITY, warmUpMs: 2_000, measureMs: 1_000, settleMs: 12_000, idleMs: 10_000 },
  quick: { rounds: 3, budgetMs: 210_000, warmUpMs: 1_000, measureMs: 400, settleMs: 12_000, idleMs: 10_000 },
  smoke: { rounds: 1, budgetMs: Number.POSITIVE_INFINITY, warmUpMs: 20, measureMs: 50, settleMs: 100, idleMs: 200 },
} as const satisfies Record<string, Plan>

export type PlanName = keyof typeof PLANS

/** `[row …] [--quick] [--json FILE]`. Throws with a text for people. */
export function parseCommandLine(args: readonly string[], isSmoke = false): BenchOptions {
  const rows: string[] = []
  let jsonFile: string | undefined
  let planName: PlanName = 'full'
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--quick') planName = 'quick'
    else if (arg === '--json') {
      jsonFile = rest.shift()
      if (jsonFile === undefined || jsonFile.startsWith('-')) throw new Error('--json needs a file')
    } else if (arg.startsWith('-')) throw new Error(`unknown option ${arg}. Usage: npm run bench -- [row …] [--quick] [--json FILE]`)
    else rows.push(arg)
  }
  if (isSmoke) planName = 'smoke'
  return { rows, jsonFile, plan: PLANS[planName], planName }
}

/** The ids that are meant. Throws when a name means none. */
export function chosenRows(ids: readonly string[], wanted: readonly string[]): ReadonlySet<string> {
  if (wanted.length === 0) return new Set(ids)
  const chosen = new Set<string>()
  for (const name of wanted) {
    const found = ids.filter((id) => id === name || id.startsWith(`${name}.`))
    if (found.length === 0) throw new Error(`there is no row "${name}". Rows: ${ids.join(', ')}`)
    for (const id of found) chosen.add(id)
  }
  return chosen
}
