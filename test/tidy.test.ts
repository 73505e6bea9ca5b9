import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// ————— The rules. This part is the architecture diagram. —————

/** A file of packages/runtime/src/<layer>/ imports its own folder or one further up in this list. */
const LAYERS = ['base', 'queue', 'codec', 'mailbox', 'isolate', 'ref', 'supervisor', 'actor', 'system']
/** Above all layers and beside each other: an edge never imports another edge. Files of src/ itself put them together. */
const EDGES = ['node', 'bundler']

/** Who may import what is not ours. The first row that matches decides; what matches none is forbidden. */
const OWNERS = [
  { module: /^node:worker_threads$/, layers: ['node'] },
  // For types only: what an actor's child process is.
  { module: /^node:child_process$/, layers: ['node', 'bundler', 'actor'] },
  { module: /^node:/, layers: ['node', 'bundler'] },
  { module: /^msgpackr(\/|$)/, layers: ['codec'] },
  { module: /^comlink$/, layers: ['ref'] },
  { module: /^@opentelemetry\/api$/, layers: ['ref'] },
  { module: /^esbuild$/, layers: ['bundler'] },
  { module: /^@vitest\/coverage-v8$/, layers: ['bundler'] },
]

/** Calls with their owners, and what everybody else uses. */
const BANNED = [
  { call: /\bAtomics\./, except: ['queue'], use: 'the words in queue/atomics.ts' },
  { call: /\bset(Timeout|Interval)\(/, except: EDGES, use: 'Clock.after (base/clock.ts)' },
  { call: /\b(Date|performance)\.now\(/, except: EDGES, use: 'Clock.nowMs (base/clock.ts)' },
  { call: /\bconsole\./, except: EDGES, use: 'an event (base/events.ts) or an error (base/errors.ts)' },
  { call: /\bprocess\./, except: EDGES, use: 'a function or a value passed down by the edge' },
]

/** What users and isolates load. Nobody imports these files. */
const ENTRIES = [
  'packages/runtime/src/index.ts',
  'packages/runtime/src/ref/comlink.ts',
  'packages/runtime/src/ref/open-telemetry.ts',
  'packages/runtime/src/isolate-entry.ts',
  'packages/runtime/src/isolate-runtime.ts',
  'packages/runtime/src/control-entry.ts',
  'packages/runtime/src/rehearsal-entry.ts',
  'packages/runtime/src/cli.ts',
  'packages/runtime/src/bundler/esbuild-plugin.ts',
  'packages/runtime/src/bundler/vite-plugin.ts',
  'packages/runtime/src/bundler/vitest-coverage.ts',
  'packages/actors/src/index.ts',
]
/** The public entries: the only files that may export what another file declares. */
const MAY_REEXPORT = ENTRIES.filter((path) => path.endsWith('/index.ts'))

const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 90

// ————— How they are checked. Each rule takes sources and gives faults, so that the last test can show each of them one. —————

interface Source {
  /** From the root of the project, with forward slashes. */
  readonly path: string
  readonly text: string
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const runtime = read('packages/runtime/src')
const actors = read('packages/actors/src')
const examples = read('packages/examples')
const everything = [...runtime, ...actors, ...examples, ...read('test'), ...read('bench'), ...read('scripts')]

function read(folder: string): Source[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((path) => /\.m?[tj]s$/.test(path) && !/\/(node_modules|dist)\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** `queue` for packages/runtime/src/queue/…, and '' for the files of src/ itself. */
function layerOf(path: string): string {
  return /^packages\/runtime\/src\/([^/]+)\//.exec(path)?.[1] ?? ''
}

function heightOf(layer: string): number {
  if (layer === '') return LAYERS.length + 1
  return EDGES.includes(layer) ? LAYERS.length : LAYERS.indexOf(layer)
}

const IMPORT = /^(?:import|export|\}).*? from '([^']+)'|^import '([^']+)'|\bimport\(\s*'([^']+)'/gm

function importsOf({ text }: Source): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3])!)
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

/** The path that a relative import means. */
function targetOf({ path }: Source, specifier: string): string {
  return relative(root, join(root, dirname(path), specifier)).replaceAll('\\', '/')
}

/** Lines keep their numbers. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, '')).replaceAll(/(^|[\s;,{}()])\/\/.*$/gm, '$1')
}

/** Texts may name what code may not call; what a template computes stays. */
function withoutTexts(line: string): string {
  return line.replaceAll(/'[^']*'/g, "''").replaceAll(/`[^`]*`/g, (template) => template.match(/\$\{[^}]*\}/g)?.join(' ') ?? '')
}

