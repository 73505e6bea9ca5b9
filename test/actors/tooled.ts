import { Actor } from '@troupe/runtime'

interface Factor {
  readonly two: 2
}
const FACTOR: Factor = { two: 2 }

/** What tools look at. */
export class Tooled extends Actor {
  static readonly module = import.meta.url

  work(n: number): number {
    const doubled: number = n * FACTOR.two
    // biome-ignore lint/suspicious/noDebugger: a debugger stops here.
    debugger
    return doubled
  }

  never(): void {}

  preloaded(): unknown {
    return Reflect.get(globalThis, 'troupePreloaded')
  }
}
