import { Actor, type ActorRef } from '@troupe/runtime'
import { type Gate, passGate } from './gate.ts'
import type { Recorder } from './recorder.ts'

// Actors whose starts go wrong, or are slow.

export class ThrowsInConstructor extends Actor {
  static readonly module = import.meta.url
  constructor() {
    super()
    throw new RangeError('not today')
  }
}

export class ThrowsInOnStart extends Actor {
  static readonly module = import.meta.url
  override async onStart(): Promise<void> {
    await Promise.resolve()
    throw new RangeError('not ready')
  }
}

export class HangsInOnStart extends Actor {
  static readonly module = import.meta.url
  override onStart(): Promise<void> {
    return new Promise(() => undefined)
  }
}

export class SpinsInConstructor extends Actor {
  static readonly module = import.meta.url
  constructor() {
    super()
    for (;;);
  }
}

export class ExitsInConstructor extends Actor {
  static readonly module = import.meta.url
  constructor(code: number) {
    super()
    process.exit(code)
  }
}

export class AsksItselfAtStart extends Actor {
  static readonly module = import.meta.url
  override async onStart(): Promise<void> {
    await this.context.selfAs<AsksItselfAtStart>().ask({ timeoutMs: Number.POSITIVE_INFINITY }).answer()
  }
  answer(): number {
    return 1
  }
}

/** Has work for itself before it is ready. */
export class TellsItselfAtStart extends Actor {
  static readonly module = import.meta.url
  #steps: string[] = []
  constructor() {
    super()
    this.context.selfAs<TellsItselfAtStart>().tell.step('told by the constructor')
  }
  override async onStart(): Promise<void> {
    this.context.selfAs<TellsItselfAtStart>().tell.step('told by onStart')
    await Promise.resolve()
    this.#steps.push('ready')
  }
  step(text: string): void {
    this.#steps.push(text)
  }
  steps(): string[] {
    return this.#steps
  }
}

/** Is ready when the gate is open. */
export class StartsSlowly extends Actor {
  static readonly module = import.meta.url
  readonly #gate: ActorRef<Gate>
  readonly #recorder: ActorRef<Recorder> | undefined
  constructor(gate: ActorRef<Gate>, recorder?: ActorRef<Recorder>) {
    super()
    this.#gate = gate
    this.#recorder = recorder
  }
  override onStart(): Promise<void> {
    return passGate(this.#gate)
  }
  override onStop(): void {
    this.#recorder?.tell.note('stopped')
  }
  incarnation(): number {
    return this.context.incarnation
  }
}

/** Its first start succeeds, the following `failures` fail. */
export class FailsToRestart extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder>
  readonly #failures: number
  constructor(recorder: ActorRef<Recorder>, failures: number) {
    super()
    this.#recorder = recorder
    this.#failures = failures
  }
  override onStart(): void {
    const { incarnation } = this.context
    this.#recorder.tell.note(incarnation)
    if (incarnation > 1 && incarnation <= this.#failures + 1) throw new RangeError(`start ${incarnation} failed`)
  }
  incarnation(): number {
    return this.context.incarnation
  }
}

/** Looks like an actor from afar. */
export class NotAnActor {
  static readonly module = import.meta.url
  hello(): string {
    return 'hello'
  }
}

/** Its first start succeeds; all others hang. */
export class HangsAtRestart extends Actor {
  static readonly module = import.meta.url
  override onStart(): Promise<void> | undefined {
    return this.context.incarnation === 1 ? undefined : new Promise(() => undefined)
  }
  exit(): never {
    process.exit(1)
  }
}

export class FailsAtRestart extends Actor {
  static readonly module = import.meta.url
  override onStart(): void {
    if (this.context.incarnation > 1) throw new RangeError('not again')
  }
  exit(): never {
    process.exit(1)
  }
}
