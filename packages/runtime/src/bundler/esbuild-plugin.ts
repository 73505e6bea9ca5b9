// The entry @troupe/runtime/esbuild: for services that are bundled by esbuild.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, BuildResult, PartialMessage, Plugin } from 'esbuild'
import { ActorBuilder, writeBundles } from './actor-builder.ts'
import { loaderOf, withPlaces } from './actor-modules.ts'
import { packageOf } from './package-files.ts'

export interface TroupeEsbuildOptions {
  /** Packages that stay outside of the actors' bundles. Default none but those that cannot be bundled. */
  readonly external?: readonly string[]
  /** false: no package is bundled into the actors. Default true. */
  readonly packages?: boolean
  /**
   * `copy` (the default) puts the runtime's files into the folder `troupe` beside the output, which then needs no
   * `node_modules`; `external` imports `@troupe/runtime` from there.
   */
  readonly runtime?: 'copy' | 'external'
}

const ACTORS = 'actors'
const RUNTIME = 'troupe'
/** What a system's threads begin with. */
const RUNTIME_ENTRIES = ['index.js', 'testing.js', 'control-entry.js', 'isolate-entry.cjs', 'isolate-runtime.cjs', 'rehearsal.deferred.cjs']
/** What an isolate has for the runtime's public entry. */
const IN_ISOLATES = 'isolate-api'

/**
 * Bundles each actor that the service knows of (`static readonly module = import.meta.url`, `actorsIn(new URL('./x.ts',
 * import.meta.url))`) into a file of its own in the folder `actors` beside the output, and makes the service name that.
 */
export function troupe({ external = [], packages = true, runtime = 'copy' }: TroupeEsbuildOptions = {}): Plugin {
  return {
    name: 'troupe',
    setup(build) {
      const options = build.initialOptions
      options.metafile = true
      const root = options.absWorkingDir ?? process.cwd()
      const out = outputFolder(options, root)
      const folder = join(out, ACTORS)
      const copied = (specifier: string, index: string): string => `${RUNTIME}/${specifier.split('/')[2] ?? index}.js`
      const inActors = (specifier: string): string => (runtime === 'external' ? specifier : `../${copied(specifier, IN_ISOLATES)}`)
      const inHost = (specifier: string): string => (runtime === 'external' ? specifier : `./${copied(specifier, 'index')}`)
      let builder = new ActorBuilder(build.esbuild, { root, folder, external, packages, runtime: inActors })
      const urlOf = (file: string): string | undefined => {
        const name = builder.addIfActor(file)
        return name === undefined ? undefined : urlExpression(`${ACTORS}/${name}`, options.format)
      }
      build.onStart(() => {
        builder = new ActorBuilder(build.esbuild, { root, folder, external, packages, runtime: inActors })
      })
      build.onResolve({ filter: /^@troupe\/runtime(\/testing)?$/ }, ({ path }) => ({ path: inHost(path), external: true }))
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        if (packageOf(path) !== undefined) return undefined
        const source = await readFile(path, 'utf8')
        const contents = withPlaces(source, path, urlOf)
        return contents === source ? undefined : { contents, loader: loaderOf(path), resolveDir: dirname(path) }
      })
      build.onEnd(async (result) => {
        const errors = misplaced(result, out, root)
        if (result.errors.length > 0 || errors.length > 0) return { errors }
        writeBundles(folder, await builder.finish())
        if (runtime === 'copy') copyRuntime(join(out, RUNTIME))
        return undefined
      })
    },
  }
}

function outputFolder({ outfile, outdir }: BuildOptions, root: string): string {
  if (outfile !== undefined) return resolve(root, dirname(outfile))
  return resolve(root, outdir ?? '.')
}

function urlExpression(path: string, format: BuildOptions['format']): string {
  if (format === 'esm') return `new URL(${JSON.stringify(`./${path}`)}, import.meta.url).href`
  return `require('node:url').pathToFileURL(__dirname + ${JSON.stringify(`/${path}`)}).href`
}

/** The service names its actors relative to itself: that is right in the output folder, and not in one below. */
function misplaced({ metafile }: BuildResult, out: string, root: string): PartialMessage[] {
  return Object.keys(metafile?.outputs ?? {})
    .filter((file) => /\.[cm]?js$/.test(file) && dirname(resolve(root, file)) !== out)
    .map((file) => ({
      text: `troupe: ${file} lies below ${out}, from where it would not find its actors. Give entries and chunks no folders.`,
    }))
}

/** The files that the runtime's entries import, and those that these do. */
function copyRuntime(to: string): void {
  const from = dirname(fileURLToPath(import.meta.url))
  mkdirSync(to, { recursive: true })
  writeFileSync(join(to, 'package.json'), '{ "type": "module" }\n')
  const files = new Set(RUNTIME_ENTRIES.filter((file) => existsSync(join(from, file))))
  for (const file of files) {
    const source = join(from, file)
    copyFileSync(source, join(to, file))
    for (const [, other] of readFileSync(source, 'utf8').matchAll(/["']\.\/([\w.-]+\.c?js)["']/g)) files.add(other!)
  }
}
