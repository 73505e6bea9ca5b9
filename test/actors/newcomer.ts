import { Actor, type ActorRef } from '@troupe/runtime'

// What a newcomer writes: each class has one mistake, or is called with one (docs/TROUBLESHOOTING.md).

export class Rate extends Actor {
  static readonly module = import.meta.url
  limit = 10
  reset = (): void => undefined
  readonly #windowMs: number

  constructor(windowMs: number | { each: unknown } = 1_000) {
    super()
    if (windowMs === 13) throw new RangeError('a window of 13 ms brings bad luck')
    this.#windowMs = Number(windowMs)
  }

  hit(_by: unknown): number {
    return this.#windowMs
  }

  get left(): number {
    return this.limit
  }

  watcher(): unknown {
    return { notify: () => this.limit }
  }

  forever(): Promise<never> {
    return new Promise(() => {})
  }

  askItself(): Promise<unknown> {
    return this.context.selfAs<Rate>().ask.hit(1)
  }

  fail(): never {
    throw new TypeError('x is not a number')
  }

  tellsWrongly(ref: ActorRef<Rate>): boolean {
    return (ref.tell as unknown as { hti(by: number): boolean }).hti(1)
  }

  shape(): string {
    return this.context.path
  }
}

export class Unplaced extends Actor {}

class Hidden extends Actor {
  static readonly module = import.meta.url
}
export const hidden = Hidden

export class Burst extends Rate {}

export class Plain {
  static readonly module = import.meta.url
}

export class Money {
  readonly cents: number
  constructor(cents: number) {
    this.cents = cents
  }
}

export class Quiet extends Actor {
  static readonly module = import.meta.url
  onstart(): void {}
}

export class Hasty extends Actor {
  static readonly module = import.meta.url
  static readonly hangAfterMS = 20
}
