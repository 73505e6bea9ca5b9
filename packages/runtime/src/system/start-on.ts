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

export function actorSystemOn(platform: Platform): ActorSystemOn {
  return { start: (options) => RunningSystem.startOn(platform, options) }
}
