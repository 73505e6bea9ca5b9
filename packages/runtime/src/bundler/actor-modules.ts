import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { DEFERRED } from '../base/script-url.ts'
import { packageOf } from './package-files.ts'

export type Loader = 'ts' | 'tsx' | 'js' | 'jsx'

const SOURCE = /\.[cm]?[jt]sx?$/
const DECLARATION = /\.d\.[cm]?ts$/
/** A class that is an actor, or says where an isolate finds it. */
const HAS_ACTOR = /\bclass\s+\w+\s+extends\s+Actor\b|\bstatic\s+(?:override\s+)?(?:readonly\s+)?module\b/
const OWN_PLACE = /(\bstatic\s+(?:override\s+)?(?:readonly\s+)?module\b[^=;{}]*=\s*)(?:import\.meta\.url|__filename)/g
const OTHER_PLACE = /\bnew\s+URL\(\s*(['"`])(\.{1,2}\/[^'"`$]+)\1\s*,\s*import\.meta\.url\s*\)/g

export function isActorModule(file: string): boolean {
  return (
    SOURCE.test(file) &&
    !DECLARATION.test(file) &&
    packageOf(file) === undefined &&
    existsSync(file) &&
    HAS_ACTOR.test(readFileSync(file, 'utf8'))
  )
}

/** A file, or all modules of actors in a folder and those in it. */
export function actorModulesIn(path: string): string[] {
  const full = resolve(path)
  if (!statSync(full).isDirectory()) return [full]
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.split(sep).includes('node_modules'))
    .map((name) => join(full, name))
    .filter(isActorModule)
    .sort()
}

/** A file name that stays the same when the code changes: `src/actors/counter.ts` → `src-actors-counter.mjs`. */
export function bundleName(file: string, root: string): string {
  const name = relative(root, file).slice(0, -extname(file).length)
  return `${name.replaceAll(/[^\w]+/g, '-').replace(/^-+/, '')}.mjs`
}

/** What lies beside a bundle that was written, where it can be a function: `src-actors-counter.deferred.cjs`. */
export function deferredName(bundle: string): string {
  return bundle.replace(/\.mjs$/, DEFERRED)
}

/** `new URL('./indexer.ts', import.meta.url)` of an actor's module becomes what `urlOf` says, if it says something. */
export function withActorUrls(source: string, file: string, urlOf: (actor: string) => string | undefined): string {
  return source.replaceAll(OTHER_PLACE, (written: string, _: string, path: string) => urlOf(join(dirname(file), path)) ?? written)
}

/** Also `static readonly module = import.meta.url`, for the code of a host. */
export function withPlaces(source: string, file: string, urlOf: (actor: string) => string | undefined): string {
  const own = isActorModule(file) ? urlOf(file) : undefined
  return withActorUrls(own === undefined ? source : source.replaceAll(OWN_PLACE, `$1${own}`), file, urlOf)
}

export function loaderOf(path: string): Loader {
  if (/\.tsx$/.test(path)) return 'tsx'
  if (/\.jsx$/.test(path)) return 'jsx'
  return /\.[cm]?ts$/.test(path) ? 'ts' : 'js'
}
