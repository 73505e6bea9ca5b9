import type { Address } from '../base/address.ts'
import { UpgradeFailedError, type UpgradeStage } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import { stageOfLoading } from '../base/start-cures.ts'
import type { ActorPlace } from '../supervisor/actor-place.ts'
import type { ChildSpec } from '../supervisor/child-spec.ts'

/** What runs at an address. */
export interface Version {
  readonly place: ActorPlace
  /** Undefined: those of the spec. */
  readonly args: readonly unknown[] | undefined
}

/** How one incarnation follows another at an address, without its supervisor's doing. */
export interface Succession {
  /** The one that lives ends in order. Rejects with UpgradeFailedError, and then it goes on, or its supervisor acts. */
  handOver(): Promise<Uint8Array>
  /** Rejects with the ExitReason of one that did not start. */
  startNext(url: string): Promise<void>
  /** Nothing lives there any more: its supervisor acts. */
  end(reason: ExitReason): void
}

/** Where it is. */
interface Place {
  readonly address: Address
  readonly spec: ChildSpec
  readonly isInline: boolean
  readonly incarnation: number
}

/** What runs at one address: what its spec says, or what an upgrade has put in its place; and what was made of that, to be loaded. */
export class Versions {
  readonly #at: Place
  readonly #prepareModule: (module: string, isChanged: boolean) => Promise<string>
  #upgraded: Version | undefined
  /** The bundle of a module belongs to the address: others' upgrades do not change what it is restarted as. */
  #prepared: { readonly module: string; readonly url: string } | undefined
  #isUpgrading = false
  #isRollingBack = false
  /** What the one before gave to the next. */
  handedOver: Uint8Array | undefined

  constructor(at: Place, prepareModule: (module: string, isChanged: boolean) => Promise<string>) {
    this.#at = at
    this.#prepareModule = prepareModule
  }

  get current(): Version {
    return this.#upgraded ?? { place: this.#at.spec.place, args: undefined }
  }

  /** The URL to load. Rejects with the ExitReason of a start that fails of it. */
  async prepare(): Promise<string> {
    const { place } = this.current
    const { module } = place
    if (this.#prepared?.module === module) return this.#prepared.url
    try {
      this.#prepared = { module, url: await this.#urlOf(place, false) }
      return this.#prepared.url
    } catch (error) {
      throw { kind: 'startFailed', stage: stageOfLoading(error, 'bundle'), error } satisfies ExitReason
    }
  }

  /** Whether its module was loaded before it was changed to what is there now. */
  isOutdated(module: string, url: string): boolean {
    return this.current.place.module === module && this.#prepared !== undefined && this.#prepared.url !== url
  }

  /** What is started next is made anew. */
  forget(): void {
    this.#prepared = undefined
  }

  /** `place`, `args`: undefined where they stay what they are. Rejects with UpgradeFailedError. */
  async upgrade(place: ActorPlace | undefined, args: readonly unknown[] | undefined, succession: Succession): Promise<void> {
    if (this.#isUpgrading) throw this.failed('notRunning')
    this.#isUpgrading = true
    try {
      const next = { place: place ?? this.current.place, args: args ?? this.current.args }
      await this.#upgrade(next, place !== undefined, succession)
    } finally {
      this.#isUpgrading = false
      this.handedOver = undefined
    }
  }

  /** `isNamed`: what is next was said, and may be loaded. */
  async #upgrade(next: Version, isNamed: boolean, succession: Succession): Promise<void> {
    const before = { version: this.#upgraded, prepared: this.#prepared! }
    if (next.args === undefined && this.#at.spec.args.length === 0)
      throw this.failed(
        'load',
        new Error('the arguments of a temporary actor are not kept: give them again, upgrade(ref, Class, { args })'),
      )
    const url = await this.#urlOf(next.place, !isNamed).catch((error: unknown) => {
      throw this.failed('load', error)
    })
    this.handedOver = await succession.handOver()
    this.#upgraded = next
    this.#prepared = { module: next.place.module, url }
    try {
      await succession.startNext(url)
    } catch (reason) {
      this.#upgraded = before.version
      this.#prepared = before.prepared
      await this.#rollBack(before.prepared.url, succession)
      throw this.failed('start', 'error' in (reason as ExitReason) ? (reason as ExitReason & { error: unknown }).error : undefined)
    }
  }

  async #rollBack(url: string, succession: Succession): Promise<void> {
    this.#isRollingBack = true
    try {
      await succession.startNext(url)
    } catch (reason) {
      succession.end(reason as ExitReason)
    } finally {
      this.#isRollingBack = false
    }
  }

  /** Of one that has ended: an old version that has handed over is, and a new one that did not start: the old one follows it again. */
  isSucceeded(wasReady: boolean, reason: ExitReason): boolean {
    if (!this.#isUpgrading) return false
    return wasReady ? reason.kind === 'shutdown' : this.handedOver !== undefined && !this.#isRollingBack
  }

  failed(stage: UpgradeStage, error?: unknown): UpgradeFailedError {
    return new UpgradeFailedError(this.#at.address.path, stage, error)
  }

  /** What its host has loaded needs no bundle. JavaScript that is to be read again in the same thread has another name there. */
  async #urlOf({ module, isLoaded }: ActorPlace, isChanged: boolean): Promise<string> {
    const { isInline, incarnation } = this.#at
    if (isInline && isLoaded === true && !isChanged) return module
    const url = await this.#prepareModule(module, isChanged || this.#isUpgrading)
    return isInline && isChanged && url === module ? `${url}?incarnation=${incarnation + 1}` : url
  }
}
