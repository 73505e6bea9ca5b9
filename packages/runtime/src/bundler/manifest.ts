import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuiltActor } from './actor-builder.ts'
import { deferredName } from './actor-modules.ts'
import { readJson } from './package-files.ts'

const MANIFEST = 'troupe.json'
const VERSION = 1

/** What `troupe build` writes beside the bundles. */
interface Manifest {
  readonly version: number
  /** From the manifest's folder to the one that modules are named from. */
  readonly root: string
  /** Where that was when it was built: bundlers write such URLs into a host. */
  readonly builtIn: string
  /** The bundle of each module. */
  readonly actors: Readonly<Record<string, string>>
}

/** Writes the manifest; bundles of an earlier build that are not in this one are removed. */
export function writeManifest(folder: string, root: string, built: readonly BuiltActor[]): void {
  const file = join(folder, MANIFEST)
  const before = Object.values(readJson<Manifest>(file)?.actors ?? {})
  const names = new Set(built.map(({ name }) => name))
  for (const name of before)
    if (!names.has(name)) for (const each of [name, deferredName(name)]) rmSync(join(folder, each), { force: true })
  const path = (to: string, from: string): string => relative(from, to).split(sep).join('/')
  const manifest: Manifest = {
    version: VERSION,
    root: path(root, folder) || '.',
    builtIn: pathToFileURL(`${root}/`).href,
    actors: Object.fromEntries(built.map(({ file: module, name }) => [path(module, root), name])),
  }
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** The actors of a folder that `troupe build` has written. */
export class BuiltActors {
  readonly #folder: string
  readonly #manifest: Manifest

  /** @throws with what to do, where there is no such folder */
  constructor(place: string) {
    this.#folder = resolve(place.startsWith('file:') ? fileURLToPath(place) : place)
    this.#manifest = readManifest(this.#folder)
  }

  /** The URL of the bundle of a module. JavaScript that was not built is imported as it is. */
  urlOf(module: string): string {
    const url = (name: string): string => pathToFileURL(join(this.#folder, name)).href
    const roots = [pathToFileURL(`${join(this.#folder, this.#manifest.root)}/`).href, this.#manifest.builtIn]
    for (const root of roots) {
      const name = module.startsWith(root) ? this.#manifest.actors[decodeURI(module.slice(root.length))] : undefined
      if (name !== undefined) return url(name)
    }
    if (!/\.[cm]?tsx?$/.test(module)) return module
    const known = Object.keys(this.#manifest.actors)
    const what = `${module} is not among the actors that troupe build wrote to ${this.#folder}.`
    const moved = known.find((name) => decodeURI(module).endsWith(`/${name}`))
    if (moved === undefined) throw new Error(`${what} It has: ${known.join(', ')}. Build that one too.`)
    throw new Error(
      `${what} It has ${moved} of another place: by where it lies, modules are named from ${join(this.#folder, this.#manifest.root)}. Move that folder only together with the service, or build into one of the service's own.`,
    )
  }
}

function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST)
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch (error) {
    throw new Error(`bundle.built names ${folder}, and ${MANIFEST} cannot be read there. Write it: npx troupe build … --out ${folder}`, {
      cause: error,
    })
  }
  if (manifest.version === VERSION) return manifest
  throw new Error(`${file} was written by another version of troupe build. Build the actors again.`)
}
