import type {
  BootRecord,
  EmptyIsolate,
  FromIsolate,
  Isolate,
  IsolateEvents,
  StackWatch,
  StartedIsolate,
  ToIsolate,
} from '../isolate/isolate.ts'
import type { Measured, MeasuredLoop } from '../isolate/measured.ts'

/**
 * One actor's use of an isolate. A spare that has ended before it took its actor is no failed start: nothing of the actor
 * has run, and it gets another isolate.
 */
export class Tenancy implements StartedIsolate {
  /** Until its actor lives: the arguments in it may be large. */
  #boot: BootRecord | undefined
  readonly #events: IsolateEvents
  readonly #makeCold: (boot: BootRecord) => EmptyIsolate
  #isolate!: Isolate
  /** Posted before it is known that the isolate has taken its actor. */
  #posted: ToIsolate[] | undefined = []
  #isKilled = false
  isWarm = false

  constructor(boot: BootRecord, events: IsolateEvents, makeCold: (boot: BootRecord) => EmptyIsolate) {
    this.#boot = boot
    this.#events = events
    this.#makeCold = makeCold
  }

  moveInto(spare: EmptyIsolate | undefined): void {
    this.isWarm = spare !== undefined
    const boot = this.#boot!
    this.#isolate = (spare ?? this.#makeCold(boot)).run(boot, {
      onNotice: (notice) => this.#onNotice(notice),
      onExit: (exit) => {
        if (spare === undefined || this.#posted === undefined || this.#isKilled) return this.#events.onExit(exit)
        const posted = this.#posted
        this.moveInto(undefined)
        for (const signal of posted) this.#isolate.post(signal)
      },
    })
  }

  post(signal: ToIsolate): void {
    this.#posted?.push(signal)
    this.#isolate.post(signal)
  }

  measure(): Promise<Measured> {
    return this.#isolate.measure?.() ?? Promise.resolve({ memory: undefined, cpu: undefined, loop: { activeMs: 0, idleMs: 0 } })
  }

  loop(): MeasuredLoop {
    return this.#isolate.loop?.() ?? { activeMs: 0, idleMs: 0 }
  }

  watchStack(): StackWatch | undefined {
    return this.#isolate.watchStack?.()
  }

  kill(): void {
    this.#isKilled = true
    this.#isolate.kill()
  }

  #onNotice(notice: FromIsolate): void {
    this.#posted = undefined
    this.#boot = undefined
    this.#events.onNotice(notice)
  }
}
