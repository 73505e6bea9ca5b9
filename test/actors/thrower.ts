import { Actor, NotSendableError } from '@troupe/runtime'

/** Not registered anywhere: arrives as a RemoteError. */
export class Overdrawn extends Error {
  readonly code = 'OVERDRAWN'
  readonly missing = 12
  override get name(): string {
    return 'Overdrawn'
  }
}

/** Throws what a program can throw. */
export class Thrower extends Actor {
  static readonly module = import.meta.url

  never(): Promise<void> {
    return new Promise(() => undefined)
  }

  typeError(): never {
    throw new TypeError('a TypeError', { cause: new RangeError('its cause', { cause: 'the cause of that' }) })
  }

  aggregate(): never {
    throw new AggregateError([new TypeError('one'), new Overdrawn('two')], 'both')
  }

  fromNode(): never {
    process.chdir('/')
    throw new Error('unreachable')
  }

  ofTheRuntime(): never {
    throw new NotSendableError('args[0]', 'only for this test')
  }

  overdrawn(): never {
    throw new Overdrawn('12 missing')
  }

  aborted(): never {
    AbortSignal.abort().throwIfAborted()
    throw new Error('unreachable')
  }

  // biome-ignore-start lint/style/useThrowOnlyError: programs do.
  string(): never {
    throw 'only a string'
  }

  nothing(): never {
    throw null
  }

  plainObject(): never {
    throw { code: 5, why: ['plain'] }
  }

  aFunction(): never {
    throw () => 1
  }

  thenable(): never {
    throw { then: () => 1 }
  }
  // biome-ignore-end lint/style/useThrowOnlyError: programs do.

  huge(): never {
    throw new RangeError('x'.repeat(2_000_000))
  }

  cyclic(): never {
    const error = new RangeError('cyclic')
    error.cause = error
    throw error
  }

  withFunction(): never {
    throw Object.assign(new RangeError('has a function'), { retry: () => 1, count: 2 })
  }

  notSendable(): unknown {
    return { deep: [() => 1] }
  }

  tooLarge(bytes: number): Uint8Array {
    return new Uint8Array(bytes)
  }
}
