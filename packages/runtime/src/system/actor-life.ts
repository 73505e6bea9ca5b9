import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { UpgradeFailedError, type UpgradeStage } from '../base/errors.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { IsolateKind } from '../base/isolate-kind.ts'
import { HANG_AFTER_MS, KILL_GRACE_MS, SHUTDOWN_MS } from '../base/limits.ts'
import { lateStart, stageOfLoading } from '../base/start-cures.ts'
import type { BootRecord, FromIsolate, Isolate, StackWatch, StartIsolate, ToIsolate } from '../isolate/isolate.ts'
import type { ActorPlace } from '../supervisor/actor-place.ts'
import type { ChildSpec } from '../supervisor/child-spec.ts'
import type { ChildHandle } from '../supervisor/supervisor-ports.ts'
import { asStartFailure, type Deferred, deferred, type Incarnation, stuckPredecessor, type Tenure } from './incarnation.ts'

export interface LifePorts {
  readonly clock: Clock
  /** Where it runs if its spec does not say it. */
  readonly isolate: IsolateKind
  readonly startIsolate: StartIsolate
  /** The URL that the isolate imports for a module; a bundle where one is needed. `isChanged`: a new one. */
  prepareModule(module: string, isChanged: boolean): Promise<string>
  bootRecord(life: ActorLife, url: string): BootRecord
  /** Decodes the errors in a reason that has come from an isolate. */
  readReason(reason: ExitReason): ExitReason
  readError(error: unknown): unknown
  onNotice(life: ActorLife, notice: FromIsolate): void
  /** The isolate has really ended. Awaited before the end is told: what it leaves behind is settled first. */
  onIncarnationEnd(life: ActorLife, reason: ExitReason, isSucceeded: boolean): Promise<void>
  /** One that came by an upgrade is ready. */
  onUpgraded(life: ActorLife): void
  /**
   * Its isolate was killed and does not end: the thread is stuck in native code. Awaited before the end is told. What it had
   * begun is settled, but the seat stays its own until it has really ended.
   */
  onStuck(life: ActorLife, reason: ExitReason): Promise<void>
  /** A thread that was stuck has ended after all. */
  onFreed(life: ActorLife): void
  /** Its incarnation ends, and nobody has asked for that: another one may follow. Said more than once. */
  onEnding(life: ActorLife): void
}

/** What runs at the address. */
interface Version {
  readonly place: ActorPlace
  /** Undefined: those of the spec. */
  readonly args: readonly unknown[] | undefined
}

/** One address and the incarnations that live at it, one after the other. */
export class ActorLife {
  readonly address: Address
  /** As its supervisor has it now: it may change between two incarnations. */
  spec: ChildSpec
  readonly #ports: LifePorts
  incarnation = 0
  /** Why its last incarnation ended; undefined while one lives. */
  lastExit: ExitReason | undefined
  /** Whether one of its incarnations has ever been ready: before, nobody is told of the address. */
  hasStarted = false
  /** Whether the latest start has used a spare. */
  isWarm = false
  /** Whether the end of the last start, or of what came of it, has been published. */
  isEndTold = false
  /** Until when (`clock.nowMs()`) a stop lets it finish what is queued; undefined: only what is begun. */
  drainUntilMs: number | undefined
  /** For the next start, after an upgrade: what the one before gave it. */
  handedOver: Uint8Array | undefined
  #current: Incarnation | undefined
  /** The incarnation whose thread is stuck in native code: there is no successor before it has ended. */
  #stuck: Deferred<void> | undefined
  #tenure: Tenure | undefined
  #upgraded: Version | undefined
  /** The bundle of a module belongs to the address: others' upgrades do not change what it is restarted as. */
  #prepared: { readonly module: string; readonly url: string } | undefined
  #isUpgrading = false
  #isRollingBack = false

  constructor(address: Address, spec: ChildSpec, ports: LifePorts) {
    this.address = address
    this.spec = spec
    this.#ports = ports
  }

