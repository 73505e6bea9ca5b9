import type { AnySpec, ChildSpec, Restart } from '../../packages/runtime/src/supervisor/child-spec.ts'
import { child, dynamicSupervisor, RESTARTS, STRATEGIES, supervisor } from '../../packages/runtime/src/supervisor/child-spec.ts'
import type { Random } from './random.ts'

/** The class is never loaded. */
class Extra {
  static readonly module = 'file:///extra.ts'
}

const ARGS = new Uint8Array([0])

/** A spec as it travels: its arguments are encoded. */
export function actorSpec(random: Random, name: string, restart: Restart, significant = false): ChildSpec {
  const backoff = random.chance(0.15) ? { backoff: { firstMs: 10, maxMs: 200, jitter: 0.5 } } : {}
  const shutdownMs = random.pick([10, 40, 5_000, 'kill'] as const)
  return { ...child(Extra, { name, restart, significant, shutdownMs, startMs: 60, ...backoff }), args: [ARGS] }
}

/** A tree of two or three levels, of everything that a spec can say. */
export function randomTree(random: Random): AnySpec[] {
  return Array.from({ length: random.between(1, 3) }, (_, i) => randomSupervisor(random, `s${i}`, 0))
}

function randomSupervisor(random: Random, name: string, depth: number): AnySpec {
  const options = {
    name,
    restart: random.pick(RESTARTS),
    intensity: { restarts: random.between(0, 5), withinMs: random.pick([50, 300, 2_000]) },
    shutdownMs: random.pick([20, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 'kill'] as const),
  }
  if (random.chance(0.2)) return dynamicSupervisor({ ...options, per: random.pick(['supervisor', 'child']), maxChildren: 5 })
  const autoShutdown = random.pick(['never', 'never', 'any-significant', 'all-significant'] as const)
  const children = Array.from({ length: random.between(0, 4) }, (_, i): AnySpec => {
    if (depth === 0 && random.chance(0.2)) return randomSupervisor(random, `n${i}`, 1)
    const restart = random.pick(['permanent', 'permanent', 'transient', 'temporary'] as const)
    return actorSpec(random, `c${i}`, restart, autoShutdown !== 'never' && restart !== 'permanent' && random.chance(0.5))
  })
  return supervisor({ ...options, strategy: random.pick(STRATEGIES), autoShutdown, children })
}
