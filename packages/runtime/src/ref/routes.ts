import { checkName } from '../base/address.ts'
import type { ControlClient } from '../isolate/control-client.ts'
import { GROUP_PREFIX, type Members } from '../isolate/requests.ts'
import type { Arena } from '../queue/arena.ts'
import { GroupTo } from './group.ts'
import type { Messenger } from './messenger.ts'
import type { PartitionBy } from './partition-key.ts'
import { RouterTo } from './router.ts'
import type { RouterOptions } from './router-types.ts'

/** Who the children of a supervisor, or the members of a group, are, as this thread knows it. Changed in place when the control side says so. */
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
    return new RouterTo(this.#messenger, this.#arena, await this.#membership(path), options)
  }

  async group(name: string, options: RouterOptions | undefined): Promise<GroupTo> {
    const membership = await this.#membership(GROUP_PREFIX + checkName(name))
    return new GroupTo(this.#control, this.#messenger, this.#arena, membership, options)
  }

  /** Asked for also when it is known: a supervisor that has ended has no router any more, and says so. */
  async #membership(path: string): Promise<Membership> {
    this.onMembers(await this.#control.call('members', { path }))
    return this.#known.get(path)!
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
