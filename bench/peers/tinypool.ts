import { Tinypool } from 'tinypool'
import type { Contender } from '../contender.ts'

export const tinypool: Contender = {
  name: 'Tinypool',
  open() {
    const filename = new URL('../workers/functions.mjs', import.meta.url).href
    const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1, execArgv: [] })
    return Promise.resolve({
      add: (n) => pool.run(n, { name: 'add' }),
      work50: (n) => pool.run(n, { name: 'work50' }),
      echo: (bytes) => pool.run(bytes, { name: 'echo' }),
      close: () => pool.destroy(),
    })
  },
}
