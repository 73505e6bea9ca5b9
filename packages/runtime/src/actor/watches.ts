import type { Address } from '../base/address.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { LanePosition } from '../queue/lane-consumer.ts'
import { isSameAddress } from '../ref/actor-ref.ts'

export interface Notice {
  readonly watch: number
  readonly ref: Address
  readonly reason: ExitReason
  readonly after: LanePosition | undefined
}

/** Who is watched, and the notices that have come and are not delivered yet: each waits for the dead actor's last message (G9). */
export class Watches {
  readonly #watched = new Map<number, Address>()
  readonly #notices: Notice[] = []
  #lastId = 0

  /** Undefined when that address is watched already. */
  add(target: Address): number | undefined {
    for (const address of this.#watched.values()) if (isSameAddress(address, target)) return undefined
    this.#watched.set(++this.#lastId, target)
    return this.#lastId
  }

  /** The watch that was ended, if there was one; its notice, if it has come, is dropped. */
  remove(target: Address): number | undefined {
    for (const [id, address] of this.#watched) {
      if (!isSameAddress(address, target)) continue
      this.#watched.delete(id)
      return id
    }
    return undefined
  }

  arrived(notice: Notice): void {
    this.#notices.push(notice)
  }

  get hasNotices(): boolean {
    return this.#notices.length > 0
  }

  /** The next notice that may be delivered: still watched, and everything before it has been begun. */
  take(hasBegun: (notice: Notice) => boolean): Notice | undefined {
    for (let i = 0; i < this.#notices.length; i++) {
      const notice = this.#notices[i]!
      if (this.#watched.has(notice.watch) && !hasBegun(notice)) continue
      this.#notices.splice(i--, 1)
      if (this.#watched.delete(notice.watch)) return notice
    }
    return undefined
  }
}
