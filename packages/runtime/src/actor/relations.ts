import type { Address } from '../base/address.ts'
import type { ControlClient } from '../isolate/control-client.ts'
import type { EndNotice } from '../isolate/isolate.ts'
import { isSameAddress } from '../ref/actor-ref.ts'
import { Notices } from './notices.ts'

interface Watch {
  readonly target: Address
  readonly incarnations: boolean
}

/**
 * Whom this incarnation watches, and to whom it is linked. The control side keeps the lists; here is what must be true at
 * once: that nothing comes after `unwatch` and `unlink`, though it may be on its way.
 */
export class OwnRelations {
  readonly notices = new Notices()
  readonly #control: ControlClient
  /** Which incarnation lives at an address now: it is read when the call is made, so that its end cannot be missed. */
  readonly #incarnationOf: (address: Address) => number
  readonly #watches = new Map<number, Watch>()
  /** Unlinks that are not answered yet: exits of these addresses are late. */
  readonly #unlinking: Address[] = []
  #lastId = 0

  constructor(control: ControlClient, incarnationOf: (address: Address) => number) {
    this.#control = control
    this.#incarnationOf = incarnationOf
  }

  watch(target: Address, incarnations: boolean): void {
    const known = this.#watchOf(target)
    if (known !== undefined && (known.incarnations || !incarnations)) return
    // Its end has come, and will be told.
    if (this.notices.has((notice) => notice.type === 'terminated' && isSameAddress(notice.ref, target))) return
    this.unwatch(target)
    this.#watches.set(++this.#lastId, { target, incarnations })
    this.#request('watch', { watch: this.#lastId, target, incarnation: this.#incarnationOf(target), incarnations })
  }

  unwatch(target: Address): void {
    for (const [watch, { target: watched }] of this.#watches) {
      if (!isSameAddress(watched, target)) continue
      this.#watches.delete(watch)
      this.#request('unwatch', { watch })
    }
    this.notices.drop((notice) => notice.type !== 'exit' && isSameAddress(notice.ref, target))
  }

  link(target: Address): Promise<void> {
    return this.#control.call('link', { target, incarnation: this.#incarnationOf(target) })
  }

  async unlink(target: Address): Promise<void> {
    this.notices.drop((notice) => notice.type === 'exit' && isSameAddress(notice.ref, target))
    this.#unlinking.push(target)
    await this.#control.call('unlink', { target })
    this.#unlinking.splice(this.#unlinking.indexOf(target), 1)
  }

  trapExits(on: boolean): void {
    this.#request('trapExits', { on })
  }

  arrived(notice: EndNotice): void {
    const isWanted =
      notice.type === 'exit' ? !this.#unlinking.some((target) => isSameAddress(target, notice.ref)) : this.#watches.has(notice.watch)
    if (!isWanted) return
    if (notice.type === 'terminated') this.#watches.delete(notice.watch)
    this.notices.arrived(notice)
  }

  #watchOf(target: Address): Watch | undefined {
    return [...this.#watches.values()].find((watch) => isSameAddress(watch.target, target))
  }

  /** There is no answer to wait for; one that does not come, because the system has stopped, is no news. */
  #request(...call: Parameters<ControlClient['call']>): void {
    this.#control.call(...call).catch(() => undefined)
  }
}
