import { RunningSystem } from './actor-system.ts'
import type { Platform } from './platform.ts'
import type { SystemOptions } from './system-options.ts'

/** What a program starts with: `await ActorSystem.start({ name: 'shop' })`. */
export interface ActorSystemOn {
  /**
   * Starts a system: its control thread, then its static children in their order. Rejects with InvalidSpecError (all faults
   * at once) or StartFailedError; then nothing is left running.
   */
  start(options: SystemOptions): Promise<RunningSystem>
}

/** `platform` is called by the first start: most actors import the public entry, and few of them start a system. */
export function actorSystemOn(platform: () => Platform): ActorSystemOn {
  let known: Platform | undefined
  return { start: async (options) => RunningSystem.startOn((known ??= platform()), options) }
}
