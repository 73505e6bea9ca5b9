import type { ControlClient } from '../isolate/control-client.ts'
import { GROUP_PREFIX } from '../isolate/requests.ts'
import { asRef, type RefTo } from './actor-ref.ts'
import { RouterTo } from './router.ts'

/** The run-time side of Group<A>: a router whose members join and leave. */
export class GroupTo extends RouterTo {
  readonly #control: ControlClient

  constructor(control: ControlClient, ...router: ConstructorParameters<typeof RouterTo>) {
    super(...router)
    this.#control = control
  }

  get name(): string {
    return this.path.slice(GROUP_PREFIX.length)
  }

  async join(ref: RefTo): Promise<void> {
    await this.#control.call('join', { group: this.name, target: asRef(ref).address })
  }

  async leave(ref: RefTo): Promise<void> {
    await this.#control.call('leave', { group: this.name, target: asRef(ref).address })
  }

  override toString(): string {
    return `Group(${this.name})`
  }
}
