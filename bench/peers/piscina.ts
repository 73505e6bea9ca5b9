import { Piscina } from 'piscina'
import type { Contender } from '../contender.ts'

export const piscina: Contender = {
  name: 'Piscina',
  open() {
    const filename = new URL('../workers/functions.mjs', import.meta.url).href
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, execArgv: [] })
    return Promise.resolve({
      add: (n) => pool.run(n, { name: 'add' }),
      work50: (n) => pool.run(n, { name: 'work50' }),
      echo: (bytes) => pool.run(bytes, { name: 'echo' }),
      close: () => pool.destroy(),
    })
  },
}
