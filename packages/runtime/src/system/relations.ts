import type { Address } from '../base/address.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { Codec } from '../codec/codec.ts'
import type { EndNotice } from '../isolate/isolate.ts'
import { toWireReason } from '../isolate/wire-reason.ts'
import type { LanePosition } from '../queue/lane-consumer.ts'
import type { ActorLife } from './actor-life.ts'
import { LinkList } from './link-list.ts'
import { HOST_PATH, HOST_SEAT } from './seats.ts'
import { isSame, keyOf, keyOfIncarnation, type Watcher, WatchList } from './watch-list.ts'

export interface RelationPorts {
  /** Undefined when that address has ended. */
  lifeAt(address: Address): ActorLife | undefined
  /** How far the dead actor had come in its lane to another one. */
  sentTo(dead: Address, other: Address): LanePosition | undefined
  toHost(notice: EndNotice): void
  /** Runs a task on a later turn, in the order in which they came. */
  post(task: () => void): void
}

type EndKind = EndNotice['type']

/**
 * Watches and links: who is told of whose end, once and in order (G9). Actors are told on a later turn, because by then the
 * supervisor has decided: whoever hears that an address has ended finds its name free.
 */
export class Relations {
  readonly #codec: Codec
  readonly #ports: RelationPorts
  readonly #watches = new WatchList()
  readonly #links = new LinkList()
  /** Incarnations that are told of an exit, and not ended by it. */
  readonly #trapping = new Set<string>()
  /** Of living addresses: the incarnation that ended last. */
  readonly #lastEnds = new Map<string, { readonly incarnation: number; readonly reason: ExitReason }>()
  readonly host: Watcher = { address: { path: HOST_PATH, seat: HOST_SEAT, generation: 1 }, incarnation: 1 }

  constructor(codec: Codec, ports: RelationPorts) {
    this.#codec = codec
    this.#ports = ports
  }

