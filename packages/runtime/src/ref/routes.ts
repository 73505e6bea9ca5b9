import type { ControlClient } from '../isolate/control-client.ts'
import type { Members } from '../isolate/requests.ts'
import type { Arena } from '../queue/arena.ts'
import type { Messenger } from './messenger.ts'
import type { PartitionBy } from './partition-key.ts'
import { RouterTo } from './router.ts'
import type { RouterOptions } from './router-types.ts'

/** Who the children of a supervisor are, as this thread knows it. Changed in place when the control side says so. */
export interface Membership {
  readonly path: string
  members: Members['members']
  /** Of those that keys are spread over. */
  names: readonly string[]
  partitionBy: PartitionBy
}

/** A thread's routers. It is told of each supervisor once, however many routers there are, and as long as the thread lives. */
export class Routes {
  readonly #messenger: Messenger
  readonly #arena: Arena
  readonly #control: ControlClient
  readonly #known = new Map<string, Membership>()

  constructor(messenger: Messenger, arena: Arena, control: ControlClient) {
    this.#messenger = messenger
    this.#arena = arena
    this.#control = control
  }

  async router(path: string, options: RouterOptions | undefined): Promise<RouterTo> {
    // Also when it is known: a supervisor that has ended has no router any more, and says so.
    this.onMembers(await this.#control.call('members', { path }))
    return new RouterTo(this.#messenger, this.#arena, this.#known.get(path)!, options)
  }

  /** Without a rule of its own, a supervisor's children are spread over by name, and only those that live. */
  onMembers({ path, members, partitionBy }: Members): void {
    const kept = partitionBy === undefined ? members.filter(({ address }) => address !== undefined) : members
    const names = kept.map(({ name }) => name)
    const next = { path, members: kept, names, partitionBy: partitionBy ?? ('rendezvous' as const) }
    const known = this.#known.get(path)
    if (known === undefined) this.#known.set(path, next)
    else Object.assign(known, next)
  }
}
