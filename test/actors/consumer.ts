import { Actor, type ActorRef } from '@troupe/runtime'
import type { Recorder } from './recorder.ts'

export interface Item {
  readonly n: number
  readonly pad: string
}

/** Consumes async iterables that it is passed. */
export class Consumer extends Actor {
  static readonly module = import.meta.url
  readonly #recorder: ActorRef<Recorder> | undefined

  constructor(recorder?: ActorRef<Recorder>) {
    super()
    this.#recorder = recorder
  }

  async sum(items: AsyncIterable<Item>): Promise<number> {
    let sum = 0
    for await (const { n } of items) sum += n
    return sum
  }

  async sumOf({ from, and }: { from: AsyncIterable<Item>; and: readonly AsyncIterable<Item>[] }): Promise<number> {
    let sum = await this.sum(from)
    for (const items of and) sum += await this.sum(items)
    return sum
  }

  ignore(_items: AsyncIterable<Item>): string {
    return 'ignored'
  }

  refuse(_items: AsyncIterable<Item>): void {
    throw new RangeError('not today')
  }

  #kept: AsyncIterable<Item> | undefined

  keep(items: AsyncIterable<Item>): void {
    this.#kept = items
  }

  sumKept(): Promise<number> {
    return this.sum(this.#kept!)
  }

  async first(items: AsyncIterable<Item>, count: number): Promise<number> {
    let sum = 0
    let taken = 0
    for await (const { n } of items) {
      sum += n
      if (++taken === count) break
    }
    return sum
  }

  async sumUntilError(items: AsyncIterable<Item>): Promise<[number, string]> {
    let sum = 0
    try {
      for await (const { n } of items) sum += n
    } catch (error) {
      return [sum, String(error)]
    }
    return [sum, '']
  }

  async note(items: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const { n } of items) this.#recorder?.tell.note(String(n))
    } catch (error) {
      this.#recorder?.tell.note(`ended: ${(error as Error).name}`)
    }
  }

  async passOn(to: ActorRef<Consumer>): Promise<void> {
    async function* one(): AsyncGenerator<Item> {
      yield { n: 1, pad: '' }
      await new Promise(() => undefined)
    }
    await to.ask({ timeoutMs: Number.POSITIVE_INFINITY }).note(one())
  }
}
