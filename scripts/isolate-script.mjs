// Builds what isolates run besides their actors, as two scripts: what every actor runs, and what is evaluated when something of it
// is wanted for the first time (packages/runtime/src/node/later-part.ts). In the sources nothing shows of it: an import of one of
// LATER is a name like any other.
import { join, relative } from 'node:path'

/** With each of these goes what nobody else imports. Not what an actor ends with, and no class that another one extends. */
const LATER = [
  'actor/deferred-reply.ts',
  'actor/giving.ts',
  'actor/stashing.ts',
  'base/start-cures.ts',
  'codec/class-registry.ts',
  'codec/copier.ts',
  'codec/frozen/freeze.ts',
  'codec/packer.ts',
  'codec/refusal.ts',
  'codec/reviver.ts',
  'codec/shared.ts',
  'mailbox/queue.ts',
  'node/machine.ts',
  'node/platform.ts',
  'node/rehearsal.ts',
  'queue/held-record.ts',
  'queue/held-records.ts',
  'queue/shared-queue.ts',
  'queue/wait-graph.ts',
  'ref/group.ts',
  'ref/incoming-stream.ts',
  'ref/passed-iterable.ts',
  'ref/received-iterable.ts',
  'ref/router.ts',
  'ref/stream-calls.ts',
  'ref/stream-items.ts',
  'supervisor/actor-place.ts',
  'supervisor/actors-in.ts',
  'supervisor/child-spec.ts',
  'supervisor/partition-spec.ts',
  'supervisor/supervisor-ref.ts',
  'supervisor/wire-spec.ts',
  'system/actor-system.ts',
  'system/pino-sink.ts',
]

/**
 * @param sources the folder that the names of LATER are in
 * @param options of the script as if it were one
 */
export async function buildIsolateScripts(esbuild, sources, options) {
  const [[name, entry]] = Object.entries(options.entryPoints)
  const fileOf = (path) => relative(sources, join(options.absWorkingDir, path)).replaceAll('\\', '/')
  const core = { ...options, metafile: true, plugins: [laterImports(sources), ...options.plugins] }
  const draft = Object.values((await esbuild.build(core)).metafile.outputs)[0]
  const isInCore = (path) => (draft.inputs[path]?.bytesInOutput ?? 0) > 0
  const unused = LATER.filter((file) => !draft.imports.some(({ path }) => path === `later:${file}`))
  if (unused.length > 0) throw new Error(`scripts/isolate-script.mjs: what every isolate runs does not import ${unused.join(', ')}`)
  const values = await exportsOf(esbuild, options, Object.keys(draft.inputs).filter(isInCore))
  const later = await esbuild.build({
    ...options,
    entryPoints: { 'isolate-later': 'modules' },
    banner: { js: '(function (core, require, module, runtimeUrl) {' },
    plugins: [text('modules', sources, laterModules()), coreImports(options.absWorkingDir, values), ...options.plugins],
  })
  const used = renumbered(later.outputFiles[0], values)
  const contents = `export * from ${JSON.stringify(entry)}\n${coreValues(used, fileOf)}`
  const whole = await esbuild.build({
    ...core,
    entryPoints: { [name]: 'modules' },
    plugins: [text('modules', sources, contents), ...core.plugins],
  })
  return { metafile: whole.metafile, outputFiles: [...whole.outputFiles, ...later.outputFiles] }
}

/** Numbers only what is used. */
function renumbered(output, values) {
  const numbers = [...output.text.matchAll(CORE_VALUE)].map(([, number]) => Number(number)).sort((a, b) => a - b)
  output.contents = Buffer.from(output.text.replaceAll(CORE_VALUE, (_, number) => `core(${numbers.indexOf(Number(number))})`))
  return numbers.map((number) => values[number])
}

const CORE_VALUE = /\bcore\(\s*(\d+)\s*\)/g

/** An entry that is not a file. */
function text(name, resolveDir, contents) {
  return {
    name,
    setup: (build) => {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }))
      build.onLoad({ filter: /.*/, namespace: name }, () => ({ contents, resolveDir }))
    },
  }
}

/** esbuild copies what an `import *` gives, and nothing is there yet. */
const REQUIRED = /__toESM\(\s*require\(\s*"later:([^"]+)"\s*\)\s*(?:,1)?\)|require\(\s*"later:([^"]+)"\s*\)/g

/** `var import_router = later("ref/router.ts")`, whose exports are read where they are used. */
function laterImports(sources) {
  const files = new Map(LATER.map((file) => [join(sources, file), file]))
  return {
    name: 'later-imports',
    setup(build) {
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
        const file = files.get(join(resolveDir, path))
        return file === undefined ? undefined : { path: `later:${file}`, external: true }
      })
      build.onEnd(({ outputFiles = [] }) => {
        for (const file of outputFiles) file.contents = Buffer.from(file.text.replaceAll('\\\n', '').replaceAll(REQUIRED, 'later("$1$2")'))
      })
    },
  }
}

function laterModules() {
  const imports = LATER.map((file, i) => `import * as m${i} from './${file}'`)
  return `${imports.join('\n')}\nexport const modules = { ${LATER.map((file, i) => `'${file}': m${i}`).join(', ')} }`
}

/** What is in the core already is asked for there. By then it has been evaluated. */
function coreImports(root, values) {
  const files = new Set(values.map(({ path }) => path))
  return {
    name: 'core-imports',
    setup(build) {
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
        const file = relative(root, join(resolveDir, path)).replaceAll('\\', '/')
        return files.has(file) ? { path: file, namespace: 'core' } : undefined
      })
      build.onLoad({ filter: /.*/, namespace: 'core' }, ({ path }) => {
        const lines = values.map((value, i) => (value.path === path ? `export const ${value.of} = /* @__PURE__ */ core(${i})` : ''))
        return { contents: lines.join('\n') }
      })
    },
  }
}

/** What each of these files exports. */
async function exportsOf(esbuild, { absWorkingDir, outdir }, files) {
  const { metafile } = await esbuild.build({ absWorkingDir, outdir, entryPoints: files, write: false, metafile: true })
  return Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) => exports.map((of) => ({ path: entryPoint, of })))
}

function coreValues(used, fileOf) {
  const imports = used.map(({ path, of }, i) => `import { ${of} as c${i} } from './${fileOf(path)}'`)
  return `${imports.join('\n')}\nexport const core = () => [${used.map((_, i) => `c${i}`).join(', ')}]`
}
