// A coverage provider of vitest: @vitest/coverage-v8, and actors. `coverage: { provider: 'custom', customProviderModule:
// '@troupe/runtime/vitest-coverage' }`; its other options are those of v8.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import v8 from '@vitest/coverage-v8'

/** What V8 says of one script: of each function, how often its parts have run. */
interface ScriptCoverage {
  readonly url: string
  readonly functions: readonly unknown[]
}

interface CoverageMap {
  merge(other: unknown): void
  filter(isWanted: (file: string) => boolean): void
}

/** Of vitest's provider, what is used or replaced here. */
interface Provider {
  name: string
  createCoverageMap(): CoverageMap
  isIncluded(file: string): boolean
  remapCoverage(
    url: string,
    wrapperLength: number,
    source: { code: string; map?: unknown },
    functions: readonly unknown[],
  ): Promise<unknown>
  convertCoverage(coverage: { result: readonly ScriptCoverage[] }, ...where: readonly unknown[]): Promise<CoverageMap>
}

/** Behind the URLs of what ran in isolates: Node ran it as it is, and not as vite has transformed it. */
const MARK = '?isolate'
/** What every isolate has loaded, and nobody else. */
const ISOLATE = '/isolate-entry.cjs'
const SOURCE_MAP = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/

/** Node's own variable: a thread writes its coverage into that folder when it ends. */
const VARIABLE = 'NODE_V8_COVERAGE'
/** Of this thread: isolates inherit it. */
let folder: string | undefined

/** In vitest's main thread: the other threads of a process heed the variable only if that one has it. */
function prepare(): void {
  const base = mkdtempSync(join(tmpdir(), 'troupe-coverage-'))
  process.env[VARIABLE] = base
  process.once('exit', () => rmSync(base, { recursive: true, force: true }))
}

/** In a thread of tests: nobody else reads what its isolates write. */
function begin(): void {
  process.env[VARIABLE] = folder ??= mkdtempSync(join(process.env[VARIABLE] ?? tmpdir(), 'thread-'))
}

/** Of all that have ended since the last time. */
function takeOfIsolates(): ScriptCoverage[] {
  if (folder === undefined) return []
  const taken = readdirSync(folder).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(folder!, file), 'utf8')) as { readonly result: readonly ScriptCoverage[] }
    rmSync(join(folder!, file))
    if (!result.some(({ url }) => url.endsWith(ISOLATE))) return []
    return result.filter(({ url }) => url.startsWith('file:')).map((script) => ({ ...script, url: `${script.url}${MARK}`, startOffset: 0 }))
  })
  // Scripts of packages are not asked for; bundles of actors lie in a folder of theirs.
  return taken.filter(({ url }) => !url.includes('/node_modules/') || url.includes('/.cache/troupe/'))
}

/** The script as Node has run it; undefined when it is not there any more. */
function sourceOf(url: string): { code: string; map?: unknown } | undefined {
  try {
    const code = readFileSync(fileURLToPath(url), 'utf8')
    const map = SOURCE_MAP.exec(code)?.[1]
    return map === undefined ? { code } : { code, map: JSON.parse(Buffer.from(map, 'base64').toString()) as unknown }
  } catch {
    return undefined
  }
}

/** Lines of an actor's sources, from what ran of its bundle. */
async function mergeIsolates(provider: Provider, into: CoverageMap, scripts: readonly ScriptCoverage[]): Promise<CoverageMap> {
  const map = provider.createCoverageMap()
  for (const { url, functions } of scripts) {
    const source = sourceOf(url)
    // Plain JavaScript that nobody asks for is not read.
    if (source === undefined || (source.map === undefined && !provider.isIncluded(fileURLToPath(url)))) continue
    map.merge(await provider.remapCoverage(url.slice(0, -MARK.length), 0, source, functions))
  }
  map.filter((file) => provider.isIncluded(file))
  into.merge(map)
  return into
}

const coverage: typeof v8 = {
  ...v8,
  startCoverage: (options) => {
    begin()
    return v8.startCoverage!(options)
  },
  takeCoverage: async (options) => {
    const { result } = (await v8.takeCoverage!(options)) as { readonly result: readonly ScriptCoverage[] }
    return { result: [...result, ...takeOfIsolates()] }
  },
  getProvider: async () => {
    prepare()
    const provider = await v8.getProvider()
    const inner = provider as unknown as Provider
    // By this name the threads of tests know which module to load.
    inner.name = 'custom'
    const convert = inner.convertCoverage.bind(inner)
    inner.convertCoverage = async ({ result }, ...where) => {
      const isolates = result.filter(({ url }) => url.endsWith(MARK))
      const others = result.filter(({ url }) => !url.endsWith(MARK))
      return mergeIsolates(inner, await convert({ result: others }, ...where), isolates)
    }
    return provider
  },
}

// biome-ignore lint/style/noDefaultExport: vitest asks for one.
export { coverage as default }
