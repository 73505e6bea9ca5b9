import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'

/** esbuild runs as a child process; it is stopped when nothing was bundled for this long. */
const ESBUILD_IDLE_MS = 1_000
const TYPESCRIPT = /\.[cm]?tsx?$/
const SOURCE = /\.[cm]?[jt]sx?$/
const RUNTIME = '@troupe/runtime'
/** Node's channel on which each new child process of this thread is published. */
const PROCESSES = 'child_process'
/** Stands for `import.meta.url` inside a bundle, where all modules would otherwise share the bundle's own. */
const URL_CONSTANT = '__troupe_module_url'

/**
 * Makes an actor's module loadable by an isolate. JavaScript is imported as it is. TypeScript is bundled by esbuild, on
 * every Node alike, so that enums, decorators and extensionless imports work everywhere and the presence of nothing
 * changes behaviour: the module and what it imports by relative paths become one file; packages stay outside and resolve
 * from the actor's folder. Done once per module and control thread, so a restart never waits for it.
 */
export class ModuleLoader {
  readonly #runtimeUrl: string
  readonly #prepared = new Map<string, Promise<string>>()
  #stopTimer: NodeJS.Timeout | undefined
  /** esbuild's own process while it lives; esbuild shows it to nobody. */
  #service: ChildProcess | undefined
  readonly #onProcess = (message: unknown): void => {
    const { process } = message as { readonly process: ChildProcess }
    this.#service = process
    process.once('exit', () => {
      if (this.#service === process) this.#service = undefined
    })
  }

  /** `runtimeUrl`: the runtime's own entry: actors must extend the very `Actor` class that the isolate knows. */
  constructor(runtimeUrl: string) {
    this.#runtimeUrl = runtimeUrl
  }

  /**
   * The URL to import for a module. Rejects with esbuild's own messages, which name file, line and cause. `isChanged`: it is
   * read again; if it cannot be built, what was built before stays.
   */
  prepare(module: string, isChanged = false): Promise<string> {
    if (!TYPESCRIPT.test(module)) return Promise.resolve(module)
    const known = this.#prepared.get(module)
    if (known !== undefined && !isChanged) return known
    const url = this.#bundle(fileURLToPath(module))
    this.#prepared.set(module, url)
    // A file that could not be built may be mended before the next try.
    url.catch(() => {
      if (this.#prepared.get(module) !== url) return
      if (known === undefined) this.#prepared.delete(module)
      else this.#prepared.set(module, known)
    })
    return url
  }

  async #bundle(file: string): Promise<string> {
    const { build } = await import('esbuild')
    clearTimeout(this.#stopTimer)
    subscribe(PROCESSES, this.#onProcess)
    const { outputFiles } = await build(bundleOptions(file, this.#runtimeUrl)).finally(() => unsubscribe(PROCESSES, this.#onProcess))
    clearTimeout(this.#stopTimer)
    this.#stopTimer = setTimeout(() => void this.end(), ESBUILD_IDLE_MS).unref()
    return pathToFileURL(writeOnce(file, outputFiles![0]!.contents)).href
  }

  /** Resolves when no process of esbuild is left. One that outlived this thread could be collected by nobody. */
  async end(): Promise<void> {
    clearTimeout(this.#stopTimer)
    if (this.#service === undefined) return
    const { stop } = await import('esbuild')
    const ended = once(this.#service, 'exit')
    await stop()
    await ended
  }
}

function bundleOptions(file: string, runtimeUrl: string): BuildOptions {
  return {
    entryPoints: [file],
    bundle: true,
    write: false,
    // Not written there by esbuild: the source map is relative to it, and stack traces name the actor's own file.
    outdir: cacheFolder(dirname(file)),
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    keepNames: true,
    logLevel: 'silent',
    define: { 'import.meta.url': URL_CONSTANT },
    plugins: [runtimePlugin(runtimeUrl), moduleUrlPlugin()],
  }
}

function runtimePlugin(runtimeUrl: string): Plugin {
  return {
    name: 'troupe-runtime',
    setup: (build) => build.onResolve({ filter: new RegExp(`^${RUNTIME}$`) }, () => ({ path: runtimeUrl, external: true })),
  }
}

/** Gives each module of a bundle the URL of its own source file. */
function moduleUrlPlugin(): Plugin {
  return {
    name: 'troupe-module-url',
    setup: (build) => {
      build.onLoad({ filter: SOURCE }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        if (!source.includes('import.meta')) return undefined
        // On the first line, so that the lines of stack traces stay what they are.
        return {
          contents: `const ${URL_CONSTANT} = ${JSON.stringify(pathToFileURL(path).href)};${source}`,
          loader: loaderOf(path),
          resolveDir: dirname(path),
        }
      })
    },
  }
}

function loaderOf(path: string): 'ts' | 'tsx' | 'js' | 'jsx' {
  if (/\.tsx$/.test(path)) return 'tsx'
  if (/\.jsx$/.test(path)) return 'jsx'
  return TYPESCRIPT.test(path) ? 'ts' : 'js'
}

/** Named by its content: whoever finds the file finds the right one, and two writers at once write the same. */
function writeOnce(source: string, contents: Uint8Array): string {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16)
  const folder = cacheFolder(dirname(source))
  const name = source.slice(source.lastIndexOf('/') + 1).replace(SOURCE, '')
  const file = join(folder, `${name}-${hash}.mjs`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(temporary, contents)
  renameSync(temporary, file)
  return file
}

/** Inside the nearest node_modules, so that packages resolve as they do from the actor's own folder. */
function cacheFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) return join(modules, '.cache', 'troupe')
    if (folder === dirname(folder)) return join(tmpdir(), 'troupe')
  }
}