  /** Starts the next incarnation. Rejects with the ExitReason, when nothing of it is left. */
  async start(cancelled: AbortSignal): Promise<ChildHandle> {
    if (this.#stuck !== undefined) throw stuckPredecessor()
    const url = await this.#prepare()
    // Nobody wants it any more: a thread is not started in order to be ended.
    if (cancelled.aborted) throw asStartFailure(cancelled.reason as ExitReason, 'isolate')
    const tenure = { ended: deferred<ExitReason>(), isStopping: false }
    this.#tenure = tenure
    const kill = (): void => {
      if (this.#current !== undefined) this.#kill(this.#current, cancelled.reason as ExitReason)
    }
    const starting = this.#startOne(url, tenure)
    cancelled.addEventListener('abort', kill, { once: true })
    await starting.finally(() => cancelled.removeEventListener('abort', kill))
    return { ended: tenure.ended.promise, stop: (reason) => this.#stopTenure(tenure, reason) }
  }

  /** Its end ends the tenure, unless it is succeeded. */
  async #startOne(url: string, tenure: Tenure): Promise<void> {
    this.isEndTold = false
    this.incarnation++
    this.lastExit = undefined
    const current = this.#launch(url)
    current.timer = this.#ports.clock.after(this.spec.startMs, () =>
      this.#kill(current, lateStart(this.spec.startMs, current.stage, this.version.place.module)),
    )
    const started = await Promise.race([current.ready.promise.then(() => true), current.ended.promise.then(() => false)])
    if (!started) throw asStartFailure(await current.ended.promise, current.stage)
    void current.ended.promise.then((reason) => {
      if (!current.isSucceeded) tenure.ended.resolve(reason)
    })
  }

  get version(): Version {
    return this.#upgraded ?? { place: this.spec.place, args: undefined }
  }

  /**
   * Puts a new version in the place of the one that lives. Rejects with UpgradeFailedError. The supervisor hears nothing of
   * it, unless neither the new version nor the old one can be started afterwards.
   */
  async upgrade(place: ActorPlace | undefined, args: readonly unknown[] | undefined): Promise<void> {
    const [tenure, current] = [this.#tenure, this.#current]
    if (this.#isUpgrading || tenure === undefined || current?.isReady !== true) throw this.#failed('notRunning')
    this.#isUpgrading = true
    try {
      const next = { place: place ?? this.version.place, args: args ?? this.version.args }
      await this.#upgrade(tenure, current, next, place !== undefined)
    } finally {
      this.#isUpgrading = false
      this.handedOver = undefined
    }
  }

  /** Its module has changed: it goes on with that, or begins with it when it is started next. */
  async reload(module: string, url: string): Promise<void> {
    if (this.version.place.module !== module || this.#prepared === undefined || this.#prepared.url === url) return
    if (this.isReady) return this.upgrade(undefined, undefined)
    this.#prepared = undefined
  }

  /** `isNamed`: what is next was said, and may be loaded. */
  async #upgrade(tenure: Tenure, current: Incarnation, next: Version, isNamed: boolean): Promise<void> {
    const before = { version: this.#upgraded, prepared: this.#prepared! }
    if (next.args === undefined && this.spec.args.length === 0)
      throw this.#failed(
        'load',
        new Error('the arguments of a temporary actor are not kept: give them again, upgrade(ref, Class, { args })'),
      )
    const url = await this.#urlOf(next.place, !isNamed).catch((error: unknown) => {
      throw this.#failed('load', error)
    })
    await this.#handOver(tenure, current)
    this.#upgraded = next
    this.#prepared = { module: next.place.module, url }
    try {
      await this.#succeed(tenure, url)
    } catch (reason) {
      this.#upgraded = before.version
      this.#prepared = before.prepared
      await this.#rollBack(tenure, before.prepared.url)
      throw this.#failed('start', 'error' in (reason as ExitReason) ? (reason as ExitReason & { error: unknown }).error : undefined)
    }
  }

  /** The old version ends in order; what it hands over is kept for the next. */
  async #handOver(tenure: Tenure, current: Incarnation): Promise<void> {
    if (this.#current !== current || current.isKilled || tenure.isStopping) throw this.#failed('stop')
    const { shutdownMs } = this.spec
    current.handOver = deferred()
    current.isolate.post({ type: 'upgrade' })
    this.#killLater(current, shutdownMs === 'kill' ? SHUTDOWN_MS : shutdownMs)
    const outcome = await Promise.race([current.handOver.promise, current.ended.promise])
    if ('error' in outcome && !('kind' in outcome)) {
      current.timer?.()
      throw this.#failed('onUpgrade', outcome.error)
    }
    await current.ended.promise
    if (!current.isSucceeded) throw this.#failed('stop')
    this.handedOver = outcome as Uint8Array
  }

  async #succeed(tenure: Tenure, url: string): Promise<void> {
    if (tenure.isStopping) throw { kind: 'shutdown' } satisfies ExitReason
    await this.#startOne(url, tenure)
    this.#ports.onUpgraded(this)
  }

