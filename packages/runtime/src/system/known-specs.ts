import { type Address, childPath } from '../base/address.ts'
import { InvalidArgumentError } from '../base/errors.ts'
import type { AnySpec } from '../supervisor/child-spec.ts'

/** The specs that a system was started with: each is a name for its place in the tree. */
export class KnownSpecs {
  readonly #system: string
  readonly #paths = new Map<AnySpec, string>()
  readonly #addresses = new Map<string, Address>()

  constructor(system: string) {
    this.#system = system
  }

  remember(specs: readonly AnySpec[], parent = '/'): void {
    for (const spec of specs) {
      const path = childPath(parent, spec.name)
      this.#paths.set(spec, path)
      if (spec.kind === 'supervisor') this.remember(spec.children, path)
    }
  }

  /** An actor of one of them is there. */
  started(address: Address): void {
    this.#addresses.set(address.path, address)
  }

  /** @throws {InvalidArgumentError} */
  pathOf(specOrPath: AnySpec | string): string {
    const path = typeof specOrPath === 'string' ? specOrPath : this.#paths.get(specOrPath)
    if (path !== undefined) return path
    throw this.#unknown((specOrPath as AnySpec).name)
  }

  /** @throws {InvalidArgumentError} */
  addressOf(spec: AnySpec | string): Address {
    if (typeof spec === 'string') throw new InvalidArgumentError(`system.ref takes a spec. For a path: await system.lookup('${spec}').`)
    const address = this.#addresses.get(this.pathOf(spec))
    if (address !== undefined) return address
    throw this.#unknown(spec.name)
  }

  #unknown(name: string): InvalidArgumentError {
    return new InvalidArgumentError(
      `the spec "${name}" is not among the children that "${this.#system}" was started with. Pass the same object to both, or use its path (an actor's: await system.lookup(path)).`,
    )
  }
}
