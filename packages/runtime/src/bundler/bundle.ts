import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { BuildFailure } from 'esbuild'
import { breakageIn, packagesToBlame } from './breakage.ts'
import { awaitsAtTopLevel, type Built, type BundleFormat, EXTENSIONS, isSameInCommonJs, withHead } from './bundle-format.ts'
import { type BundlePlan, bundlePlugin, MODULE_CONSTANTS, NAMES_ITSELF } from './bundle-plugin.ts'
import type { Esbuild } from './esbuild-service.ts'
import { leanMap, type SourceMap } from './lean-map.ts'
import { packageOf, withDependencies } from './package-files.ts'
import type { Site } from './site.ts'

export interface BundleRequest {
  /** The actor's module. */
  readonly file: string
  /** Errors name files relative to this. */
  readonly root: string
  readonly site: Site
  /** What the code may use: `node20.19`. */
  readonly target: string
  /** Packages that stay outside, whatever is found. */
  readonly external: readonly string[]
  readonly packages: boolean
  /** Default: CommonJS, where that is the same. */
  readonly format?: BundleFormat
}

export interface Bundle {
  /** The file's name, with a hash of its content in it. */
  readonly name: string
  readonly format: BundleFormat
  /** With its source map. */
  readonly code: string
  /** All files that were looked at, also those of which nothing is left. */
  readonly inputs: readonly string[]
  /** What is in it, in bytes of the bundle. */
  readonly parts: readonly { readonly file: string; readonly bytes: number }[]
  /** What it imports from outside. */
  readonly imports: readonly string[]
  /** Packages that stay outside, and why. */
  readonly outside: ReadonlyMap<string, string>
}

/**
 * One file of an actor's module and all it imports. A package that would not survive it is found by its source, or by esbuild's
 * errors: then everything is bundled once more without it. It is a CommonJS module where that is the same, and else an ES module.
 *
 * @throws esbuild's own failure, which names file, line and cause
 */
export async function bundle(esbuild: Esbuild, request: BundleRequest): Promise<Bundle> {
  const outside = new Map<string, string>()
  const leaveOut = (name: string, why: string): void => {
    for (const each of withDependencies(name, dirname(request.file)))
      if (!outside.has(each)) outside.set(each, each === name ? why : `${name} depends on it`)
  }
  for (const name of request.external) leaveOut(name, 'the option external')
  const named = new Set([request.file].filter(namesItself))
  let format: BundleFormat = request.format ?? 'cjs'
  for (;;) {
    const before = outside.size + named.size
    const plan = { site: request.site, format, packages: request.packages, outside: new Set(outside.keys()), named }
    const result = await build(esbuild, request, plan).catch((failure: BuildFailure) => {
      if (awaitsAtTopLevel(failure)) {
        format = 'esm'
        return
      }
      for (const name of packagesToBlame(failure.errors ?? [])) leaveOut(name, 'esbuild cannot bundle it')
      if (outside.size + named.size > before) return
      if (format === 'esm') throw failure
      format = 'esm'
    })
    if (result === undefined) continue
    for (const { file } of partsOf(result, request)) {
      const { name } = packageOf(file) ?? {}
      const why = name === undefined ? undefined : breakageIn(file)
      if (name !== undefined && why !== undefined) leaveOut(name, why)
      if (name === undefined && namesItself(file)) named.add(file)
    }
    if (outside.size + named.size > before) continue
    if (format === 'esm' || isSameInCommonJs(result)) return finished(result, request, format, outside)
    format = 'esm'
  }
}

/** A file that cannot be read is told by esbuild. */
function namesItself(file: string): boolean {
  return existsSync(file) && NAMES_ITSELF.test(readFileSync(file, 'utf8'))
}

function build(esbuild: Esbuild, { file, root, target }: BundleRequest, plan: BundlePlan): Promise<Built> {
  return esbuild.build({
    entryPoints: [file],
    bundle: true,
    write: false,
    metafile: true,
    outdir: dirname(file),
    absWorkingDir: root,
    format: plan.format,
    platform: 'node',
    target,
    // As other bundlers for Node have it: of a package that has both, the half that unused parts can be taken from.
    mainFields: ['module', 'main'],
    sourcemap: 'external',
    sourcesContent: false,
    // Names of functions stay, and so do lines in stacks, by the map; but Node reads and measures each character of a bundle.
    minifyWhitespace: true,
    keepNames: true,
    logLevel: 'silent',
    define: MODULE_CONSTANTS,
    plugins: [bundlePlugin(esbuild, plan)],
  }) as Promise<Built>
}

/** What is left in the bundle. */
function partsOf({ metafile }: Built, { root }: BundleRequest): { file: string; bytes: number }[] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([name, { bytesInOutput }]) => bytesInOutput > 0 && isFile(name))
      .map(([name, { bytesInOutput }]) => ({ file: join(root, name), bytes: bytesInOutput })),
  )
}

/** Not a part that esbuild or a plugin made up (`<runtime>`, `(disabled):fs`). */
function isFile(input: string): boolean {
  return !/^[<(]|^[\w-]{2,}:/.test(input)
}

function finished(result: Built, request: BundleRequest, format: BundleFormat, outside: ReadonlyMap<string, string>): Bundle {
  const [code, map] = ['.js', '.map'].map((end) => result.outputFiles!.find(({ path }) => path.endsWith(end))!.text)
  const folder = dirname(request.file)
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports)
  const atOnce = imports.filter(({ kind }) => kind !== 'dynamic-import').map(({ path }) => path)
  const text = withMap(withHead(format, code!, atOnce, request.site), JSON.parse(map!) as SourceMap, folder, request.site)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return {
    name: `${basename(request.file).replace(/\.[^.]+$/, '')}-${hash}${EXTENSIONS[format]}`,
    format,
    code: text,
    inputs: Object.keys(result.metafile.inputs)
      .filter(isFile)
      .map((input) => join(request.root, input)),
    parts: partsOf(result, request),
    imports: [...new Set(imports.map(({ path }) => path))],
    outside,
  }
}

function withMap(code: string, map: SourceMap, folder: string, site: Site): string {
  const files = map.sources.map((source) => join(folder, source))
  const lean = leanMap(map, (source) => packageOf(files[source]!) === undefined, 1)
  const json = JSON.stringify({ ...lean, names: [], sources: files.map((file) => site.source(file)) })
  return `${code}//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}\n`
}
