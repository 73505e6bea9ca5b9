import type { Script } from 'node:vm'
import type { runIsolate } from './isolate-thread.ts'

type Exports = Readonly<Record<string, unknown>>
type Modules = Readonly<Record<string, Exports>>

interface Core {
  readonly runtime: { readonly api: unknown; readonly runIsolate: typeof runIsolate }
  /** What the later part needs of this one. */
  core(): readonly unknown[]
}

/** The text of each part is a function of these (scripts/isolate-script.mjs). */
type EvaluateCore = (later: (name: string) => Exports, require: NodeJS.Require, module: { exports?: Core }, url: string) => void
type EvaluateLater = (
  core: (i: number) => unknown,
  require: NodeJS.Require,
  module: { exports?: { readonly modules: Modules } },
  url: string,
) => void

/** Evaluates what every isolate runs. `later` is the rest of the runtime, which most never need: it is evaluated when something of it is used. */
export function evaluateRuntime(core: Script, later: () => Script, require: NodeJS.Require, url: string): Core['runtime'] {
  const module: { exports?: Core } = {}
  const modules = laterModules(() => {
    const values = module.exports!.core()
    const late: { exports?: { readonly modules: Modules } } = {}
    ;(later().runInThisContext() as EvaluateLater)((i) => values[i], require, late, url)
    return late.exports!.modules
  })
  ;(core.runInThisContext() as EvaluateCore)(modules, require, module, url)
  return module.exports!.runtime
}

/**
 * Gives modules whose exports are there from their first use on. From then on they are properties like any others, and cost no more.
 *
 * @param evaluate if it throws, for want of stack perhaps, it is called again at the next use
 */
function laterModules(evaluate: () => Modules): (name: string) => Exports {
  let modules: Modules | undefined
  return (name) => {
    const exports: Exports = Object.create(
      new Proxy({} as Exports, {
        get(_, key) {
          modules ??= evaluate()
          return Object.setPrototypeOf(Object.assign(exports, modules[name]), null)[key]
        },
      }),
    )
    return exports
  }
}
