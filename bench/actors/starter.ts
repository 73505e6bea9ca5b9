import { Actor } from '@troupe/runtime'

/** The smallest actor that answers, and that crashes when it is told to. */
export class Starter extends Actor {
  static readonly module = import.meta.url

  add(n: number): number {
    return n + 1
  }

  fail(): void {
    throw new Error('as planned')
  }
}