  /** `incarnation`: which one lived when the watcher asked, 0: none; if it has ended meanwhile, that is told at once. */
  watch(id: number, target: Address, incarnation: number, incarnations: boolean, watcher: Watcher): void {
    const missed = incarnations && incarnation > 0 ? this.#endOf(target, incarnation) : undefined
    if (missed !== undefined) this.#tell('incarnationEnded', watcher, id, target, incarnation, missed)
    if (this.#ports.lifeAt(target) !== undefined) this.#watches.add({ id, watcher, target, incarnations })
    else this.#tell('terminated', watcher, id, target, incarnation, this.#watches.endOf(target))
  }

  unwatch(id: number, watcher: Watcher): void {
    this.#watches.remove(id, watcher)
  }

  /** Joins the one who asks and the incarnation that lived when it did. If that has ended, the exit comes at once. */
  link(from: Watcher, target: Address, incarnation: number): void {
    if (keyOf(from.address) === keyOf(target)) return
    const partner = { address: target, incarnation: Math.max(1, incarnation) }
    const reason = this.#endOf(target, partner.incarnation)
    this.#links.add(from, partner)
    if (reason !== undefined) this.#exit(partner, reason)
  }

  /** When this is answered, no exit of that address reaches the one who asks. */
  unlink(from: Watcher, target: Address): void {
    for (const partner of this.#links.partnersOf(from)) if (keyOf(partner.address) === keyOf(target)) this.#links.remove(from, partner)
  }

  trapExits(from: Watcher, on: boolean): void {
    if (on) this.#trapping.add(keyOfIncarnation(from))
    else this.#trapping.delete(keyOfIncarnation(from))
  }

  /** An incarnation has ended with all that belonged to it. `isSucceeded`: an upgrade, which is no exit; its links go on. */
  incarnationEnded({ address, incarnation }: ActorLife, reason: ExitReason, isSucceeded: boolean): void {
    const dead = { address, incarnation }
    this.#watches.dropWatcher(dead)
    this.#trapping.delete(keyOfIncarnation(dead))
    this.#lastEnds.set(keyOf(address), { incarnation, reason })
    for (const { id, watcher } of this.#watches.ofIncarnations(address))
      this.#tell('incarnationEnded', watcher, id, address, incarnation, reason)
    if (isSucceeded) this.#links.move(dead, { address, incarnation: incarnation + 1 })
    else this.#exit(dead, reason)
  }

  /** The address has ended; its name is free, and nothing is accepted there any more. */
  addressEnded(address: Address, incarnation: number, reason: ExitReason): void {
    this.#lastEnds.delete(keyOf(address))
    for (const { id, watcher } of this.#watches.take(address, reason)) this.#tell('terminated', watcher, id, address, incarnation, reason)
    // One that was never started (its module could not be loaded) may have been linked to all the same.
    this.#exit({ address, incarnation: Math.max(1, incarnation) }, reason)
  }

  /** Undefined: that incarnation lives, or is still to come. */
  #endOf(target: Address, incarnation: number): ExitReason | undefined {
    if (this.#ports.lifeAt(target) === undefined) return this.#watches.endOf(target)
    const last = this.#lastEnds.get(keyOf(target))
    if (last === undefined || last.incarnation < incarnation) return undefined
    return last.incarnation === incarnation ? last.reason : { kind: 'unknown' }
  }

  /**
   * OTP's table: who traps exits is told; who does not ends with it, unless the reason is `normal`. That one is ended before
   * the supervisor hears of the first end: its own request to stop, which may follow, must not come first. For who is told, a
   * link stays until then, so that an unlink that is answered before is heeded; and it is then gone, so that two that are
   * linked end each other once.
   */
  #exit(dead: Watcher, reason: ExitReason): void {
    for (const partner of this.#links.partnersOf(dead)) {
      if (!this.#trapping.has(keyOfIncarnation(partner))) {
        this.#reach(partner, dead, reason, undefined)
        continue
      }
      const after = this.#ports.sentTo(dead.address, partner.address)
      this.#ports.post(() => this.#reach(partner, dead, reason, after))
    }
  }

  #reach(partner: Watcher, dead: Watcher, reason: ExitReason, after: LanePosition | undefined): void {
    if (!this.#links.remove(dead, partner)) return
    if (this.#trapping.has(keyOfIncarnation(partner))) this.#post('exit', partner, 0, dead.address, dead.incarnation, reason, after)
    else if (reason.kind !== 'normal') void this.#livingAs(partner)?.kill(linkedTo(dead.address.path, reason))
  }

  #tell(type: EndKind, to: Watcher, watch: number, ref: Address, incarnation: number, reason: ExitReason): void {
    if (to === this.host) return this.#ports.toHost(this.#notice(type, watch, ref, incarnation, reason, undefined))
    const after = this.#ports.sentTo(ref, to.address)
    this.#ports.post(() => this.#post(type, to, watch, ref, incarnation, reason, after))
  }

  #post(
    type: EndKind,
    to: Watcher,
    watch: number,
    ref: Address,
    incarnation: number,
    reason: ExitReason,
    after: LanePosition | undefined,
  ): void {
    this.#livingAs(to)?.post(this.#notice(type, watch, ref, incarnation, reason, after))
  }

  #notice(type: EndKind, watch: number, ref: Address, incarnation: number, reason: ExitReason, after: LanePosition | undefined): EndNotice {
    return { type, watch, ref, incarnation, reason: toWireReason(this.#codec, reason), after }
  }

  #livingAs(one: Watcher): ActorLife | undefined {
    const life = this.#ports.lifeAt(one.address)
    return life !== undefined && isSame(life, one) ? life : undefined
  }
}

/** The reason of whoever began it: a chain of links is as long as it may be, and a reason is not. */
function linkedTo(path: string, reason: ExitReason): ExitReason {
  return reason.kind === 'linked' ? reason : { kind: 'linked', path, reason }
}
