import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { ExitReason } from '../base/exit-reason.ts'
import type { IsolateKind } from '../base/isolate-kind.ts'
import { HANG_AFTER_MS, KILL_GRACE_MS, SHUTDOWN_MS } from '../base/limits.ts'
import { lateStart } from '../base/start-cures.ts'
import type { BootRecord, FromIsolate, Isolate, StackWatch, StartIsolate, ToIsolate } from '../isolate/isolate.ts'
import type { ActorPlace } from '../supervisor/actor-place.ts'
import type { ChildSpec } from '../supervisor/child-spec.ts'
import type { ChildHandle } from '../supervisor/supervisor-ports.ts'
import { asStartFailure, calledOff, type Deferred, deferred, type Incarnation, stuckPredecessor, type Tenure } from './incarnation.ts'
import { type Version, Versions } from './versions.ts'

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
  #current: Incarnation | undefined
  /** The incarnation whose thread is stuck in native code: there is no successor before it has ended. */
  #stuck: Deferred<void> | undefined
  #tenure: Tenure | undefined
  readonly #versions: Versions

  constructor(address: Address, spec: ChildSpec, ports: LifePorts) {
    this.address = address
    this.spec = spec
    this.#ports = ports
    this.#versions = new Versions(this, (module, isChanged) => ports.prepareModule(module, isChanged))
  }

  /** Starts the next incarnation. Rejects with the ExitReason, when nothing of it is left. */
  async start(cancelled: AbortSignal): Promise<ChildHandle> {
    if (this.#stuck !== undefined) throw stuckPredecessor()
    const url = await Promise.race([this.#versions.prepare(), calledOff(cancelled)])
    // Nobody wants it any more: a thread is not started in order to be ended.
    if (cancelled.aborted || url === undefined) throw asStartFailure(cancelled.reason as ExitReason, 'bundle')
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
    return this.#versions.current
  }

  /** For the next start, after an upgrade: what the one before gave it. */
  get handedOver(): Uint8Array | undefined {
    return this.#versions.handedOver
  }

  /**
   * Puts a new version in the place of the one that lives. Rejects with UpgradeFailedError. The supervisor hears nothing of
   * it, unless neither the new version nor the old one can be started afterwards.
   */
  async upgrade(place: ActorPlace | undefined, args: readonly unknown[] | undefined): Promise<void> {
    const [tenure, current] = [this.#tenure, this.#current]
    if (tenure === undefined || current?.isReady !== true) throw this.#versions.failed('notRunning')
    await this.#versions.upgrade(place, args, {
      handOver: () => this.#handOver(tenure, current),
      startNext: (url) => this.#startNext(tenure, url),
      end: (reason) => tenure.ended.resolve(reason),
    })
  }

  /** Its module has changed: it goes on with that, or begins with it when it is started next. */
  async reload(module: string, url: string): Promise<void> {
    if (!this.#versions.isOutdated(module, url)) return
    if (this.isReady) return this.upgrade(undefined, undefined)
    this.#versions.forget()
  }

  /** The old version ends in order; resolves with what it hands over when it has ended. */
  async #handOver(tenure: Tenure, current: Incarnation): Promise<Uint8Array> {
    if (this.#current !== current || current.isKilled || tenure.isStopping) throw this.#versions.failed('stop')
    const { shutdownMs } = this.spec
    current.handOver = deferred()
    current.isolate.post({ type: 'upgrade' })
    this.#killLater(current, shutdownMs === 'kill' ? SHUTDOWN_MS : shutdownMs)
    const outcome = await Promise.race([current.handOver.promise, current.ended.promise])
    if ('error' in outcome && !('kind' in outcome)) {
      if (!current.isKilled) current.timer?.()
      throw this.#versions.failed('onUpgrade', outcome.error)
    }
    await current.ended.promise
    if (!current.isSucceeded) throw this.#versions.failed('stop')
    return outcome as Uint8Array
  }

  async #startNext(tenure: Tenure, url: string): Promise<void> {
    if (tenure.isStopping) throw { kind: 'shutdown' } satisfies ExitReason
    await this.#startOne(url, tenure)
    this.#ports.onUpgraded(this)
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
      isInline: this.isInline,
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
    const isStopping = this.#tenure!.isStopping
    current.isSucceeded = !isStopping && this.#versions.isSucceeded(current.isReady, reason)
    if (!isStopping) this.#ports.onEnding(this)
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
    if (!current.isInline) current.timer = this.#ports.clock.after(KILL_GRACE_MS, () => void this.#onStuck(current))
  }
}
