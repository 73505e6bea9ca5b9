import { Worker } from 'node:worker_threads'
import { type ProxyMarked, type Remote, wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import type { Contender } from '../contender.ts'
import type * as methods from '../methods.mjs'

type Methods = typeof methods & { counter(n: number): AsyncGenerator<number, void> & ProxyMarked }

/** Comlink has no streams: its users keep the generator in the worker, and ask it for one item after another. */
async function* items(remote: Remote<Methods>, n: number): AsyncGenerator<number> {
  const counter = await remote.counter(n)
  for (;;) {
    const { value, done } = await counter.next()
    if (done === true) return
    yield value
  }
}

export const comlink: Contender = {
  name: 'Comlink',
  open() {
    const worker = new Worker(new URL('../workers/comlink.mjs', import.meta.url), { execArgv: [] })
    const remote: Remote<Methods> = wrap(nodeEndpoint(worker))
    return Promise.resolve({
      add: (n) => remote.add(n),
      work50: (n) => remote.work50(n),
      echo: (bytes) => remote.echo(bytes),
      count: (n) => items(remote, n),
      close: () => worker.terminate(),
    })
  },
}
