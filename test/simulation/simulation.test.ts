import { expect, test } from 'vitest'
import type { Mutant } from '../supervisor/mutants.ts'
import { loadControlSide } from './control-side.ts'
import { simulate } from './simulation.ts'

/** On the Nodes beside the first, `npm run check` tells fewer stories: nothing in them is different there. */
const isShort = process.env['TROUPE_SEEDS'] !== undefined
const SEEDS = Number(process.env['TROUPE_SEEDS'] ?? 2_000)
/** A planted bug that needs more stories than this to be seen would not be seen in CI. */
const SEEDS_FOR_A_BUG = 600

/** Bugs that a control side could really have: `file` is seen from the supervisor layer. */
const PLANTED: readonly Mutant[] = [
  {
    bug: 'the retry of a group begins at its first child instead of the one that failed',
    file: 'decision.ts',
    from: 'restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, child, out)',
    to: 'restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, s.children.at(-1) ?? child, out)',
  },
  {
    bug: 'a retry of one-for-all goes on where it failed, without stopping what was restarted',
    file: 'group.ts',
    from: "'one-for-all': () => 0",
    to: "'one-for-all': (index) => index",
  },
  {
    bug: 'what a restart had still to start is started although the supervisor ends',
    file: 'plan.ts',
    from: "plan: { for: 'end', reason, how, steps } }",
    to: "plan: { for: 'end', reason, how, steps: [...steps, ...(s.plan?.steps ?? []).filter((step) => step.act === 'start' && known(s, step.name).spec.restart === 'permanent')] } }",
  },
  {
    bug: 'a child that dies while its supervisor stops is restarted',
    file: 'plan.ts',
    from: 'inbox: [], plan: { for',
    to: "inbox: [], phase: 'up', plan: { for",
  },
  {
    bug: 'a temporary child is revived after a crash',
    file: 'restart-rules.ts',
    from: "return restart === 'transient' && !isCleanExit(reason)",
    to: 'return !isCleanExit(reason)',
  },
  {
    bug: 'a transient child is restarted after a clean end',
    file: 'restart-rules.ts',
    from: "return restart === 'transient' && !isCleanExit(reason)",
    to: "return restart === 'transient'",
  },
  {
    bug: 'a fixed window instead of a sliding one',
    file: 'restart-rules.ts',
    from: '...restartsAtMs.filter((atMs) => atMs >= nowMs - withinMs)',
    to: '...(nowMs - (restartsAtMs[0] ?? nowMs) > withinMs ? [] : restartsAtMs)',
  },
  {
    bug: 'the supervisor gives up one restart too late',
    file: 'restart-rules.ts',
    from: 'return restartsAtMs.length > intensity.restarts',
    to: 'return restartsAtMs.length > intensity.restarts + 1',
  },
  {
    bug: 'a failed start does not count',
    file: 'decision.ts',
    from: 'return restart({ ...s, restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, child, out)',
    to: 'return restart(s, child, out)',
  },
  {
    bug: 'a restart that had to wait counts twice',
    file: 'decision.ts',
    from: 'if (child.failures.isCounted) return restart(s, child, out)',
    to: '',
  },
  {
    bug: 'children are stopped in the order of their start',
    file: 'plan.ts',
    from: 's.children.filter((child) => child !== busy).reverse()',
    to: 's.children.filter((child) => child !== busy)',
  },
  {
    bug: 'rest-for-one leaves alone who depends on the failed one',
    file: 'group.ts',
    from: "'rest-for-one': (index) => index",
    to: "'rest-for-one': () => Number.POSITIVE_INFINITY",
  },
  {
    bug: 'the next child is started before the former is ready',
    file: 'plan.ts',
    from: "return known(s, step.name).phase === (step.act === 'stop' ? 'stopped' : 'running')",
    to: "return step.act === 'start' || known(s, step.name).phase === 'stopped'",
  },
  {
    bug: 'who waits for a restart that will never be is promised it still',
    file: 'group.ts',
    from: 'return orphans.reduce(',
    to: 'return ([] as StaticChild[]).reduce(',
  },
  {
    bug: 'the limit of one child is used up by the others',
    file: 'dynamic-decision.ts',
    from: "const counter = s.spec.per === 'child' ? child : s",
    to: 'const counter = s',
  },
  {
    bug: 'a request to a supervisor that ends is never answered',
    file: 'decision.ts',
    from: 'if (over && isRequest(event)) out',
    to: 'if (over && isRequest(event) && s.children.length === 0) out',
  },
  {
    bug: 'the successor is started while the thread of the killed one still runs',
    file: '../system/actor-life.ts',
    from: '    current.isolate.kill()\n',
    to: '    current.isolate.kill()\n    current.ended.resolve(reason)\n',
  },
  {
    bug: 'the children of an actor outlive it',
    file: '../system/supervision.ts',
    from: 'const ended = await children.stop()',
    to: 'const ended = reason',
  },
]

test('G10: simulation: a seed tells the same story again', async () => {
  const side = await loadControlSide()
  for (const seed of [1, 77, 1_234]) expect(await simulate(seed, side)).toBe(await simulate(seed, side))
})

test(`G10: simulation: ${SEEDS} stories of a whole control side, and nothing is broken`, { timeout: 240_000 }, async () => {
  const side = await loadControlSide()
  const broken: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++)
    await simulate(seed, side).catch((error: Error) => broken.push(`seed ${seed}: ${error.message}`))
  expect(broken).toEqual([])
})

for (const mutant of PLANTED) {
  test.skipIf(isShort)(`simulation finds: ${mutant.bug}`, { timeout: 120_000 }, async () => {
    const found = await firstBroken(mutant)
    console.log(`seed ${found?.seed}: ${found?.what} (${mutant.bug})`)
    expect(found).not.toBe(undefined)
  })
}

async function firstBroken(mutant: Mutant): Promise<{ seed: number; what: string } | undefined> {
  const side = await loadControlSide(mutant)
  for (let seed = 1; seed <= SEEDS_FOR_A_BUG; seed++) {
    const what = await simulate(seed, side).then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (what !== undefined) return { seed, what }
  }
  return undefined
}
