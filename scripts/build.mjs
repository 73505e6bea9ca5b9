// Builds dist/ of @troupe/runtime and @troupe/actors. Fast enough (well under a second) to run before every test.
// `--types`: the declarations too, for publishing.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Output name → source, one build for each of these. All outputs lie side by side, so that `new URL('./isolate-entry.cjs',
 * import.meta.url)` means the same in each.
 */
const RUNTIME_BUILDS = [
  // What hosts load. Code that they share goes into shared files.
  {
    entries: { index: 'src/index.ts', comlink: 'src/ref/comlink.ts', otel: 'src/ref/open-telemetry.ts' },
    options: { splitting: true },
  },
  { entries: { 'control-entry': 'src/control-entry.ts' }, options: { splitting: true } },
  // What isolates load. CommonJS starts sooner, and of a script the compiled code can be handed on.
  { entries: { 'isolate-entry': 'src/isolate-entry.ts' }, options: cjs() },
  { entries: { 'isolate-runtime': 'src/isolate-runtime.ts' }, options: runtimeScript() },
  { entries: { rehearsal: 'src/rehearsal-entry.ts' }, options: rehearsalBundle() },
  // Tools for those who build a service.
  {
    entries: {
      cli: 'src/cli.ts',
      'esbuild-plugin': 'src/bundler/esbuild-plugin.ts',
      'vite-plugin': 'src/bundler/vite-plugin.ts',
      'vitest-coverage': 'src/bundler/vitest-coverage.ts',
    },
    options: { splitting: true },
  },
]

function cjs() {
  return { format: 'cjs', outExtension: { '.js': '.cjs' }, sourcemap: false }
}

/**
 * A function of `require`, `module` and its own URL, which node/run-runtime.ts calls. Each isolate keeps its text in memory.
 * Names are not given to functions one by one, which would be a fifth of what it costs to evaluate it: they have their own, unless
 * two of one name meet, and a test sees that no public one has.
 */
function runtimeScript() {
  return {
    ...cjs(),
    banner: { js: '(function (require, module, runtimeUrl) {' },
    footer: { js: '})' },
    define: { 'import.meta.url': 'runtimeUrl' },
    plugins: [ownNames(), staticImports()],
    keepNames: false,
    minifyWhitespace: true,
    lineLimit: 120,
  }
}

/** esbuild writes `Queue = class _Queue` for a class that names itself: its name is the inner one. */
function ownNames() {
  return {
    name: 'own-names',
    setup: (build) =>
      build.onEnd(({ outputFiles = [] }) => {
        for (const file of outputFiles) {
          const names = [...file.text.matchAll(/\b(\w+)=class _\1\b/g)].map(([, name]) => name)
          if (names.length > 0) file.contents = Buffer.from(file.text.replaceAll(new RegExp(`\\b_(${names.join('|')})\\b`, 'g'), '$1'))
        }
      }),
  }
}

/**
 * What a host loads when it needs it is in this script anyway. Left as they are, such imports would make esbuild put nearly every
 * module into a function of its own, to be called when it is wanted: 8 % more text, and 0.5 ms more for each isolate.
 */
function staticImports() {
  const dynamic = /(?<!typeof )\bimport\('(\.[^']+)'\)/g
  return {
    name: 'static-imports',
    setup: (build) =>
      build.onLoad({ filter: /runtime[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8')
        const wanted = [...source.matchAll(dynamic)].map(([, specifier]) => specifier)
        if (wanted.length === 0) return undefined
        const imports = wanted.map((specifier, i) => `import * as __later${i} from '${specifier}';`)
        let at = 0
        return { contents: imports.join('') + source.replaceAll(dynamic, () => `Promise.resolve(__later${at++})`), loader: 'ts' }
      }),
  }
}

/** As the bundles of actors are (bundler/bundle-format.ts). */
function rehearsalBundle() {
  return {
    ...cjs(),
    outExtension: { '.js': '.deferred.cjs' },
    banner: { js: "'use strict';module.exports=(function(module,exports,runtime){const require=()=>runtime;" },
    footer: { js: ';return module.exports})' },
    define: { 'import.meta.url': '__filename' },
    sourcemap: 'inline',
    plugins: [isolateApi()],
  }
}

/** In an isolate the public entry is the runtime that runs it. */
function isolateApi() {
  return {
    name: 'isolate-api',
    setup: (build) => build.onResolve({ filter: /^\.\/index\.ts$/ }, () => ({ path: '@troupe/runtime', external: true })),
  }
}

const COMMON = {
  // Paths in what esbuild tells and writes are relative to this; `pnpm pack` runs this script in the folder of a package.
  absWorkingDir: root,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  keepNames: true,
  logLevel: 'silent',
}

/** Builds both packages; throws with esbuild's own messages. Returns how many files have changed. */
export async function build() {
  const esbuild = createRequire(join(root, 'package.json'))('esbuild')
  const builds = [...RUNTIME_BUILDS.map(runtimeOptions), actorsOptions()].filter((options) => options !== undefined)
  try {
    const results = await Promise.all(builds.map((options) => esbuild.build({ ...COMMON, ...options })))
    const folders = [...new Set(builds.map(({ outdir }) => outdir))]
    const outputsIn = (folder) => [
      ...results.filter((_, i) => builds[i].outdir === folder).flatMap(({ outputFiles }) => outputFiles),
      ...(folder === builds[0].outdir ? isolateApiFiles(folder, results[0].metafile) : []),
    ]
    return folders.reduce((sum, folder) => sum + writeOutputs(folder, outputsIn(folder)), 0)
  } finally {
    await esbuild.stop()
  }
}

function runtimeOptions({ entries, options }) {
  const folder = join(root, 'packages/runtime')
  const entryPoints = Object.fromEntries(
    Object.entries(entries)
      .map(([name, file]) => [name, join(folder, file)])
      .filter(([, file]) => existsSync(file)),
  )
  if (Object.keys(entryPoints).length === 0) return undefined
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return {
    entryPoints,
    outdir: join(folder, 'dist'),
    // Dependencies stay outside; what is a devDependency (msgpackr) is bundled.
    external: Object.keys({ ...dependencies, ...peerDependencies }),
    metafile: true,
    ...options,
    plugins: [PLAIN_MSGPACKR, ...(options.plugins ?? [])],
  }
}

/**
 * What an actor's `import … from '@troupe/runtime'` is in an isolate, and its `require`: the names of the public entry, from the
 * runtime that runs there. A worker or a child process that an actor starts by itself may inherit the condition that leads here
 * (package.json), and has no such runtime: it gets the public entry.
 */
function isolateApiFiles(folder, { outputs }) {
  const { exports } = Object.entries(outputs).find(([path]) => path.endsWith('/dist/index.js'))[1]
  const file = (name, text) => ({ path: join(folder, name), contents: Buffer.from(text) })
  return [
    file('isolate-api.cjs', `module.exports = globalThis[Symbol.for('@troupe/runtime')] ?? require('./index.js')\n`),
    file(
      'isolate-api.js',
      `const runtime = globalThis[Symbol.for('@troupe/runtime')] ?? process.getBuiltinModule('node:module').createRequire(import.meta.url)('./index.js')