  async #rollBack(tenure: Tenure, url: string): Promise<void> {
    this.#isRollingBack = true
    try {
      await this.#succeed(tenure, url)
    } catch (reason) {
      tenure.ended.resolve(reason as ExitReason)
    } finally {
      this.#isRollingBack = false
    }
  }

  #failed(stage: UpgradeStage, error?: unknown): UpgradeFailedError {
    return new UpgradeFailedError(this.address.path, stage, error)
  }

  post(signal: ToIsolate): void {
    this.#current?.isolate.post(signal)
  }

  /** Ends the incarnation that lives now, as a crash would; resolves when it has ended, or is known to be stuck. */
  async kill(reason: ExitReason = { kind: 'killed' }): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    this.#kill(current, reason)
    await current.ended.promise
  }

  /** For how long a message may keep the event loop from turning. undefined while there is none, or it is not ready. */
  get hangAfterMs(): number | undefined {
    return this.#current?.isKilled === false && !this.isInline ? this.#current.hangAfterMs : undefined
  }

  /** In the host's thread, which nobody can look into or end. */
  get isInline(): boolean {
    return (this.spec.isolate ?? this.#ports.isolate) === 'inline'
  }

  /** The place where it lives now; undefined while there is none. */
  get isolate(): Pick<Isolate, 'measure' | 'loop'> | undefined {
    return this.#current?.isolate
  }

  get isReady(): boolean {
    return this.#current?.isReady === true
  }

  watchStack(): StackWatch | undefined {
    return this.#current?.isolate.watchStack?.()
  }

  /** Resolves when the thread that is stuck has ended; undefined: none is. */
  untilFree(): Promise<void> | undefined {
    return this.#stuck?.promise
  }

  async #prepare(): Promise<string> {
    const { place } = this.version
    const { module } = place
    if (this.#prepared?.module === module) return this.#prepared.url
    try {
      this.#prepared = { module, url: await this.#urlOf(place, false) }
      return this.#prepared.url
    } catch (error) {
      throw { kind: 'startFailed', stage: stageOfLoading(error, 'bundle'), error } satisfies ExitReason
    }
  }

  /** What its host has loaded needs no bundle. JavaScript that is to be read again in the same thread has another name there. */
  async #urlOf({ module, isLoaded }: ActorPlace, isChanged: boolean): Promise<string> {
    if (this.isInline && isLoaded === true && !isChanged) return module
    const url = await this.#ports.prepareModule(module, isChanged || this.#isUpgrading)
    return this.isInline && isChanged && url === module ? `${url}?incarnation=${this.incarnation + 1}` : url
  }

  #launch(url: string): Incarnation {
    const events = {
      onNotice: (notice: FromIsolate) => this.#onNotice(current, notice),
      onExit: (exit: { readonly code: number; readonly error: ExitReason | undefined }) => {
        void this.#onExit(current, current.reason ?? exit.error ?? { kind: 'exit', code: exit.code })
      },
    }
    const isolate = this.#ports.startIsolate(this.#ports.bootRecord(this, url), events)
    this.isWarm = isolate.isWarm
    const current: Incarnation = {
      isolate,
      ready: deferred(),
      stage: 'isolate',
      ended: deferred(),
      handOver: deferred(),
      reason: undefined,
      timer: undefined,
      isReady: false,
      isKilled: false,
      isSucceeded: false,
      hangAfterMs: undefined,
    }
    this.#current = current
    return current
  }

  #onNotice(current: Incarnation, notice: FromIsolate): void {
    switch (notice.type) {
      case 'taken':
      case 'reached':
        current.stage = notice.type === 'taken' ? 'load' : notice.stage
        return
      case 'ready':
        if (!current.isKilled) current.timer?.()
        current.hangAfterMs = this.spec.hangAfterMs ?? notice.hangAfterMs ?? HANG_AFTER_MS
        current.isReady = true
        return current.ready.resolve()
      case 'handedOver':
        return current.handOver.resolve(notice.state)
      case 'upgradeRefused':
        return current.handOver.resolve({ error: this.#ports.readError(notice.error) })
      case 'startFailed':
      case 'crashed':
      case 'stopped':
        if (notice.type === 'crashed') this.#ports.onEnding(this)
        current.reason ??= this.#ports.readReason(notice.reason)
        if (current.isKilled) return
        // Nothing but its exit is still to come, and somebody's exit handler may not end.
        current.timer?.()
        current.timer = this.#ports.clock.after(KILL_GRACE_MS, () => this.#kill(current, { kind: 'killed' }))
        return
      default:
        this.#ports.onNotice(this, notice)
    }
  }

  /** An isolate that was killed says nothing; one that said why it ends is believed. */
  async #onExit(current: Incarnation, reason: ExitReason): Promise<void> {
    current.timer?.()
    if (this.#current === current) this.#current = undefined
    if (this.#stuck !== undefined) return this.#free(this.#stuck)
    this.lastExit = reason
    current.isSucceeded = this.#isSucceeded(current, reason)
    if (this.#tenure?.isStopping === false) this.#ports.onEnding(this)
    await this.#ports.onIncarnationEnd(this, reason, current.isSucceeded)
    current.ended.resolve(reason)
  }

  /** Whoever asks it, and whoever supervises it, is told now: its thread may never end. */
  async #onStuck(current: Incarnation): Promise<void> {
    this.#stuck = deferred()
    const wanted = current.reason ?? { kind: 'killed' }
    const reason: ExitReason = wanted.kind === 'startFailed' ? wanted : { kind: 'unkillable', reason: wanted }
    this.lastExit = reason
    await this.#ports.onStuck(this, reason)
    current.ended.resolve(reason)
  }

  #free(stuck: Deferred<void>): void {
    this.#stuck = undefined
    this.#ports.onFreed(this)
    stuck.resolve()
  }

  /** An old version that has handed over is, and a new one that did not start: it is followed by the old one again. */
  #isSucceeded(current: Incarnation, reason: ExitReason): boolean {
    if (!this.#isUpgrading || this.#tenure!.isStopping) return false
    return current.isReady ? reason.kind === 'shutdown' : this.handedOver !== undefined && !this.#isRollingBack
  }

  async #stopTenure(tenure: Tenure, reason: ExitReason): Promise<ExitReason> {
    tenure.isStopping = true
    if (this.#current?.isReady === true) this.#stop(this.#current, reason)
    else if (this.#current !== undefined) this.#kill(this.#current, reason)
    return tenure.ended.promise
  }

  #stop(current: Incarnation, reason: ExitReason): void {
    const { shutdownMs } = this.spec
    if (reason.kind !== 'shutdown' || shutdownMs === 'kill') this.#kill(current, { kind: 'killed' })
    else if (!current.isKilled) {
      current.isolate.post({ type: 'stop', drain: this.drainUntilMs !== undefined })
      this.#killLater(current, Math.max(shutdownMs, (this.drainUntilMs ?? 0) - this.#ports.clock.nowMs()))
    }
  }

  #killLater(current: Incarnation, graceMs: number): void {
    current.timer?.()
    if (graceMs === Number.POSITIVE_INFINITY) return
    current.timer = this.#ports.clock.after(graceMs, () => this.#kill(current, { kind: 'killed' }))
  }

  #kill(current: Incarnation, reason: ExitReason): void {
    if (this.#current !== current || current.isKilled) return
    current.isKilled = true
    current.reason ??= reason
    current.timer?.()
    current.isolate.kill()
    if (this.#tenure?.isStopping === false) this.#ports.onEnding(this)
    current.timer = this.#ports.clock.after(KILL_GRACE_MS, () => void this.#onStuck(current))
  }
}
