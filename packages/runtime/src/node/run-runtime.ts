import { Script } from 'node:vm'
import { workerData } from 'node:worker_threads'
import { hideCompileCache } from './compile-cache.ts'
import { evaluateRuntime } from './later-part.ts'
import { type IsolateBirth, RUNTIME_KEY, type SharedScript } from './runtime-code.ts'
import type { ModulePorts } from './thread-modules.ts'

/** Evaluates the runtime in this thread, with what another one has compiled of it, and gives it to the actor's imports. */
export function runRuntime(importModule: ModulePorts['import'], requireModule: NodeJS.Require): void {
  const birth = workerData as IsolateBirth
  // What the control thread was given (compile-cache.ts) is in use by now: an actor sees the environment of its service.
  hideCompileCache()
  const core = scriptOf(birth.core)
  const { api, runIsolate } = evaluateRuntime(core, () => scriptOf(birth.later), requireModule, birth.url)
  Reflect.set(globalThis, Symbol.for(RUNTIME_KEY), api)
  const ports = { import: importModule, require: requireModule, runtime: () => api }
  runIsolate(birth, ports, () => ({ core: core.createCachedData(), later: scriptOf(birth.later).createCachedData() }))
}

function scriptOf({ file, text, code }: SharedScript): Script {
  const source = Buffer.from(text.buffer).toString('latin1')
  return new Script(source, { filename: file, ...(code === undefined ? {} : { cachedData: code }) })
}
