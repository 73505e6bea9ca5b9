import { KILL_GRACE_MS } from '../../packages/runtime/src/base/limits.ts'
import type {
  BootRecord,
  EmptyIsolate,
  EmptyIsolateEvents,
  Isolate,
  IsolateEvents,
  ToIsolate,
} from '../../packages/runtime/src/isolate/isolate.ts'
import type { Random } from './random.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/** How often what goes wrong, from 0 to 1. */
export interface Faults {
  readonly start: number
  readonly life: number
  readonly stop: number
  readonly stuck: number
}

export const NO_FAULTS: Faults = { start: 0, life: 0, stop: 0, stuck: 0 }

export type IsolateState = 'starting' | 'running' | 'stopping' | 'killed' | 'dead'

export interface SimWatcher {
  /** Somebody wants it to be born. */
  onAttempt(boot: BootRecord): void
  onBorn(isolate: SimIsolate): void
  onStopAsked(isolate: SimIsolate): void
  onDead(isolate: SimIsolate): void
}

/** A place without an actor, as a spare is, or a thread that is just being started. It may end before it is given one. */
export class SimPlace implements EmptyIsolate {
  readonly #empty: EmptyIsolateEvents
  readonly #loop: VirtualLoop
  readonly #watcher: SimWatcher
  readonly #makeIsolate: (boot: BootRecord, events: IsolateEvents) => SimIsolate
  #state: 'loading' | 'loaded' | 'dead' = 'loading'
  #tenant: { readonly boot: BootRecord; readonly events: IsolateEvents } | undefined
  #isolate: SimIsolate | undefined
  readonly #posted: ToIsolate[] = []

