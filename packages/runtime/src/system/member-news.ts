import type { Address } from '../base/address.ts'
import type { Members } from '../isolate/requests.ts'
import type { Watcher } from './watch-list.ts'

/** Who wants to know who the children of a supervisor are: one incarnation of an actor, or the host, asks for a path once. */
export class MemberNews {
  readonly #readers = new Map<string, Map<string, Watcher>>()
  readonly #membersOf: (path: string) => Members
  readonly #post: (to: Watcher, members: Members) => void

  /** `membersOf` throws when there is no supervisor at a path. */
  constructor(membersOf: (path: string) => Members, post: (to: Watcher, members: Members) => void) {
    this.#membersOf = membersOf
    this.#post = post
  }

  /** The members now; changes follow. */
  subscribe(path: string, reader: Watcher): Members {
    const members = this.#membersOf(path)
    if (!this.#readers.has(path)) this.#readers.set(path, new Map())
    this.#readers.get(path)!.set(keyOf(reader), reader)
    return members
  }

  changed(path: string): void {
    const readers = this.#readers.get(path)
    if (readers === undefined) return
    const members = this.#now(path)
    for (const reader of readers.values()) this.#post(reader, members)
  }

  drop(reader: Watcher): void {
    for (const [path, readers] of this.#readers) {
      readers.delete(keyOf(reader))
      if (readers.size === 0) this.#readers.delete(path)
    }
  }

  /** A supervisor that has ended has no members; it may come back under the same path. */
  #now(path: string): Members {
    try {
      return this.#membersOf(path)
    } catch {
      return { path, members: [], partitionBy: undefined }
    }
  }
}

function keyOf({ address, incarnation }: { readonly address: Address; readonly incarnation: number }): string {
  return `${address.seat}:${address.generation}:${incarnation}`
}