export const { ${exports.join(', ')} } = runtime
`,
    ),
  ]
}

/** msgpackr's main entry for Node tries to load its native addon; its `./pack` entry is the same code without that. */
const PLAIN_MSGPACKR = {
  name: 'plain-msgpackr',
  setup(build) {
    build.onResolve({ filter: /^msgpackr$/ }, ({ importer, resolveDir, kind }) =>
      build.resolve('msgpackr/pack', { importer, resolveDir, kind }),
    )
  },
}

/** Each source file becomes one output file, because the `import.meta.url` of an actor must be a file that an isolate can load. */
function actorsOptions() {
  const folder = join(root, 'packages/actors')
  const entryPoints = sourceFiles(join(folder, 'src'))
  if (entryPoints.length === 0) return undefined
  return { entryPoints, outbase: join(folder, 'src'), outdir: join(folder, 'dist'), packages: 'external', plugins: [KEEP_IMPORTS] }
}

const KEEP_IMPORTS = {
  name: 'keep-imports',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    )
  },
}

export function sourceFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file))
    .sort()
}

/** Replaces changed files one by one with a rename, so that a program that runs meanwhile never reads half a file. */
function writeOutputs(outdir, outputs) {
  let changed = 0
  for (const { path, contents } of outputs) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.${process.pid}.tmp`, contents)
    renameSync(`${path}.${process.pid}.tmp`, path)
    changed++
  }
  removeStale(outdir, new Set(outputs.map(({ path }) => path)))
  return changed
}

function removeStale(outdir, wanted) {
  for (const file of readdirSync(outdir, { recursive: true })) {
    const path = join(outdir, file)
    if (/\.(c?js|map)$/.test(file) && !wanted.has(path)) rmSync(path)
  }
}

/** Declarations are for the published packages only: inside the workspace the types of a package are its sources. */
function writeDeclarations() {
  for (const name of ['runtime', 'actors']) {
    const folder = join(root, 'packages', name)
    rmSync(join(folder, 'dist/types'), { recursive: true, force: true })
    const args = [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.build.json')]
    if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) throw new Error(`the declarations of ${name} have faults`)
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const startedMs = performance.now()
  try {
    const changed = await build()
    if (process.argv.includes('--types')) writeDeclarations()
    console.log(`built ${relative(process.cwd(), root) || '.'}: ${changed} files changed, ${Math.round(performance.now() - startedMs)} ms`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
