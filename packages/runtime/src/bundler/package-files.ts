import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

const MODULES = `${sep}node_modules${sep}`

/** The package that a file belongs to, by the last `node_modules` in its path; undefined: it is the user's own. */
export interface PackageOf {
  readonly name: string
  readonly folder: string
}

export function packageOf(file: string): PackageOf | undefined {
  const at = file.lastIndexOf(MODULES)
  if (at === -1) return undefined
  const [first, second] = file.slice(at + MODULES.length).split(sep)
  if (first === undefined) return undefined
  const parts = first.startsWith('@') ? [first, second!] : [first]
  return { name: parts.join('/'), folder: join(file.slice(0, at + MODULES.length), ...parts) }
}

/** `@scope/name/sub` → `@scope/name`; undefined for paths and for imports with `#`. */
export function packageName(specifier: string): string | undefined {
  return /^(?:@[^/]+\/)?[^./@#][^/:]*(?=\/|$)/.exec(specifier)?.[0]
}

/** Where Node finds a package from a folder. */
export function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) return undefined
  }
}

type Dependencies = Readonly<Record<string, string>>
interface Manifest {
  readonly dependencies?: Dependencies
  readonly peerDependencies?: Dependencies
  readonly optionalDependencies?: Dependencies
}

/**
 * A package and all that it depends on, by name. Where one of them is not bundled none can be: there would be two instances of
 * it in one isolate, and what one has made would not be an instance of the other's class.
 */
export function withDependencies(name: string, from: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  const folder = findPackage(name, from)
  // One that is not installed, because it is for another machine or nobody wants it, is nowhere. The first one was named.
  if (folder !== undefined || found.size === 0) found.add(name)
  if (folder === undefined) return found
  const { dependencies, peerDependencies, optionalDependencies } = readJson<Manifest>(join(folder, 'package.json')) ?? {}
  for (const other of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) withDependencies(other, folder, found)
  return found
}

export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
