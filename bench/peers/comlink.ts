import { Worker } from 'node:worker_threads'
import { type Remote, wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import type { Contender } from '../contender.ts'
import type * as methods from '../methods.mjs'

export const comlink: Contender = {
  name: 'Comlink',
  open() {
    const worker = new Worker(new URL('../workers/comlink.mjs', import.meta.url), { execArgv: [] })
    const remote: Remote<typeof methods> = wrap(nodeEndpoint(worker))
    return Promise.resolve({
      add: (n) => remote.add(n),
      work50: (n) => remote.work50(n),
      echo: (bytes) => remote.echo(bytes),
      close: () => worker.terminate(),
    })
  },
}
