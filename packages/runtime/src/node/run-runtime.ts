import { Script } from 'node:vm'
import { workerData } from 'node:worker_threads'
import { hideCompileCache } from './compile-cache.ts'
import type { runIsolate } from './isolate-thread.ts'
import { type IsolateBirth, RUNTIME_KEY } from './runtime-code.ts'
import type { ModulePorts } from './thread-modules.ts'

interface Runtime {
  readonly api: unknown
  readonly runIsolate: typeof runIsolate
}

/** The runtime's text is a function of these (scripts/build.mjs). */
type Evaluate = (require: NodeJS.Require, module: { exports?: { readonly runtime: Runtime } }, url: string) => void

/** Evaluates the runtime in this thread, with what another one has compiled of it, and gives it to the actor's imports. */
export function runRuntime(importModule: ModulePorts['import'], requireModule: NodeJS.Require): void {
  const birth = workerData as IsolateBirth
  // What the control thread was given (compile-cache.ts) is in use by now: an actor sees the environment of its service.
  hideCompileCache()
  const text = Buffer.from(birth.text.buffer).toString('latin1')
  const script = new Script(text, { filename: birth.file, ...(birth.code === undefined ? {} : { cachedData: birth.code }) })
  const module: Parameters<Evaluate>[1] = {}
  ;(script.runInThisContext() as Evaluate)(require, module, birth.url)
  const { api, runIsolate } = module.exports!.runtime
  Reflect.set(globalThis, Symbol.for(RUNTIME_KEY), api)
  const ports = { import: importModule, require: requireModule, runtime: () => api }
  runIsolate(birth, ports, () => script.createCachedData())
}
