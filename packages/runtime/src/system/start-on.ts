import type { RunningSystem } from './actor-system.ts'
import { modulesOn } from './callers.ts'
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

/**
 * What a host needs is loaded by the first start: most actors import the public entry, and few of them start a system.
 *
 * @param check throws where no system may be started, or gives a promise that never settles: at once, and not when that has been loaded
 */
export function actorSystemOn(
  check: (callers: readonly string[]) => Promise<never> | undefined,
  platform: () => Promise<Platform>,
): ActorSystemOn {
  let known: Promise<Platform> | undefined
  return {
    start: async (options) => {
      const callers = modulesOn(new Error().stack)
      const refused = check(callers)
      if (refused !== undefined) return refused
      const [{ RunningSystem }, on] = await Promise.all([import('./actor-system.ts'), (known ??= platform())])
      return RunningSystem.startOn(on, options, callers)
    },
  }
}
