import {
  type AnySpec,
  type ChildOptions,
  child,
  type DynamicSupervisorOptions,
  dynamicSupervisor,
  type SupervisorOptions,
  supervisor,
} from '../../packages/runtime/src/supervisor/child-spec.ts'

/** The class is never loaded here: specs are data. */
export class Fake {
  static readonly module = 'file:///fake.ts'
}

/** A generous limit, for cases that are about something else. */
export const PLENTY = { restarts: 100, withinMs: 3_600_000 }

export const worker = (name: string, options: Partial<ChildOptions> = {}) => child(Fake, { name, ...options })

export const over = (children: readonly AnySpec[], options: Partial<SupervisorOptions> = {}) =>
  supervisor({ name: 'top', intensity: PLENTY, children, ...options })

export const dynamic = (options: Partial<DynamicSupervisorOptions> = {}) =>
  dynamicSupervisor({ name: 'top', intensity: PLENTY, ...options })
