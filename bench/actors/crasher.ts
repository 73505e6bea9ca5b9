import { Actor } from '@troupe/runtime'

/** Says when it came to life, and can be told to crash later, without anybody's help. */
export class Crasher extends Actor {
  static readonly module = import.meta.url
  readonly #bornMs = now()
  bornMs(): number {
    return this.#bornMs
  }
  crashIn(delayMs: number): number {
    setTimeout(() => {
      throw new Error('as planned')
    }, delayMs)
    return now() + delayMs
  }
  echo(value: unknown): unknown {
    return value
  }
}

/** The same clock for all threads of the process. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
