import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** As an isolate does it: the runtime is there already, and compiled code is taken from the cache. */
const MEASURES = `
import * as nodeModule from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
nodeModule.enableCompileCache?.()
process.setSourceMapsEnabled(true)
await import(workerData.runtime)
const startedMs = performance.now()
await import(workerData.url)
parentPort.postMessage(performance.now() - startedMs)
nodeModule.flushCompileCache?.()
process.exit()`
const ROUNDS = 3

/** How long an isolate takes to import a module. Rejects with what the module throws. */
export async function loadTimeMs(url: string, runtime: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(MEASURES)}`), {
      workerData: { url, runtime },
      execArgv: [],
      stdout: true,
    })
    // Both at once: its exit may come with its message, before anybody could begin to wait for it.
    const [[ms]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[number], unknown]
    times.push(ms)
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!
}
