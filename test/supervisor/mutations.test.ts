import { expect, test } from 'vitest'
import { backoffCases } from './backoff-cases.ts'
import { staticCases } from './decision-cases.ts'
import { dynamicCases } from './dynamic-cases.ts'
import type { Minds } from './minds.ts'
import { loadMinds, type Mutant } from './mutants.ts'
import { likeOtp, underFire } from './simulation.ts'
import { specChangeCases } from './spec-change-cases.ts'

/**
 * Do the checks check? Each planted bug is one that a supervisor could really have. The tables are asked first, and the
 * simulations only where no case of a table finds the bug.
 */
const MUTANTS: readonly Mutant[] = [
  {
    bug: 'the retry of a group begins at its first child instead of the one that failed',
    file: 'decision.ts',
    from: 'restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, child, out)',
    to: 'restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, s.children[0] ?? child, out)',
  },
  {
    bug: 'a retry of one-for-all goes on where it failed, without stopping what was restarted',
    file: 'group.ts',
    from: "'one-for-all': () => 0",
    to: "'one-for-all': (index) => index",
  },
  {
    bug: 'rest-for-one also restarts those before',
    file: 'group.ts',
    from: "'rest-for-one': (index) => index",
    to: "'rest-for-one': () => 0",
  },
  {
    bug: 'what a restart had still to start is started although the supervisor ends',
    file: 'plan.ts',
    from: "plan: { for: 'end', reason, how, steps } }",
    to: "plan: { for: 'end', reason, how, steps: [...steps, ...(s.plan?.steps ?? []).filter(({ act }) => act === 'start')] } }",
  },
  {
    bug: 'requests are served while the supervisor ends',
    file: 'decision.ts',
    from: "const over = s.phase === 'ending' || s.phase === 'ended'",
    to: 'const over = false',
  },
  {
    bug: 'a temporary child is revived after a crash',
    file: 'restart-rules.ts',
    from: "return restart === 'transient' && !isCleanExit(reason)",
    to: 'return !isCleanExit(reason)',
  },
  {
    bug: 'a temporary child that was stopped with its group is not forgotten',
    file: 'plan.ts',
    from: "act === 'stop' && known(s, name).spec.restart === 'temporary'",
    to: "act === 'stop' && s.plan?.for === 'end'",
  },
  {
    bug: 'a transient child is restarted after shutdown',
    file: 'restart-rules.ts',
    from: "restart === 'transient' && !isCleanExit(reason)",
    to: "restart === 'transient' && reason.kind !== 'normal'",
  },
  {
    bug: 'a permanent child is not restarted after a clean end',
    file: 'restart-rules.ts',
    from: "if (restart === 'permanent') return true",
    to: "if (restart === 'permanent') return !isCleanExit(reason)",
  },
  {
    bug: 'a fixed window instead of a sliding one',
    file: 'restart-rules.ts',
    from: '...restartsAtMs.filter((atMs) => atMs >= nowMs - withinMs)',
    to: '...(nowMs - (restartsAtMs[0] ?? nowMs) > withinMs ? [] : restartsAtMs)',
  },
  {
    bug: 'the bound of the window is exclusive',
    file: 'restart-rules.ts',
    from: 'atMs >= nowMs - withinMs',
    to: 'atMs > nowMs - withinMs',
  },
  {
    bug: 'the supervisor gives up one restart too early',
    file: 'restart-rules.ts',
    from: 'restartsAtMs.length > intensity.restarts',
    to: 'restartsAtMs.length >= intensity.restarts',
  },
  {
    bug: 'a failed start does not count',
    file: 'decision.ts',
    from: 'return restart({ ...s, restartsAtMs: addRestart(s.restartsAtMs, atMs, s.spec.intensity.withinMs) }, child, out)',
    to: 'return restart(s, child, out)',
  },
  {
    bug: 'at the end, children are stopped in the order of their start',
    file: 'plan.ts',
    from: 's.children.filter((child) => child !== busy).reverse()',
    to: 's.children.filter((child) => child !== busy)',
  },
  {
    bug: 'a group is stopped in the order of its start',
    file: 'group.ts',
    from: "({ act: 'stop' as const, name: spec.name })).reverse()",
    to: "({ act: 'stop' as const, name: spec.name }))",
  },
  {
    bug: 'the next child is started before the former is ready',
    file: 'plan.ts',
    from: "return known(s, step.name).phase === (step.act === 'stop' ? 'stopped' : 'running')",
    to: "return step.act === 'start' || known(s, step.name).phase === 'stopped'",
  },
  {
    bug: 'what is in flight is stopped in its turn, and not first',
    file: 'plan.ts',
    from: 'const order = [...(busy === undefined ? [] : [busy]), ...s.children.filter((child) => child !== busy).reverse()]',
    to: 'const order = [...s.children].reverse()',
  },
  {
    bug: 'the retry is done at once instead of on a later turn',
    file: 'decision.ts',
    from: `      out.push({ do: 'postRetry', name, run: child.run, untilMs: failures.waitUntilMs })
      return { ...failed, plan: undefined }`,
    to: "      return { ...failed, plan: undefined, inbox: [{ is: 'retry', name, run: child.run, atMs: 0 }, ...s.inbox] }",
  },
  {
    bug: 'the first start that fails leaves the others running',
    file: 'decision.ts',
    from: "return endWith(failed, reason, 'shutdown', out)",
    to: "return { ...failed, phase: 'up', plan: undefined }",
  },
  {
    bug: 'a group restart leaves out what had ended before',
    file: 'group.ts',
    from: "group.filter(({ spec }) => spec.restart !== 'temporary')",
    to: "group.filter(({ spec, told }) => spec.restart !== 'temporary' && told !== 'ended')",
  },
  {
    bug: 'a child added by hand stays although it did not start',
    file: 'decision.ts',
    from: "s.plan.is === 'startChild' ? without(failed, name) : failed",
    to: 'failed',
  },
  {
    bug: 'what an old incarnation says is believed',
    file: 'decision.ts',
    from: `if (child?.run !== event.run) return s
  if (child.phase === 'stopping')`,
    to: `if (child === undefined) return s
  if (child.phase === 'stopping')`,
  },
  {
    bug: 'an old retry is believed',
    file: 'decision.ts',
    from: 'child.run === of.run && child.phase === phase',
    to: 'child.phase === phase',
  },
  {
    bug: 'one that waits for its restart does not count as active',
    file: 'decision.ts',
    from: "spec.significant && phase !== 'stopped'",
    to: "spec.significant && phase === 'running'",
  },
  {
    bug: 'any end of a significant child counts for all-significant',
    file: 'decision.ts',
    from: "if (s.spec.autoShutdown === 'all-significant') return !s.children",
    to: "if (s.spec.autoShutdown === 'all-significant') return true || !s.children",
  },
  {
    bug: 'a promise to come back is not withdrawn',
    file: 'plan.ts',
    from: "if (child.told !== 'restarts' || fate === 'restarts') return",
    to: "if (child.told !== 'restarts' || fate !== 'ended') return",
  },
  {
    bug: 'a start that nobody wants any more is not cancelled',
    file: 'plan.ts',
    from: "if (busy?.phase === 'starting') out.push({ do: 'cancelStart', run: busy.run, how })",
    to: '',
  },
  {
    bug: 'a restart that had to wait counts twice',
    file: 'decision.ts',
    from: 'if (child.failures.isCounted) return restart(s, child, out)',
    to: '',
  },
  {
    bug: 'who waits for a restart that will never be is promised it still',
    file: 'group.ts',
    from: 'return orphans.reduce(',
    to: 'return ([] as StaticChild[]).reduce(',
  },
  {
    bug: 'a backoff never begins anew',
    file: 'backoff.ts',
    from: 'const wasQuiet = isCounted && atMs',
    to: 'const wasQuiet = false && atMs',
  },
  {
    bug: 'a child that a new spec does not name is forgotten',
    file: 'spec-change.ts',
    from: '[...listed, ...kept.map((child) => ({ ...child, added: true }))]',
    to: 'listed',
  },
  {
    bug: 'a child that a new spec does not name comes back with its supervisor',
    file: 'spec-change.ts',
    from: '({ ...child, added: true })',
    to: '({ ...child })',
  },
  {
    bug: 'dynamic: the limit of one child is used up by the others',
    file: 'dynamic-decision.ts',
    from: "s.spec.per === 'child' ? child : s",
    to: 's',
  },
  {
    bug: 'dynamic: one child too many',
    file: 'dynamic-decision.ts',
    from: 's.children.size >= s.spec.maxChildren',
    to: 's.children.size > s.spec.maxChildren',
  },
  {
    bug: 'dynamic: what is asked to end while it starts stays',
    file: 'dynamic-decision.ts',
    from: "return s.phase === 'ending' || child.stopIds.length > 0",
    to: "return s.phase === 'ending'",
  },
  {
    bug: 'dynamic: a child that waits for its retry keeps the supervisor from ending',
    file: 'dynamic-decision.ts',
    from: `if (child.phase === 'restarting') {
    report(out`,
    to: `if (child.phase === 'restarting' && s.phase === 'up') {
    report(out`,
  },
  {
    bug: 'dynamic: the arguments of temporary children are kept',
    file: 'restart-rules.ts',
    from: "spec.restart === 'temporary' && spec.args.length > 0",
    to: "spec.restart === 'temporary' && spec.args.length < 0",
  },
]

