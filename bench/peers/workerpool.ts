import { fileURLToPath } from 'node:url'
import { pool as createPool } from 'workerpool'
import type { Contender } from '../contender.ts'

export const workerpool: Contender = {
  name: 'workerpool',
  open() {
    const file = fileURLToPath(new URL('../workers/workerpool.mjs', import.meta.url))
    const pool = createPool(file, { maxWorkers: 1, workerType: 'thread', workerThreadOpts: { execArgv: [] } })
    // Its promise is its own kind; await makes it one of the language.
    const call = async <T>(method: string, value: T): Promise<T> => (await pool.exec(method, [value])) as T
    return Promise.resolve({
      add: (n) => call('add', n),
      work50: (n) => call('work50', n),
      echo: (bytes) => call('echo', bytes),
      close: async () => pool.terminate(),
    })
  },
}