  constructor(empty: EmptyIsolateEvents, loop: VirtualLoop, random: Random, faults: () => Faults, watcher: SimWatcher) {
    this.#empty = empty
    this.#watcher = watcher
    this.#loop = loop
    this.#makeIsolate = (boot, events) => new SimIsolate(boot, events, loop, random, faults, watcher)
    const loads = !random.chance(faults().start / 4)
    loop.at(loop.nowMs + random.between(0, 20), () => (loads ? this.#loaded() : this.#end()))
    if (random.chance(faults().life / 4)) loop.at(loop.nowMs + random.between(0, 300), () => this.#end())
  }

  expect(): void {}

  /** Only of a place without an actor: one that lives prepares for nobody. */
  prepare(): void {
    if (this.#tenant !== undefined) throw new Error('a place that has its actor was told to prepare for another one')
  }

  run(boot: BootRecord, events: IsolateEvents): Isolate {
    this.#watcher.onAttempt(boot)
    this.#tenant = { boot, events }
    if (this.#state === 'loaded') this.#loop.post(() => this.#take())
    if (this.#state === 'dead') this.#loop.post(() => events.onExit({ code: 1, error: undefined }))
    return { post: (signal) => this.#post(signal), kill: () => this.#kill() }
  }

  end(): void {
    this.#end()
  }

  #loaded(): void {
    if (this.#state === 'dead') return
    this.#state = 'loaded'
    this.#empty.onLoaded()
    this.#take()
  }

  #take(): void {
    if (this.#state !== 'loaded' || this.#tenant === undefined || this.#isolate !== undefined) return
    const { boot, events } = this.#tenant
    events.onNotice({ type: 'taken' })
    this.#isolate = this.#makeIsolate(boot, events)
    for (const signal of this.#posted) this.#isolate.post(signal)
  }

  #post(signal: ToIsolate): void {
    if (this.#isolate === undefined) this.#posted.push(signal)
    else this.#isolate.post(signal)
  }

  #kill(): void {
    if (this.#isolate === undefined) this.#end()
    else this.#isolate.kill()
  }

  /** Only as long as nobody lives here. */
  #end(): void {
    if (this.#state === 'dead' || this.#isolate !== undefined) return
    this.#state = 'dead'
    const tenant = this.#tenant
    this.#loop.post(() => (tenant === undefined ? this.#empty.onExit() : tenant.events.onExit({ code: 1, error: undefined })))
  }
}

/**
 * An isolate without a thread: it starts slowly or not at all, crashes, leaves, hangs, and ends when it is asked to, or only
 * when it is killed, or even then not for a while; all of it by the seed.
 */
export class SimIsolate implements Isolate {
  readonly boot: BootRecord
  state: IsolateState = 'starting'
  readonly #events: IsolateEvents
  readonly #loop: VirtualLoop
  readonly #random: Random
  readonly #faults: () => Faults
  readonly #watcher: SimWatcher
  #calls = 0

  constructor(boot: BootRecord, events: IsolateEvents, loop: VirtualLoop, random: Random, faults: () => Faults, watcher: SimWatcher) {
    this.boot = boot
    this.#events = events
    this.#loop = loop
    this.#random = random
    this.#faults = faults
    this.#watcher = watcher
    watcher.onBorn(this)
    this.#later(random.between(0, 20), () => this.#start())
  }

  get isAlive(): boolean {
    return this.state !== 'dead'
  }

  post(signal: ToIsolate): void {
    if (signal.type !== 'stop' || this.state !== 'running') return
    this.state = 'stopping'
    this.#watcher.onStopAsked(this)
    this.#later(this.#random.between(0, 30), () => this.#stop())
  }

  kill(): void {
    if (this.state === 'dead' || this.state === 'killed') return
    this.state = 'killed'
    const isStuck = this.#random.chance(this.#faults().stuck)
    this.#loop.at(this.#loop.nowMs + (isStuck ? KILL_GRACE_MS + 50 : this.#random.between(0, 3)), () => this.#exit(1))
  }

  /** As an actor asks the control side. */
  call(request: { readonly name: string }): void {
    if (this.state === 'running') this.#events.onNotice({ type: 'call', id: ++this.#calls, request: request as never })
  }

  #start(): void {
    if (this.#random.chance(this.#faults().start))
      return this.#random.pick([
        () => this.#say('startFailed', { kind: 'startFailed', stage: 'onStart', error: wire('no start') }),
        () => this.#exit(7),
        // It is never ready: its time will be over.
        () => undefined,
      ])()
    this.state = 'running'
    this.#events.onNotice({ type: 'ready' })
    this.#live()
  }

  /** Now and then it looks whether it has come to its end. */
  #live(): void {
    this.#later(this.#random.between(10, 400), () => {
      if (this.state !== 'running') return
      if (!this.#random.chance(this.#faults().life)) return this.#live()
      this.#random.pick([
        () => this.#say('crashed', { kind: 'error', error: wire('crash') }),
        () => this.#say('crashed', { kind: 'error', error: wire('crash') }),
        () => this.#say('stopped', { kind: 'normal' }),
        () => this.#exit(3),
      ])()
    })
  }

  #stop(): void {
    if (!this.#random.chance(this.#faults().stop)) return this.#say('stopped', { kind: 'shutdown' })
    this.#random.pick([
      () => this.#say('crashed', { kind: 'error', error: wire('crash at stop') }),
      () => this.#exit(0),
      // It hangs, and has to be killed.
      () => undefined,
    ])()
  }

  #say(type: 'startFailed' | 'crashed' | 'stopped', reason: object): void {
    this.#events.onNotice({ type, reason: reason as never })
    this.#later(this.#random.between(0, 2), () => this.#exit(0))
  }

  #exit(code: number): void {
    if (this.state === 'dead') return
    this.state = 'dead'
    this.#watcher.onDead(this)
    this.#events.onExit({ code, error: undefined })
  }

  /** Nothing happens in it once it is killed. */
  #later(delayMs: number, run: () => void): void {
    this.#loop.at(this.#loop.nowMs + delayMs, () => {
      if (this.state !== 'dead' && this.state !== 'killed') run()
    })
  }
}

/** An error as it travels: the simulation never looks into it. */
function wire(text: string): object {
  return { text, bytes: new Uint8Array(0) }
}