for (const mutant of MUTANTS) {
  test(`caught: ${mutant.bug}`, async () => {
    expect(whoCatches(await loadMinds(mutant))).not.toBe(undefined)
  })
}

test('the same checks find nothing in an unchanged copy', async () => {
  expect(whoCatches(await loadMinds())).toBe(undefined)
})

test('the simulations find bugs of their own: each of these is caught without the tables', async () => {
  const withoutTables = ['an old incarnation', 'a failed start', 'at the end', 'a promise', 'one-for-all goes on']
  for (const words of withoutTables) {
    const mutant = MUTANTS.find(({ bug }) => bug.includes(words))!
    expect([words, catchingStory(await loadMinds(mutant))]).not.toEqual([words, undefined])
  }
})

function whoCatches(minds: Minds): string | undefined {
  const found = [...staticCases, ...dynamicCases, ...specChangeCases, ...backoffCases].find(({ check }) => throws(() => check(minds)))
  return found?.name ?? catchingStory(minds)
}

/** With a seed of its own, so that what is caught today is caught tomorrow. */
function catchingStory(minds: Minds): string | undefined {
  const runs = { seed: 20_260_101, numRuns: 1_000 }
  return [likeOtp, underFire].find((story) => throws(() => story(minds, runs)))?.name
}

function throws(action: () => void): boolean {
  try {
    action()
    return false
  } catch {
    return true
  }
}