function faultsPerLine(source: Source, faultOf: (line: string) => string | undefined): string[] {
  return withoutComments(source.text)
    .split('\n')
    .flatMap((line, i) => {
      const fault = faultOf(line)
      return fault === undefined ? [] : [`${source.path}:${i + 1} ${fault}`]
    })
}

function upwardImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const from = layerOf(source.path)
    if (heightOf(from) === -1) return [`${source.path} lies in ${from}/, which is no layer`]
    return importsOf(source)
      .filter(isRelative)
      .map((specifier) => layerOf(targetOf(source, specifier)))
      .filter((to) => to !== from && heightOf(to) >= heightOf(from))
      .map((to) => `${source.path} imports ${to === '' ? 'src/' : to}: ${from} is not above it`)
  })
}

function foreignImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((specifier) => !isRelative(specifier))
      .filter((specifier) => !OWNERS.find(({ module }) => module.test(specifier))?.layers.includes(layerOf(source.path)))
      .map((specifier) => `${source.path} imports ${specifier}: ${layerOf(source.path) || 'src/'} is not its owner`),
  )
}

function bannedCalls(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const rules = BANNED.filter(({ except }) => !except.includes(layerOf(source.path)))
    return faultsPerLine(source, (line) => {
      const rule = rules.find(({ call }) => call.test(withoutTexts(line)))
      return rule && `has ${rule.call.exec(line)?.[0]}: use ${rule.use}`
    })
  })
}

function orphans(sources: readonly Source[]): string[] {
  const imported = new Set(sources.flatMap((source) => importsOf(source).map((specifier) => targetOf(source, specifier))))
  return sources.map(({ path }) => path).filter((path) => !imported.has(path) && !ENTRIES.includes(path))
}

function missingTargets(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map(({ path }) => path))
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((specifier) => isRelative(specifier) && !paths.has(targetOf(source, specifier)))
      .map((specifier) => `${source.path} imports ${specifier}: no such file in its own package`),
  )
}

function looseExports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const mayReexport = MAY_REEXPORT.includes(source.path)
    const reexports = /^export (type )?\{[^}]*\} from /m.test(withoutComments(source.text))
    return [
      ...faultsPerLine(source, (line) => (/^export default\b/.test(line) ? 'has a default export' : undefined)),
      ...faultsPerLine(source, (line) => (/^export (type )?\*/.test(line) ? 'exports *' : undefined)),
      ...(reexports && !mayReexport ? [`${source.path} exports what another file declares: import it from there`] : []),
    ]
  })
}

function openEnds(sources: readonly Source[]): string[] {
  // Put together here, so that this file does not find itself.
  const mark = new RegExp(`\\b(${['TO', 'FIX'].map((word, i) => word + ['DO', 'ME'][i]).join('|')})\\b`)
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => (mark.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  )
}

