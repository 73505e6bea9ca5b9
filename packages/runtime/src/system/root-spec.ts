import { USER_PATH } from '../base/address.ts'
import { InvalidSpecError } from '../base/errors.ts'
import {
  type AnySpec,
  dynamicSupervisor,
  type Intensity,
  type Strategy,
  type SupervisorSpec,
  supervisor,
} from '../supervisor/child-spec.ts'
import { validateSpecs } from '../supervisor/spec-faults.ts'

export interface RootOptions {
  readonly children: readonly AnySpec[]
  readonly strategy: Strategy | undefined
  readonly intensity: Intensity | undefined
}

/** The root supervisor: what `start` was given, and behind it the place for what will be spawned. */
export function rootSpec({ children, strategy, intensity }: RootOptions): SupervisorSpec {
  const user = dynamicSupervisor({ name: USER_PATH.slice(1), per: 'child' })
  const all = Array.isArray(children) ? [...children, user] : children
  return supervisor({ name: 'root', children: all, ...(strategy && { strategy }), ...(intensity && { intensity }) })
}

/** All faults of a root and of everything below it. It has no place in the paths of its children. */
export function rootFaults(spec: object): string[] {
  return validateSpecs([{ ...spec, name: 'root' }]).map((fault) => fault.replace(/^\/root\/?/, '/'))
}

export function throwIfFaulty(root: SupervisorSpec): void {
  const faults = rootFaults(root)
  if (faults.length > 0) throw new InvalidSpecError(faults)
}
