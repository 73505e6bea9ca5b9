import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import type { ImportKind, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { type Loader, loaderOf, withActorUrls } from './actor-modules.ts'
import type { BundleFormat } from './bundle-format.ts'
import type { Esbuild } from './esbuild-service.ts'
import { packageName, packageOf } from './package-files.ts'
import { RUNTIME, type Site } from './site.ts'

/** Each module of a bundle has these constants in its first line: all modules would otherwise share the bundle's own. */
export const MODULE_CONSTANTS = {
  'import.meta.url': '__troupe_url',
  'import.meta.filename': '__troupe_filename',
  'import.meta.dirname': '__troupe_dirname',
  __filename: '__troupe_filename',
  __dirname: '__troupe_dirname',
}
/** Whether a module's source needs them. */
export const NAMES_ITSELF = /\bimport\.meta\b|\b__(?:dirname|filename)\b/
/** Marks what this plugin asks esbuild itself to resolve. */
const ASKED = Symbol('asked')

export interface BundlePlan {
  readonly site: Site
  readonly format: BundleFormat
  /** Names of packages that stay outside. */
  readonly outside: ReadonlySet<string>
  /** Whether packages are bundled at all. */
  readonly packages: boolean
  /** Files whose source needs the constants. */
  readonly named: ReadonlySet<string>
}

/** What is outside of the bundle, and how its modules know where they were. */
export function bundlePlugin(esbuild: Esbuild, plan: BundlePlan): Plugin {
  return {
    name: 'troupe-bundle',
    setup: (build) => {
      build.onResolve({ filter: /^@troupe\/runtime(\/testing)?$/ }, ({ path }) => ({
        path: plan.format === 'cjs' && path === RUNTIME ? RUNTIME : plan.site.runtime(path),
        external: true,
      }))
      build.onResolve({ filter: /\.node$/ }, ({ path, resolveDir, kind }) => addon(plan.site, join(resolveDir, path), kind))
      const filter = plan.packages ? anyOf([...plan.outside].map((name) => `${escaped(name)}(?:/|$)`)) : /^[^./]/
      if (filter !== undefined) build.onResolve({ filter }, (args) => outside(esbuild, build, plan, args))
      const named = anyOf([...plan.named].map((file) => `${escaped(file)}$`))
      if (named !== undefined) build.onLoad({ filter: named }, async ({ path }) => withConstants(path, plan.site))
    },
  }
}

function addon(site: Site, file: string, kind: ImportKind): OnResolveResult | undefined {
  return existsSync(file) ? { path: site.outside(file, file, kindOf(kind)), external: true } : undefined
}

async function outside(
  esbuild: Esbuild,
  build: PluginBuild,
  plan: BundlePlan,
  { path, kind, resolveDir, importer, pluginData }: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  if (pluginData === ASKED || isBuiltin(path) || kind === 'entry-point') return undefined
  // `paths` of a tsconfig look like packages.
  const own = await build.resolve(path, { kind, resolveDir, importer, pluginData: ASKED })
  if (own.errors.length === 0 && packageOf(own.path) === undefined && !plan.outside.has(packageName(path) ?? '')) return own
  const target = await resolveAsNode(esbuild, path, resolveDir, kindOf(kind))
  return { path: target === undefined ? path : plan.site.outside(target, path, kindOf(kind)), external: true }
}

function kindOf(kind: ImportKind): 'import' | 'require' {
  return kind.startsWith('require') ? 'require' : 'import'
}

/** What Node would load, and not what a bundler prefers. undefined: it would find nothing. */
async function resolveAsNode(esbuild: Esbuild, specifier: string, from: string, kind: 'import' | 'require'): Promise<string | undefined> {
  try {
    if (kind === 'require') return createRequire(join(from, '_')).resolve(specifier)
    const { metafile } = await esbuild.build({
      stdin: { contents: `import ${JSON.stringify(specifier)}`, resolveDir: from },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      mainFields: ['main'],
      conditions: 'require_module' in process.features ? ['module-sync'] : [],
      absWorkingDir: from,
      logLevel: 'silent',
      plugins: [{ name: 'empty', setup: ({ onLoad }) => onLoad({ filter: /./ }, () => ({ contents: '', loader: 'js' })) }],
    })
    const file = Object.keys(metafile.inputs).find((input) => input !== '<stdin>')
    return file === undefined ? undefined : join(from, file)
  } catch {
    return undefined
  }
}

async function withConstants(file: string, site: Site): Promise<{ contents: string; loader: Loader; resolveDir: string }> {
  const source = withActorUrls(await readFile(file, 'utf8'), file, (actor) => site.actorUrl(actor))
  const constants = [`__troupe_url = ${site.moduleUrl(file)}`]
  if (/\bfilename\b|\b__filename\b/.test(source)) constants.push('__troupe_filename = __troupe_path(__troupe_url)')
  if (/\bdirname\b|\b__dirname\b/.test(source)) constants.push(`__troupe_dirname = __troupe_path(new URL('.', __troupe_url)).slice(0, -1)`)
  return {
    // In the first line, so that the lines of stack traces stay what they are.
    contents: `const ${constants.join(', ')};${source.replace(/^#!/, '//')}`,
    loader: loaderOf(file),
    resolveDir: dirname(file),
  }
}

function anyOf(patterns: readonly string[]): RegExp | undefined {
  return patterns.length === 0 ? undefined : new RegExp(`^(?:${patterns.join('|')})`)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
