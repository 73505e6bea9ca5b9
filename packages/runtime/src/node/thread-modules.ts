import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type NodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { readAhead } from '../base/node-modules-ahead.ts'
import { DEFERRED, isDeferred, scriptIn } from '../base/script-url.ts'

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

/** Of all bundles that are compiled ahead: what V8 and Node keep of one is several times its size. */
const PREPARED_MAX_BYTES = 1024 * 1024
/** The map of such a bundle is read within a few milliseconds. */
const MAPPED_MAX_BYTES = 128 * 1024
/** In the one isolate that will be taken next. */
const PREPARED_NEXT_MAX_BYTES = 4 * 1024 * 1024
/** By then the actor has started, and has time for this. */
const FORGET_MS = 1_000
/** Enough for the head of a bundle. */
const HEAD_BYTES = 512

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
  #preparedBytes = 0

  constructor(ports: ModulePorts) {
    this.#ports = ports
  }

  async load(url: string): Promise<Module> {
    const deferred = this.#prepared.get(url) ?? (await this.#deferred(url))
    if (this.#prepared.size > 0) setTimeout(() => this.#forget(), FORGET_MS).unref()
    if (deferred === undefined) return this.#ports.import(url)
    const module = { exports: {} }
    return deferred(module, module.exports, await this.#ports.runtime())
  }

  /**
   * Before it is known who needs it: loads what it will load of Node's own, and compiles it, and does not run it. Not what has the
   * same name when it has changed (bundler/module-loader.ts), and not more than some megabytes.
   */
  prepare(url: string, isNext: boolean): void {
    if (this.#prepared.has(url)) return
    try {
      const file = fileURLToPath(url)
      for (const name of readAhead(headOf(file))) process.getBuiltinModule(name)
      const { size } = statSync(file)
      const bytes = this.#preparedBytes + size
      if (!url.endsWith(DEFERRED) || bytes > (isNext ? PREPARED_NEXT_MAX_BYTES : PREPARED_MAX_BYTES)) return
      this.#preparedBytes = bytes
      this.#prepared.set(url, this.#ports.require!(file) as Deferred)
      if (size <= MAPPED_MAX_BYTES) readMap(file)
    } catch {
      // Whoever needs it is told.
    }
  }

  /** It is known by now who needs what, and the rest is of no use. */
  #forget(): void {
    for (const url of this.#prepared.keys()) delete this.#ports.require?.cache[fileURLToPath(url)]
    this.#prepared.clear()
  }

  /** undefined: a module of another kind. */
  async #deferred(url: string): Promise<Deferred | undefined> {
    const script = scriptIn(url)
    if (script !== undefined) return compiled(script)
    if (!isDeferred(url)) return undefined
    return (this.#ports.require?.(fileURLToPath(url)) ?? (await this.#ports.import(url))['default']) as Deferred
  }
}

function headOf(file: string): string {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(HEAD_BYTES)
    return bytes.toString('latin1', 0, readSync(fd, bytes))
  } finally {
    closeSync(fd)
  }
}

function compiled({ file, code }: { readonly file: string; readonly code: string }): Deferred {
  const { Module } = process.getBuiltinModule('node:module')
  const module = new Module(file) as NodeModule & { _compile(code: string, file: string): void }
  module.filename = file
  module._compile(code, file)
  return module.exports as Deferred
}

/** Node reads it when an error of that module shows its stack for the first time, and that is when an actor crashes. */
function readMap(file: string): void {
  process.getBuiltinModule('node:module').findSourceMap(file)
}
