import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bundling, bundlingWith } from '../base/bundle-options.ts'
import { deferredName } from './actor-modules.ts'
import { bundle } from './bundle.ts'
import { BundleCache, cacheFolders } from './bundle-cache.ts'
import { EsbuildService } from './esbuild-service.ts'
import { BuiltActors } from './manifest.ts'
import { fixedSite } from './site.ts'
import { SourceWatch } from './source-watch.ts'

const TYPESCRIPT = /\.[cm]?tsx?$/
/** Changes when what is made of the same files changes. */
const BUNDLES_VERSION = 3
const TARGET = `node${process.versions.node}`

/**
 * Makes an actor's module loadable by an isolate. JavaScript is imported as it is, unless the options say otherwise. TypeScript
 * is bundled by esbuild, on every Node alike, so that enums, decorators and extensionless imports work everywhere and the
 * presence of nothing changes behaviour: the module and what it uses of what it imports become one file. Done once per module
 * and control thread, so a restart never waits for it, and once for all runs as long as its files stay what they are.
 */
export class ModuleLoader {
  readonly #runtimeUrl: string
  readonly #bundling: Bundling
  readonly #esbuild = new EsbuildService()
  readonly #prepared = new Map<string, Promise<string>>()
  #built: BuiltActors | undefined
  #watch: SourceWatch | undefined

  /** `runtimeUrl`: the entry that isolates have: actors must extend the very `Actor` class that the isolate knows. */
  constructor(runtimeUrl: string, bundling: Bundling = bundlingWith()) {
    this.#runtimeUrl = runtimeUrl
    this.#bundling = bundling
  }

  /**
   * The URL to import for a module. Rejects with esbuild's own messages, which name file, line and cause. `isChanged`: it is
   * read again; if it cannot be built, what was built before stays.
   */
  async prepare(module: string, isChanged = false): Promise<string> {
    if (this.#bundling.built !== undefined) return this.#builtUrl(module, this.#bundling.built)
    if (!this.#isBundled(module)) return deferredBeside(module)
    const known = this.#prepared.get(module)
    if (known !== undefined && !isChanged) return known
    const url = this.#bundle(module)
    this.#prepared.set(module, url)
    // A file that could not be built may be mended before the next try.
    url.catch(() => {
      if (this.#prepared.get(module) !== url) return
      if (known === undefined) this.#prepared.delete(module)
      else this.#prepared.set(module, known)
    })
    return url
  }

  /**
   * From here on the files of each module that is prepared are watched. `onChanged`: with what it is imported by now; `onBroken`:
   * with esbuild's failure, which names file and line. What was built before stays.
   */
  watch(onChanged: (module: string, url: string) => void, onBroken: (module: string, error: unknown) => void): void {
    this.#watch = new SourceWatch((module) => {
      const before = this.#prepared.get(module)
      void this.prepare(module, true).then(
        async (url) => {
          if (url !== (await before)) onChanged(module, url)
        },
        (error: unknown) => {
          this.#watch?.broken(module)
          onBroken(module, error)
        },
      )
    })
  }

  /** What was made of it in an earlier run; undefined: there is nothing that is still right, or what is wrong is told at its start. */
  made(module: string): string | undefined {
    try {
      if (this.#bundling.built !== undefined) return this.#builtUrl(module, this.#bundling.built)
      const file = fileURLToPath(module)
      return this.#isBundled(module) ? this.#cacheFor(file).find(file) : deferredBeside(module)
    } catch {
      return undefined
    }
  }

  #isBundled(module: string): boolean {
    return TYPESCRIPT.test(module) || this.#bundling.javascript
  }

  #builtUrl(module: string, folder: string): string {
    this.#built ??= new BuiltActors(folder)
    return deferredBeside(this.#built.urlOf(module))
  }

  #cacheFor(file: string): BundleCache {
    const { external, packages, cacheFolder } = this.#bundling
    const settings = [BUNDLES_VERSION, versionOfEsbuild(), this.#runtimeUrl, TARGET, packages, ...external].map(String)
    return new BundleCache(cacheFolders(dirname(file), cacheFolder), settings)
  }

  async #bundle(module: string): Promise<string> {
    const file = fileURLToPath(module)
    const { external, packages } = this.#bundling
    const cache = this.#cacheFor(file)
    const request = { file, root: process.cwd(), site: fixedSite(file, this.#runtimeUrl), target: TARGET, external, packages }
    const url = cache.find(file) ?? cache.keep(file, await this.#esbuild.use((esbuild) => bundle(esbuild, request)))
    this.#watch?.built(module, cache.ownFiles(file))
    return url
  }

  /** Resolves when no process of esbuild is left. */
  end(): Promise<void> {
    this.#watch?.close()
    return this.#esbuild.end()
  }
}

/**
 * Of a bundle that was built for production, the same as a function. Its name says nothing of its content: the time of its file
 * does, so that no thread takes another one for it.
 */
function deferredBeside(url: string): string {
  if (!/^file:.*\.mjs$/.test(url)) return url
  const deferred = deferredName(url)
  const stat = statSync(fileURLToPath(deferred), { throwIfNoEntry: false })
  return stat === undefined ? url : `${deferred}?${stat.mtimeMs}`
}

/** Without loading it: where a bundle is found it is not needed. */
function versionOfEsbuild(): string {
  try {
    const file = createRequire(import.meta.url).resolve('esbuild/package.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  } catch {
    return 'none'
  }
}