function longFiles(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines`)
}

const FUNCTION_START = /(\bfunction\b.*|=>|^\s*(?!(?:if|for|while|switch|catch|else)\b)[\w#$[\].*<> ]+\(.*\).*|^\s*\).*)\{$/

/** The formatter puts the end of a function at the indent of its start: no parser is needed. */
function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = withoutComments(text).split('\n')
    return lines.flatMap((line, start) => {
      if (!FUNCTION_START.test(line)) return []
      const indent = /^\s*/.exec(line)![0]
      const length = lines.slice(start + 1).findIndex((other) => other.startsWith(`${indent}}`)) + 2
      return length > FUNCTION_LINES_MAX ? [`${path}:${start + 1} has ${length} lines: ${line.trim()}`] : []
    })
  })
}

/** What actors need of Node itself: how many processors there are. */
const FOR_ACTORS = ['node:os']

function foreignToActors(sources: readonly Source[], libraries: readonly string[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((specifier) => !isRelative(specifier) && ![...libraries, ...FOR_ACTORS].includes(specifier))
      .map((specifier) => `${source.path} imports ${specifier}: actors are built on @troupe/runtime and listed libraries only`),
  )
}

function deepImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((specifier) => /packages\/(runtime|actors)\/|(^|\/)(runtime|actors)\/(src|dist)\//.test(specifier))
      .map((specifier) => `${source.path} imports ${specifier}: an example uses what users use`),
  )
}

function manifest(folder: string): Record<'dependencies' | 'devDependencies', Record<string, string> | undefined> {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

// ————— The tests. —————

test('tidy: no file imports upwards, and no edge imports another', () => {
  expect(upwardImports(runtime)).toEqual([])
})

test('tidy: node:*, msgpackr, Comlink and esbuild are imported by their owners only', () => {
  expect(foreignImports(runtime)).toEqual([])
})

test('tidy: inner layers have no timer, clock, console or atomics of their own', () => {
  expect(bannedCalls(runtime)).toEqual([])
})

test('tidy: every source file is imported by another or is an entry', () => {
  expect([...orphans(runtime), ...orphans(actors)]).toEqual([])
  expect([...missingTargets(runtime), ...missingTargets(actors)]).toEqual([])
})

test('tidy: no default exports, no `export *`, and re-exports in public entries only', () => {
  expect(looseExports([...runtime, ...actors, ...examples])).toEqual([])
})

test('tidy: actors import the public entry of the runtime and their listed libraries only', () => {
  expect(foreignToActors(actors, Object.keys(manifest('packages/actors').dependencies ?? {}))).toEqual([])
})

test('tidy: examples import what users import', () => {
  expect(deepImports(examples)).toEqual([])
})

test('tidy: nothing is left open', () => {
  expect(openEnds(everything)).toEqual([])
})

test('tidy: files and functions are short', () => {
  expect(longFiles([...runtime, ...actors, ...examples])).toEqual([])
  expect(longFunctions([...runtime, ...actors, ...examples])).toEqual([])
})

test('tidy: versions are exact', () => {
  const folders = ['.', 'packages/runtime', 'packages/actors', 'packages/examples']
  const versions = folders.flatMap((folder) => Object.entries({ ...manifest(folder).dependencies, ...manifest(folder).devDependencies }))
  expect(versions.filter(([, version]) => !/^(\d+\.\d+\.\d+|workspace:\*)$/.test(version))).toEqual([])
})

test('tidy: each rule finds its fault', () => {
  const file = (path: string, text: string): Source[] => [{ path: `packages/runtime/src/${path}`, text }]
  const long = `export function f() {\n${'  g()\n'.repeat(FUNCTION_LINES_MAX)}}\n`
  const faults = {
    upward: upwardImports(file('queue/a.ts', "import type { B } from '../mailbox/b.ts'")),
    dynamic: upwardImports(file('queue/a.ts', "const b = await import('../mailbox/b.ts')")),
    multiline: upwardImports(file('queue/a.ts', "import {\n  b,\n} from '../mailbox/b.ts'")),
    edge: upwardImports(file('node/a.ts', "import { b } from '../bundler/b.ts'")),
    noLayer: upwardImports(file('utils/a.ts', '')),
    foreign: foreignImports(file('ref/a.ts', "import { Packr } from 'msgpackr'")),
    unknown: foreignImports(file('node/a.ts', "import _ from 'lodash'")),
    threads: foreignImports(file('testing/a.ts', "import { Worker } from 'node:worker_threads'")),
    atomics: bannedCalls(file('mailbox/a.ts', 'Atomics.load(words, 0)')),
    template: bannedCalls(file('system/a.ts', `text = \`now \${Date.now()}\``)),
    timer: bannedCalls(file('system/a.ts', 'setTimeout(f, 1)')),
    orphan: orphans(file('base/a.ts', '')),
    missing: missingTargets(file('base/a.ts', "import { b } from './b.js'")),
    byDefault: looseExports(file('base/a.ts', 'export default 1')),
    star: looseExports(file('index.ts', "export * from './base/a.ts'")),
    reexport: looseExports(file('base/a.ts', "export {\n  b,\n} from './b.ts'")),
    open: openEnds(file('base/a.ts', `// ${'TO'}${'DO'}: later`)),
    longFile: longFiles(file('base/a.ts', 'f()\n'.repeat(FILE_LINES_MAX + 1))),
    longFunction: longFunctions(file('base/a.ts', long)),
    actor: foreignToActors(file('a.ts', "import { x } from '@troupe/runtime/testing'"), ['@troupe/runtime']),
    example: deepImports(file('a.ts', "import { x } from '../../runtime/src/index.ts'")),
  }
  expect(Object.entries(faults).filter(([, found]) => found.length !== 1)).toEqual([])
  expect(
    bannedCalls(file('base/a.ts', "text = 'setTimeout() ' + `process.exit()`\n// setTimeout( is not called here\n/* nor\n console.log */")),
  ).toEqual([])
})
