import type { EndNotice } from '../isolate/isolate.ts'
import { isSameAddress } from '../ref/actor-ref.ts'
import type { AnyRef } from '../ref/ref-types.ts'
import type { Signal } from './actor.ts'

/** Ends that were told to this actor and are not delivered yet: each waits for the dead actor's last message (G9). */
export class Notices {
  readonly #notices: EndNotice[] = []

  get isEmpty(): boolean {
    return this.#notices.length === 0
  }

  arrived(notice: EndNotice): void {
    this.#notices.push(notice)
  }

  has(isMeant: (notice: EndNotice) => boolean): boolean {
    return this.#notices.some(isMeant)
  }

  /** Nothing of these is delivered, though it may have come. */
  drop(isUnwanted: (notice: EndNotice) => boolean): void {
    for (let i = this.#notices.length - 1; i >= 0; i--) if (isUnwanted(this.#notices[i]!)) this.#notices.splice(i, 1)
  }

  /**
   * The next notice before which nothing is missing. One that waits holds back the later ones of the same actor, and nobody
   * else's.
   */
  take(hasBegun: (notice: EndNotice) => boolean): EndNotice | undefined {
    const next = this.#notices.findIndex(
      (notice, i) => hasBegun(notice) && !this.#notices.slice(0, i).some(({ ref }) => isSameAddress(ref, notice.ref)),
    )
    return next === -1 ? undefined : this.#notices.splice(next, 1)[0]
  }
}

/** What `onSignal` gets. */
export function signalOf({ type, ref: { path }, incarnation, reason }: EndNotice, ref: AnyRef): Signal {
  return type === 'terminated' ? { type, ref, path, reason } : { type, ref, path, incarnation, reason }
}
