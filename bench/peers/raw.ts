import { MessageChannel, Worker } from 'node:worker_threads'
import { type Contender, RAW } from '../contender.ts'

interface Answer {
  readonly id: number
  readonly value: unknown
}

export const raw: Contender = {
  name: RAW,
  open() {
    const { port1: port, port2 } = new MessageChannel()
    const worker = new Worker(new URL('../workers/raw.mjs', import.meta.url), {
      workerData: { port: port2 },
      transferList: [port2],
      execArgv: [],
    })
    const waiting = new Map<number, (value: never) => void>()
    let last = 0
    port.on('message', ({ id, value }: Answer) => {
      const resolve = waiting.get(id)
      waiting.delete(id)
      resolve?.(value as never)
    })
    const call = <T>(method: string, value: T): Promise<T> =>
      new Promise((resolve) => {
        const id = ++last
        waiting.set(id, resolve)
        port.postMessage({ id, method, value })
      })
    return Promise.resolve({
      add: (n) => call('add', n),
      work50: (n) => call('work50', n),
      echo: (bytes) => call('echo', bytes),
      close: () => worker.terminate(),
    })
  },
}
