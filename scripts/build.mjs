// Builds dist/ of @troupe/runtime and @troupe/actors. Fast enough (well under a second) to run before every test.
// `--types`: the declarations too, for publishing.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Output name → source. All outputs lie side by side, so that `new URL('./isolate-entry.js', import.meta.url)` means the same in each. */
const RUNTIME_ENTRIES = [
  {
    index: 'src/index.ts',
    'isolate-entry': 'src/isolate-entry.ts',
    'rehearsal-entry': 'src/rehearsal-entry.ts',
    testing: 'src/testing/index.ts',
  },
  // No actor is loaded where it runs, so it need not share files with the others: each file costs at a start.
  { 'control-entry': 'src/control-entry.ts' },
]

const COMMON = {
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
  const builds = [...RUNTIME_ENTRIES.map(runtimeOptions), actorsOptions()].filter((options) => options !== undefined)
  try {
    const results = await Promise.all(builds.map((options) => esbuild.build({ ...COMMON, ...options })))
    const folders = [...new Set(builds.map(({ outdir }) => outdir))]
    const outputsIn = (folder) => results.filter((_, i) => builds[i].outdir === folder).flatMap(({ outputFiles }) => outputFiles)
    return folders.reduce((sum, folder) => sum + writeOutputs(folder, outputsIn(folder)), 0)
  } finally {
    await esbuild.stop()
  }
}

function runtimeOptions(entries) {
  const folder = join(root, 'packages/runtime')
  const entryPoints = Object.fromEntries(
    Object.entries(entries)
      .map(([name, file]) => [name, join(folder, file)])
      .filter(([, file]) => existsSync(file)),
  )
  if (Object.keys(entryPoints).length === 0) return undefined
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return {
    entryPoints,
    outdir: join(folder, 'dist'),
    // An isolate's entry and the actor it loads must share one Actor class, so shared code goes into shared files.
    splitting: true,
    // Dependencies stay outside; what is a devDependency (msgpackr) is bundled.
    external: Object.keys(dependencies),
    plugins: [PLAIN_MSGPACKR],
  }
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
    if (/\.(js|map)$/.test(file) && !wanted.has(path)) rmSync(path)
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
