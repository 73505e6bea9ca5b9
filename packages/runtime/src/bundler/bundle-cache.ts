import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { scriptUrl } from '../base/script-url.ts'
import type { Bundle } from './bundle.ts'
import { packageOf, readJson } from './package-files.ts'

/**
 * What a bundle was made of. The user's own files are compared by content; those of packages, which are many, by size and time,
 * and only those of which something is left in it.
 */
interface Record {
  readonly bundle: string
  readonly own: readonly (readonly [path: string, hash: string])[]
  readonly packages: readonly (readonly [path: string, size: number, timeMs: number])[]
  /** Files that were not there, and would have mattered. */
  readonly absent: readonly string[]
}

/**
 * Bundles on disk, shared by all isolates, processes and later runs. Whoever finds a bundle finds the right one, because its
 * name has the hash of its content; a record beside it says of which files it was made.
 */
export class BundleCache {
  readonly #folders: readonly string[]
  readonly #key: string

  /** `folders`: where to look, and where to write: the first that can be written. `settings`: all that a bundle depends on but its files. */
  constructor(folders: readonly string[], settings: readonly string[]) {
    this.#folders = folders
    this.#key = hashOf(settings.join('\0'))
  }

  /** The URL of a bundle of that module that is as it would be made now. */
  find(file: string): string | undefined {
    for (const folder of this.#folders) {
      const record = readJson<Record>(join(folder, this.#recordName(file)))
      if (record !== undefined && existsSync(join(folder, record.bundle)) && isCurrent(record)) return urlOf(folder, record.bundle)
    }
    return undefined
  }

  /** The user's own files of which the bundle of that module was made; where nothing could be written only the module is known. */
  ownFiles(file: string): readonly string[] {
    const records = this.#folders.map((folder) => readJson<Record>(join(folder, this.#recordName(file))))
    return records.find((record) => record !== undefined)?.own.map(([path]) => path) ?? [file]
  }

  /** Writes it, and returns its URL. Where nothing can be written it is kept in memory: the URL holds it. */
  keep(file: string, bundle: Bundle): string {
    for (const folder of this.#folders) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeOnce(join(folder, bundle.name), bundle.code)
        writeWhole(join(folder, this.#recordName(file)), JSON.stringify(recordOf(file, bundle)))
        return urlOf(folder, bundle.name)
      } catch {}
    }
    return inMemory(file, bundle)
  }

  #recordName(file: string): string {
    return `${hashOf(`${this.#key}\0${file}`)}.json`
  }
}

/**
 * Near the actor first, so that a new install begins afresh. The folders in memory are for containers whose disk is
 * read-only. One that others could have filled is not used.
 */
export function cacheFolders(from: string, wanted: string | undefined): string[] {
  if (wanted !== undefined) return [wanted]
  // Not os.userInfo(): in a container a user may have a number and no name, and it throws then.
  const own = `troupe-${process.getuid?.() ?? 0}`
  const shared = [join(tmpdir(), own), join('/dev/shm', own)].filter((folder) => isOurs(folder))
  const near = nearestModules(from)
  return near === undefined ? shared : [join(near, '.cache', 'troupe'), ...shared]
}

function nearestModules(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return join(folder, 'node_modules')
    if (folder === dirname(folder)) return undefined
  }
}

function isOurs(folder: string): boolean {
  if (!existsSync(dirname(folder))) return false
  const stat = statSync(folder, { throwIfNoEntry: false })
  return stat === undefined || process.getuid === undefined || (stat.uid === process.getuid() && (stat.mode & 0o022) === 0)
}

function urlOf(folder: string, name: string): string {
  return pathToFileURL(join(folder, name)).href
}

function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function recordOf(file: string, { name, inputs, parts }: Bundle): Record {
  const { present, absent } = settingsOf(file, inputs)
  const isOwn = (path: string): boolean => packageOf(path) === undefined
  const ofPackages = new Set([...parts.map((part) => part.file), ...present].filter((path) => !isOwn(path)))
  return {
    bundle: name,
    own: [...new Set([...inputs, ...present].filter(isOwn))].map((path) => [path, hashOf(readFileSync(path))]),
    packages: [...ofPackages].map((path) => {
      const { size, mtimeMs } = statSync(path)
      return [path, size, mtimeMs]
    }),
    absent,
  }
}

/** The package.json of each package, and each package.json and tsconfig.json above the user's own modules. */
function settingsOf(file: string, inputs: readonly string[]): { present: string[]; absent: string[] } {
  const candidates = new Set<string>()
  for (const path of [file, ...inputs]) {
    const folder = packageOf(path)?.folder
    if (folder !== undefined) candidates.add(join(folder, 'package.json'))
    else
      for (let up = dirname(path); up !== dirname(up); up = dirname(up))
        for (const name of ['package.json', 'tsconfig.json']) candidates.add(join(up, name))
  }
  const all = [...candidates]
  return { present: all.filter((path) => existsSync(path)), absent: all.filter((path) => !existsSync(path)) }
}

function isCurrent({ own, packages, absent }: Record): boolean {
  return own.every(hasHash) && packages.every(hasStat) && !absent.some((path) => existsSync(path))
}

function hasHash([path, hash]: Record['own'][number]): boolean {
  try {
    return hashOf(readFileSync(path)) === hash
  } catch {
    return false
  }
}

function hasStat([path, size, timeMs]: Record['packages'][number]): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.size === size && stat.mtimeMs === timeMs
}

/** Two writers at once write the same; what lies there and is something else was damaged. */
function writeOnce(file: string, contents: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === contents) return
  writeWhole(file, contents)
}

/** Nobody ever reads half a file. */
function writeWhole(file: string, contents: string): void {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(temporary, contents)
  renameSync(temporary, file)
}

/**
 * Stacks name an ES module by the second URL, and not by the first, which is as long as the code; its source map is not read.
 * A CommonJS module is read by the isolate (node/thread-modules.ts).
 */
function inMemory(file: string, { format, code }: Bundle): string {
  if (format === 'cjs') return scriptUrl(`${file}.cjs`, code)
  const named = `${code}//# sourceURL=${pathToFileURL(file).href}.bundled\n`
  return `data:text/javascript;base64,${Buffer.from(named).toString('base64')}`
}
