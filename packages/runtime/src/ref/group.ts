import type { ControlClient } from '../isolate/control-client.ts'
import { GROUP_PREFIX } from '../isolate/requests.ts'
import type { RefTo } from './actor-ref.ts'
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

  join({ address }: RefTo): Promise<void> {
    return this.#control.call('join', { group: this.name, target: address })
  }

  leave({ address }: RefTo): Promise<void> {
    return this.#control.call('leave', { group: this.name, target: address })
  }

  override toString(): string {
    return `Group(${this.name})`
  }
}
