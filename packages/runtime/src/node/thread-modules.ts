import { statSync } from 'node:fs'
import type NodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { DEFERRED, scriptIn } from '../base/script-url.ts'

export type Module = Readonly<Record<string, unknown>>

/** The export of a bundle that is CommonJS (bundler/bundle-format.ts). */
type Deferred = (module: { exports: Module }, exports: Module, runtime: unknown) => Module

/** What the file that a thread began with can do. */
export interface ModulePorts {
  /** A script, as an isolate's runtime is, has no `import()` on Node 20. */
  readonly import: (url: string) => Promise<Module>
  /** In an isolate. */
  readonly require?: NodeJS.Require
  /** What the actor's `@troupe/runtime` is. */
  readonly runtime: () => unknown
}

/** What V8 keeps of a module is several times its size. */
const PREPARED_MAX_BYTES = 1024 * 1024

let own: ThreadModules | undefined

/** Of this thread, where it began as an isolate: the runtime's script cannot import by itself (`ModulePorts`). undefined: it did not. */
export function isolatesModules(): ThreadModules | undefined {
  return own
}

export function setIsolatesModules(modules: ThreadModules): void {
  own = modules
}

/** How a thread gets the modules of actors. */
export class ThreadModules {
  readonly #ports: ModulePorts
  readonly #prepared = new Map<string, Deferred>()

  constructor(ports: ModulePorts) {
    this.#ports = ports
  }

  async load(url: string): Promise<Module> {
    const deferred = this.#prepared.get(url) ?? (await this.#deferred(url))
    if (deferred === undefined) return this.#ports.import(url)
    const module = { exports: {} }
    return deferred(module, module.exports, await this.#ports.runtime())
  }

  /** Loads and compiles it, and does not run it, before it is known who needs it. Not what is large. */
  prepare(url: string): void {
    try {
      const file = fileURLToPath(url)
      if (statSync(file).size <= PREPARED_MAX_BYTES) this.#prepared.set(url, this.#ports.require!(file) as Deferred)
    } catch {
      // Whoever needs it is told.
    }
  }

  /** undefined: a module of another kind. */
  async #deferred(url: string): Promise<Deferred | undefined> {
    const script = scriptIn(url)
    if (script !== undefined) return compiled(script)
    if (!new URL(url).pathname.endsWith(DEFERRED)) return undefined
    return (this.#ports.require?.(fileURLToPath(url)) ?? (await this.#ports.import(url))['default']) as Deferred
  }
}

function compiled({ file, code }: { readonly file: string; readonly code: string }): Deferred {
  const { Module } = process.getBuiltinModule('node:module')
  const module = new Module(file) as NodeModule & { _compile(code: string, file: string): void }
  module.filename = file
  module._compile(code, file)
  return module.exports as Deferred
}
