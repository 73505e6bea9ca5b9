import { relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findPackage, packageName, packageOf } from './package-files.ts'

export const RUNTIME = '@troupe/runtime'

/** How a bundle names what is outside of it: for its own place on this machine, or for a folder that will be moved. */
export interface Site {
  /** An expression for the URL of a module in the bundle, as its `import.meta.url` was. */
  moduleUrl(file: string): string
  /** An expression for the URL of the module of an actor that is named by its file; undefined: it stays as it is written. */
  actorUrl(file: string): string | undefined
  /** What to import for a file outside. `specifier` is what `importer` calls it. */
  outside(target: string, specifier: string, kind: 'import' | 'require'): string
  /** What to import for `@troupe/runtime` and its parts. There is one copy of it in an isolate. */
  runtime(specifier: string): string
  /** A source file's name in the source map. */
  source(file: string): string
  /** An expression: from where the bundle requires what is outside. */
  readonly requireFrom: string
}

/** Everything by its absolute place: such a bundle can lie anywhere, also in memory. `runtimeUrl`: of what isolates have for the runtime. */
export function fixedSite(entry: string, runtimeUrl: string): Site {
  const url = (file: string): string => pathToFileURL(file).href
  return {
    moduleUrl: (file) => JSON.stringify(url(file)),
    actorUrl: () => undefined,
    outside: (target, _, kind) => (kind === 'require' ? target : url(target)),
    runtime: (specifier) => (specifier === RUNTIME ? runtimeUrl : new URL(`.${specifier.slice(RUNTIME.length)}.js`, runtimeUrl).href),
    source: url,
    requireFrom: JSON.stringify(url(entry)),
  }
}

/** Where a bundle will lie, and what lies beside it. */
export interface Move {
  /** The folder of the bundle. */
  readonly folder: string
  /** The file name of the bundle that is made of a module; undefined: it is no actor's. */
  bundleOf(file: string): string | undefined
  /** What to import for `@troupe/runtime` and its parts. */
  runtime(specifier: string): string
}

/**
 * Everything relative to the bundle's folder. Packages are imported by name, where that folder finds the same package as who
 * imports it. An actor's module has the URL of the bundle that is made of it, since its source may not be there any more.
 */
export function movableSite({ folder, bundleOf, runtime }: Move): Site {
  const path = (file: string): string => {
    const from = relative(folder, file).split(sep).join('/')
    return from.startsWith('.') ? from : `./${from}`
  }
  const url = (to: string): string => `new URL(${JSON.stringify(to)}, __troupe_bundle_url).href`
  const urlOfBundle = (file: string): string | undefined => {
    const name = bundleOf(file)
    return name === undefined ? undefined : url(`./${name}`)
  }
  return {
    moduleUrl: (file) => urlOfBundle(file) ?? url(path(file)),
    actorUrl: urlOfBundle,
    outside: (target, specifier) => {
      const name = packageName(specifier)
      const isFoundFromHere = name !== undefined && findPackage(name, folder) === packageOf(target)?.folder
      return isFoundFromHere ? specifier : path(target)
    },
    runtime,
    source: path,
    requireFrom: '__troupe_bundle_url',
  }
}
