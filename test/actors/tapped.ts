import { subscribe } from 'node:diagnostics_channel'
import { Actor, type Taps } from '@troupe/runtime'

type Heard = Taps['troupe:receive'] | Taps['troupe:reply'] | Taps['troupe:send']

/** Listens to what happens in its own isolate. */
export class Tapped extends Actor {
  static readonly module = import.meta.url
  readonly #heard: [channel: string, heard: Heard][] = []

  constructor() {
    super()
    for (const name of ['troupe:send', 'troupe:receive', 'troupe:reply'] as const)
      subscribe(name, (heard) => this.#heard.push([name, heard as Heard]))
  }

  add(n: number): number {
    return n + 1
  }

  note(_text: string): void {}

  fail(): never {
    throw new RangeError('no')
  }

  async *count(n: number): AsyncGenerator<number> {
    for (let i = 1; i <= n; i++) yield i
  }

  die(): void {
    process.exit(1)
  }

  /** Errors as texts. */
  heard(): unknown {
    return this.#heard.splice(0).map(([channel, heard]) => {
      const { correlation, ...rest } = { error: undefined, ...heard }
      return [channel, correlation > 0, { ...rest, error: String(rest.error) }]
    })
  }
}
