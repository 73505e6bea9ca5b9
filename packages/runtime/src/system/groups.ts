import type { Address } from '../base/address.ts'
import { GROUP_PREFIX, type Members } from '../isolate/requests.ts'
import { keyOf } from './watch-list.ts'

/** Who has joined which group. A member is an address: it is one through restarts, and until it leaves or ends. */
export class Groups {
  /** By `group:<name>`; in the order in which they joined. */
  readonly #members = new Map<string, Map<string, Address>>()
  readonly #changed: (path: string) => void

  constructor(changed: (path: string) => void) {
    this.#changed = changed
  }

  join(group: string, member: Address): void {
    const path = GROUP_PREFIX + group
    if (!this.#members.has(path)) this.#members.set(path, new Map())
    const members = this.#members.get(path)!
    if (members.has(keyOf(member))) return
    members.set(keyOf(member), member)
    this.#changed(path)
  }

  leave(group: string, member: Address): void {
    this.#remove(GROUP_PREFIX + group, member)
  }

  /** The address has ended. */
  leaveAll(member: Address): void {
    for (const path of [...this.#members.keys()]) this.#remove(path, member)
  }

  members(path: string): Members {
    const members = [...(this.#members.get(path)?.values() ?? [])]
    return { path, partitionBy: undefined, members: members.map((address) => ({ name: address.path, address })) }
  }

  #remove(path: string, member: Address): void {
    const members = this.#members.get(path)
    if (!members?.delete(keyOf(member))) return
    if (members.size === 0) this.#members.delete(path)
    this.#changed(path)
  }
}
