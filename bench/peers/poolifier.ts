import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'
import type { Contender } from '../contender.ts'

export const poolifier: Contender = {
  name: 'poolifier',
  open() {
    const file = fileURLToPath(new URL('../workers/poolifier.mjs', import.meta.url))
    const pool = new FixedThreadPool<unknown, unknown>(1, file, { workerOptions: { execArgv: [] } })
    return Promise.resolve({
      add: (n) => pool.execute(n, 'add') as Promise<number>,
      work50: (n) => pool.execute(n, 'work50') as Promise<number>,
      echo: (bytes) => pool.execute(bytes, 'echo') as Promise<Uint8Array>,
      close: () => pool.destroy(),
    })
  },
}
