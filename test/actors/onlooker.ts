import { Actor } from '@troupe/runtime'

/** Imports nothing, and says what was loaded before it. */
export class Onlooker extends Actor {
  static readonly module = import.meta.url

  hasLoaded(name: string): boolean {
    return (process as unknown as { moduleLoadList: string[] }).moduleLoadList.includes(`NativeModule ${name}`)
  }
}
