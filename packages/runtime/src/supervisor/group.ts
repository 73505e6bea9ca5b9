import type { Strategy } from './child-spec.ts'
import type { SupervisorCommand } from './decision-shapes.ts'
import { dropPromise } from './plan.ts'
import type { StaticChild, StaticState, Step } from './static-state.ts'

/** From which child on a failure concerns the others; the failed one is where a retry begins as well. */
const GROUP_FROM: Record<Strategy, (index: number) => number> = {
  'one-for-one': () => Number.POSITIVE_INFINITY,
  'rest-for-one': (index) => index,
  'one-for-all': () => 0,
}

/** A group restart starts every spec of the group, also those that had ended or been stopped by hand. */
export function restartSteps(s: StaticState, failed: StaticChild): readonly Step[] {
  const from = GROUP_FROM[s.spec.strategy](s.children.indexOf(failed))
  const group = s.children.slice(from)
  if (group.length === 0) return startAll([failed])
  const stops = group.map(({ spec }) => ({ act: 'stop' as const, name: spec.name })).reverse()
  return [...stops, ...startAll(group.filter(({ spec }) => spec.restart !== 'temporary'))]
}

export function startAll(children: readonly StaticChild[]): readonly Step[] {
  return children.map(({ spec }) => ({ act: 'start', name: spec.name }))
}

/**
 * A group whose restart is to be tried again waits for one of its members. When that one is terminated (`leaving`), or is not of
 * their group any more, the others stay stopped, as in OTP: nobody will start them, so they must not be waited for either.
 */
export function withdrawOrphans(s: StaticState, leaving: StaticChild | undefined, out: SupervisorCommand[]): StaticState {
  const waits = s.children.filter((child) => child.phase === 'restarting' && child !== leaving)
  const isAwaited = (index: number) => waits.some((one) => GROUP_FROM[s.spec.strategy](s.children.indexOf(one)) <= index)
  const orphans = s.children.filter(({ phase, told }, index) => phase === 'stopped' && told === 'restarts' && !isAwaited(index))
  return orphans.reduce((state, orphan) => dropPromise(state, orphan, 'ended', out), s)
}
