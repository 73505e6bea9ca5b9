import { Actor } from '@troupe/runtime'
import * as methods from '../methods.mjs'

/** The three methods of every peer. */
export class Echo extends Actor {
  static readonly module = import.meta.url

  add(n: number): number {
    return methods.add(n)
  }

  work50(n: number): number {
    return methods.work50(n)
  }

  async *count(n: number): AsyncGenerator<number> {
    yield* methods.count(n)
  }

  echo(bytes: Uint8Array): Uint8Array {
    return methods.echo(bytes)
  }
}
