import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { isDeferred } from '../base/script-url.ts'

/**
 * As an isolate does it (thread-modules.ts): the runtime is there already, and compiled code is taken from the cache. A program that starts a system, named by
 * mistake, starts none.
 */
const MEASURES = `
import * as nodeModule from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
nodeModule.enableCompileCache?.()
process.setSourceMapsEnabled(true)
const runtime = await import(workerData.runtime)
let startsSystem = false
runtime.ActorSystem.start = () => {
  startsSystem = true
  throw new Error('no system is started while a module is measured')
}
const startedMs = performance.now()
try {
  const loaded = await import(workerData.url)
  if (workerData.isDeferred) {
    const module = { exports: {} }
    loaded.default(module, module.exports, runtime)
  }
} catch (error) {
  if (!startsSystem) throw error
}
parentPort.postMessage({ ms: performance.now() - startedMs, startsSystem })
nodeModule.flushCompileCache?.()
process.exit()`
const ROUNDS = 3

/** How long an isolate takes to import a module. Rejects with what the module throws, or does instead. */
export async function loadTimeMs(url: string, runtime: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) times.push(await loadOnce(url, runtime))
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!
}

async function loadOnce(url: string, runtime: string): Promise<number> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(MEASURES)}`), {
    workerData: { url, runtime, isDeferred: isDeferred(url) },
    execArgv: [],
    stdout: true,
  })
  // Its exit may come with its message, or without one, and both before anybody could begin to wait for it.
  let answer: { readonly ms: number; readonly startsSystem: boolean } | undefined
  worker.once('message', (message) => (answer = message))
  const [code] = (await once(worker, 'exit')) as [number]
  if (answer === undefined)
    throw new Error(`its thread ended while it was loaded (code ${code}): it exits, or has a top-level await that does not settle.`)
  if (answer.startsSystem) throw new Error("it starts a system, so it is no module of an actor. Name the file of an actor's class.")
  return answer.ms
}
