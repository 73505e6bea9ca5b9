import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contender } from '../contender.ts'

interface ComedyActor {
  createChild(module: string, options: object): Promise<ComedyActor>
  sendAndReceive(method: string, ...args: unknown[]): Promise<unknown>
}

interface ComedySystem {
  rootActor(): Promise<ComedyActor>
  destroy(): Promise<void>
}

/** It has no declarations, and loads its parts on the first use. */
type Comedy = (options: object) => ComedySystem

export const comedy: Contender = {
  name: 'comedy',
  async open() {
    const require = createRequire(import.meta.url)
    const system = (require('comedy') as Comedy)({ test: true, loggerConfig: { categories: { Default: 'Error' } } })
    const root = await system.rootActor()
    const actor = await root.createChild(modulePath(require), { mode: 'threaded' })
    const call = async (method: string, n: number): Promise<number> => Number(await actor.sendAndReceive(method, n))
    // No echo: bytes go through JSON there and come back as an object of numbers.
    return { add: (n) => call('add', n), work50: (n) => call('work50', n), close: async () => system.destroy() }
  },
}

/** It looks for modules below what it takes for the root of the application. */
function modulePath(require: NodeJS.Require): string {
  const { path } = createRequire(require.resolve('comedy'))('app-root-path') as { path: string }
  return `/${relative(path, fileURLToPath(new URL('../workers/comedy.cjs', import.meta.url)))}`
}
